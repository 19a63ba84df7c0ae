"""Signing in by an e-mail with a code, or by a sign-in ticket from a restaurant's shop."""
