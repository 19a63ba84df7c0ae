"""The proof that nothing is lost, doubled or disordered, whatever is shuffled, repeated, delayed or killed on the way."""
