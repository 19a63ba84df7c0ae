"""Tracker: customers watch their restaurant order live. The parts meet in application.py; nothing is imported here, so
that the engine's process holds the engine and no more.
"""
