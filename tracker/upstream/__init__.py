"""Receive platforms' webhooks: each notice is stored as it arrived before it is acted on; platforms/ parses them."""
