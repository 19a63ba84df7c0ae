"""The operator's commands and their output."""

import json
from collections.abc import Callable

Tracker = Callable[..., tuple[int, str, str]]
"""Runs a command and returns its exit code, standard output and standard error."""

RESTAURANT = {"name": "Bella Napoli", "zone": "Europe/Dublin", "currency": "EUR", "locale": "en-IE"}


def options(**values: str) -> list[str]:
    """Return the values as options of a command."""
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def parse_output(result: tuple[int, str, str]) -> dict[str, str]:
    """Return the JSON output of a command, which must have succeeded."""
    code, text, errors = result
    assert (code, errors) == (0, "")
    output: dict[str, str] = json.loads(text)
    return output
