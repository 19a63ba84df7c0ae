"""Whether the text of a setting has the form that it must have. What it names need not exist."""

import re
from email.policy import SMTP
from urllib.parse import urlsplit

POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
"""Schemes of a PostgreSQL database's URL; the first is the one that names our driver."""
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
"""The names of the machine that we run on, for itself."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ORIGIN = re.compile(r"[a-z]+://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.ASCII | re.IGNORECASE)
"""It stands in a header of ours, where a line of another kind would be the end of the answer."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_origin(text: str) -> bool:
    """Whether it is like https://shop.example.com or http://localhost:3000: no path, no name and password. A name in
    other letters than these is said as browsers do, xn--…"""
    return bool(_ORIGIN.fullmatch(text)) and has_host(text, "http", "https")


def normalise_origin(origin: str) -> str:
    """The same origin (or address of which it is the origin), so that it can be compared letter by letter."""
    address = urlsplit(origin)
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    is_default = address.port in (None, _DEFAULT_PORTS[address.scheme])
    return f"{address.scheme}://{host}" if is_default else f"{address.scheme}://{host}:{address.port}"


def is_colour(text: str) -> bool:
    """Return whether it is a colour as #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def is_database_url(url: str) -> bool:
    """Whether it is a file for SQLite, or a PostgreSQL database."""
    scheme, _, place = url.partition("://")
    if scheme == "sqlite":
        return place.startswith("/") and place[1:] not in ("", ":memory:")
    return scheme in POSTGRESQL and bool(place) and _has_valid_port(url)


def is_smtp_url(url: str) -> bool:
    """Whether it is like smtp://user:password@host:587 or smtps://user:password@host."""
    return has_host(url, "smtp", "smtps")


def is_sender_address(text: str) -> bool:
    """Whether it is one address that an email can come from, alone or as Name <address>."""
    if not text.isprintable():
        return False
    header = SMTP.header_factory("From", text)
    parts = [part for address in header.addresses for part in (address.username, address.domain)]
    return not header.defects and len(parts) == 2 and all(part and part.isascii() for part in parts)


def has_host(url: str, *schemes: str) -> bool:
    """Whether it has one of the schemes, a host and, if any, a port that can be."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme in schemes and bool(address.hostname) and _has_valid_port(url)


def _has_valid_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
