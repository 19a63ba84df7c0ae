"""Publishing: which event becomes which message on which channel, who may subscribe, and the outbox."""
