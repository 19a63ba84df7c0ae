"""Whose it is: restaurants and their platform accounts, applications, customers, tokens, sign-in."""
