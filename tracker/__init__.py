"""Tracker lets the customers of restaurants watch their orders live.

This package imports nothing itself, so that the engine's process loads only the engine. application.py assembles the
rest.
"""
