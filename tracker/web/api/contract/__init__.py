"""Lenient readers of what programs send to our API in the vocabulary of Open Dining's real-time contract."""
