"""Tests of the way in: platforms' notices, and what they become."""
