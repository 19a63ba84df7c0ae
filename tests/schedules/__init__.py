"""The proof that nothing is lost, doubled or disordered, whatever is shuffled, repeated, late or killed on the way."""
