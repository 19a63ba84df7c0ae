"""Helpers of tests/test_tiers.py, which checks what of an order the tiers owner, guest and widget are shown."""
