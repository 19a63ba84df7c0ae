"""Proof that of two acts at the same instant one comes first, for everybody: with two web processes and the clock."""
