"""The error for something that the machine lacks. Its sentence names it and how to install it."""


class MissingOnThisMachine(Exception):
    """Tests never catch this error: something missing is a failure, not a skip."""
