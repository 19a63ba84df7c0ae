"""Restaurants, staff, platform accounts, applications and customers, and how they prove who they are."""
