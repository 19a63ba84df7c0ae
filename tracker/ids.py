"""Identifiers in the form of Open Dining's: 24 hexadecimal digits, of which the first eight are the time in seconds."""

import re
import secrets
from datetime import datetime

ID_PATTERN = "[0-9a-f]{24}"
"""The form of an identifier as a regular expression, for use inside other expressions."""
ID = re.compile(ID_PATTERN)


def new_id(now: datetime) -> str:
    """Return a new identifier of 24 hexadecimal digits: 32 bits of time and 64 random bits."""
    return f"{int(now.timestamp()):08x}{secrets.token_hex(8)}"


def is_id(text: str) -> bool:
    """Return whether the text has the form of an identifier."""
    return ID.fullmatch(text) is not None
