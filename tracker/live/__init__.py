"""The way out: which event becomes which message on which channel, who may listen, and the outbox."""
