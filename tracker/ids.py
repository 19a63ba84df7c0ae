"""Identifiers that look like the contract's: 24 hexadecimal digits, the first eight the second of their making."""

import re
import secrets
from datetime import datetime

ID_PATTERN = "[0-9a-f]{24}"
"""One of our identifiers as a regular expression, to be a part of others."""
ID = re.compile(ID_PATTERN)


def new_id(now: datetime) -> str:
    """A new identifier of 24 hexadecimal digits: 32 bits of time, 64 bits that nobody can guess."""
    return f"{int(now.timestamp()):08x}{secrets.token_hex(8)}"


def is_id(text: str) -> bool:
    """Whether the text has the form of one of our identifiers."""
    return ID.fullmatch(text) is not None
