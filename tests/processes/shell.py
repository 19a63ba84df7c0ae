"""Commands as an operator types them, and what they say."""

import json
from collections.abc import Callable

Tracker = Callable[..., tuple[int, str, str]]
"""Runs a command; its exit code, what it says, and what it complains of."""

RESTAURANT = {"name": "Bella Napoli", "zone": "Europe/Dublin", "currency": "EUR", "locale": "en-IE"}


def options(**values: str) -> list[str]:
    """The values as a command takes them."""
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def parse_output(ended: tuple[int, str, str]) -> dict[str, str]:
    """What a command that went well has told."""
    code, said, complaint = ended
    assert (code, complaint) == (0, "")
    told: dict[str, str] = json.loads(said)
    return told
