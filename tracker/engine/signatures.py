"""Signatures of the Channels protocol: HMAC-SHA256 in lowercase hex, compared in constant time."""

import hashlib
import hmac
from collections.abc import Mapping


def sign(secret: str, text: str) -> str:
    """Return the signature of `text` under `secret`."""
    return hmac.digest(secret.encode(), _bytes(text), "sha256").hex()


def subscription_auth(key: str, secret: str, socket_id: str, channel: str, channel_data: str = "") -> str:
    """Return the `auth` value with which this socket may subscribe to this channel.

    `channel_data` is the JSON of the member on a presence channel, otherwise empty.
    """
    signed = f"{socket_id}:{channel}:{channel_data}" if channel_data else f"{socket_id}:{channel}"
    return f"{key}:{sign(secret, signed)}"


def string_to_sign(method: str, path: str, query: Mapping[str, str]) -> str:
    """Return the text that a REST request signs: its method, path and sorted, unescaped parameters.

    The parameter `auth_signature` is left out.
    """
    pairs = sorted((name.lower(), value) for name, value in query.items())
    return "\n".join((method, path, "&".join(f"{name}={value}" for name, value in pairs if name != "auth_signature")))


def body_md5(body: bytes) -> str:
    """Return the digest of a body, which the request's signature covers. The protocol requires MD5."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def constant_time_equal(given: str, expected: str) -> bool:
    """Compare two texts in a time that does not depend on how many characters match."""
    return hmac.compare_digest(_bytes(given), _bytes(expected))


def _bytes(text: str) -> bytes:
    # A lone surrogate is legal in JSON, but strict encoding would raise. A text with one is merely a wrong signature.
    return text.encode("utf-8", "surrogatepass")
