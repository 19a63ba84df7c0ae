"""Flipdish order webhooks: authenticating, parsing and translating them into platform events."""
