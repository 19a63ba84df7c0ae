"""Signing in: by an e-mail with a code, or by a ticket from a restaurant's shop."""
