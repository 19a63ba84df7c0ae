"""Whose it is: restaurants and their connections, applications, customers, tokens, sign-in."""
