"""Proof that no message is lost, doubled or out of order, whatever is shuffled, repeated, late or killed on the way."""
