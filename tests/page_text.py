"""What a page says, as a person or a searching test reads it."""

import re
from html import unescape

_DRAWN = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])|(?<![\w-])(?:[\w-]{24}|[\w-]{43})(?![\w-])")
"""Ids, nonces and secrets: their alphabets and lengths."""


def words_of(html: str) -> str:
    """What a person reads, in one line."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))).strip()


def not_drawn(text: str) -> str:
    """A text without what is drawn by lot: sooner or later any short word stands in a secret, any number in an id."""
    return _DRAWN.sub("…", text)
