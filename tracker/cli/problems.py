"""What keeps a command from being done, in a sentence for whoever called it."""


class Problem(Exception):
    """The command can't be done; the text says why."""
