"""The visible text of a page, for tests that look for words in it."""

import re
from html import unescape

_RANDOM = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])|(?<![\w-])(?:[\w-]{24}|[\w-]{43})(?![\w-])")
"""Matches ids, nonces and secrets by their alphabets and lengths."""


def words_of(html: str) -> str:
    """Return the text that a person reads, in one line."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))).strip()


def not_drawn(text: str) -> str:
    """Return a text without its random parts, because a secret or an id may contain any short word or number."""
    return _RANDOM.sub("…", text)
