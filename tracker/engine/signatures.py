"""Signatures of the Channels protocol: HMAC-SHA256 in lowercase hex, compared in constant time."""

import hashlib
import hmac
from collections.abc import Mapping


def sign(secret: str, text: str) -> str:
    """The signature of `text` under `secret`."""
    return hmac.digest(secret.encode(), _bytes(text), "sha256").hex()


def subscription_auth(key: str, secret: str, socket_id: str, channel: str, channel_data: str = "") -> str:
    """The `auth` value that lets this socket into this channel, `channel_data` being a presence member."""
    signed = f"{socket_id}:{channel}:{channel_data}" if channel_data else f"{socket_id}:{channel}"
    return f"{key}:{sign(secret, signed)}"


def string_to_sign(method: str, path: str, query: Mapping[str, str]) -> str:
    """What a REST request signs: method, path, and its parameters in order, unescaped, but the signature."""
    pairs = sorted((name.lower(), value) for name, value in query.items())
    return "\n".join((method, path, "&".join(f"{name}={value}" for name, value in pairs if name != "auth_signature")))


def body_md5(body: bytes) -> str:
    """The digest of a body that the request's signature covers; MD5 because the protocol says so."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def constant_time_equal(given: str, expected: str) -> bool:
    """Compare without telling by the time taken how much of it was right."""
    return hmac.compare_digest(_bytes(given), _bytes(expected))


def _bytes(text: str) -> bytes:
    # A lone surrogate is legal in JSON and would raise here; it is simply part of a wrong signature.
    return text.encode("utf-8", "surrogatepass")
