"""Checks that the text of a setting is well-formed. They do not check that what it names exists."""

import re
from email.policy import SMTP
from urllib.parse import urlsplit

POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
"""The schemes of a PostgreSQL database's URL; the first one names the driver that we use."""
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
"""The host names and addresses by which this machine reaches itself."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ORIGIN = re.compile(r"[a-z]+://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.ASCII | re.IGNORECASE)
"""The pattern is strict because origins are written into response headers, where a line break would inject a header."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_origin(text: str) -> bool:
    """Return whether the text is an origin, such as https://shop.example.com or http://localhost:3000.

    An origin has no path, user or password. An internationalised host name is written in ASCII (xn--…), as browsers do.
    """
    return bool(_ORIGIN.fullmatch(text)) and has_host(text, "http", "https")


def normalise_origin(origin: str) -> str:
    """Return the origin of this origin or URL in the form that browsers send, so that origins can be compared as text.

    The scheme and the host are in lower case, and the default port of the scheme is left out.
    """
    address = urlsplit(origin)
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    is_default = address.port in (None, _DEFAULT_PORTS[address.scheme])
    return f"{address.scheme}://{host}" if is_default else f"{address.scheme}://{host}:{address.port}"


def is_colour(text: str) -> bool:
    """Return whether the text is a colour in the form #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def is_database_url(url: str) -> bool:
    """Return whether the URL names a file for SQLite or a PostgreSQL database."""
    scheme, _, place = url.partition("://")
    if scheme == "sqlite":
        return place.startswith("/") and place[1:] not in ("", ":memory:")
    return scheme in POSTGRESQL and bool(place) and _has_valid_port(url)


def is_smtp_url(url: str) -> bool:
    """Return whether the URL is like smtp://user:password@host:587 or smtps://user:password@host."""
    return has_host(url, "smtp", "smtps")


def is_sender_address(text: str) -> bool:
    """Return whether the text is one address that an e-mail can be sent from, alone or as Name <address>."""
    if not text.isprintable():
        return False
    header = SMTP.header_factory("From", text)
    parts = [part for address in header.addresses for part in (address.username, address.domain)]
    return not header.defects and len(parts) == 2 and all(part and part.isascii() for part in parts)


def has_host(url: str, *schemes: str) -> bool:
    """Return whether the URL has one of the schemes, a host and, if it has a port, a valid one."""
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
