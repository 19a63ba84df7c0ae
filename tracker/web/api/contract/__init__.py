"""Reading what a restaurant's program sends to our API in the vocabulary of the real-time contract, leniently."""
