"""Proof that a power cut loses nothing that was acknowledged and tears nothing: recorded once, cut at any moment."""
