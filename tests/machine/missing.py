"""The one error for something the machine should have: its sentence says what is missing and how to get it."""


class MissingOnThisMachine(Exception):
    """Never caught by tests: what is missing is a failure, not a skip."""
