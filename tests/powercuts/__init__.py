"""The proof that a power cut loses nothing that we acknowledged and tears nothing: recorded once, cut at any moment."""
