"""Secrets: how they are generated, hashed and verified; and the short-lived signed tokens of our own pages."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from itsdangerous import BadData, Signer

PAGE_TOKEN_LIFETIME = timedelta(minutes=5)
PAGES_KEY = "tracker-pages"
"""The `key` that our own pages send to the authorisation endpoint, always with one of their signed tokens."""


@dataclass(frozen=True, slots=True)
class PageToken:
    """The content of the signed token of an order's page. It is not valid after `ends_at` or the end of its session."""

    session_hash: str
    order_id: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ConsoleToken:
    """The content of the signed token of a console page.

    It is not valid after `ends_at`, after its session has ended, or when its person no longer works at the restaurant.
    """

    session_hash: str
    restaurant_id: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ShareToken:
    """The content of the signed token of a shared page. It is not valid after `ends_at` or the end of its link."""

    link_id: str
    order_id: str
    ends_at: datetime


def new_secret() -> str:
    """Return a new secret of 256 random bits, in characters that need no encoding in a URL (43 of them)."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret made by new_secret, as hexadecimal digits. It is stored instead of the secret.

    Such a secret has 256 bits and needs no slow hash; for short secrets use keyed_hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def verify_secret(secret: str, stored_hash: str) -> bool:
    """Return whether `stored_hash` is the hash of this secret. The comparison takes constant time."""
    return hmac.compare_digest(hash_secret(secret), stored_hash)


@dataclass(frozen=True, slots=True)
class WebhookToken:
    """The verify token that a platform must send with the webhooks of an account. Only its hash is stored."""

    hash: str
    """The hash. It is empty for an account that does not exist; then no token matches."""

    def matches(self, presented: str) -> bool:
        """Return whether this is the token. It takes constant time, also if the account does not exist."""
        return verify_secret(presented, self.hash)


def keyed_hash(secret: str, pepper: str) -> str:
    """Return the HMAC-SHA-256 of a secret as hexadecimal digits.

    It is for secrets that are short enough to be guessed, such as six digits: without the pepper nobody can try them.
    """
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def make_page_token(secret_key: str, session_hash: str, order_id: str, *, now: datetime) -> str:
    """Return a token with which the page of one order subscribes to its channels. It lasts for PAGE_TOKEN_LIFETIME."""
    return _sign(_signer(secret_key, "page token"), session_hash, order_id, now)


def read_page_token(secret_key: str, token: str, *, now: datetime) -> PageToken | None:
    """Return the content of the token. Return None if it has expired or was not signed by make_page_token."""
    fields = _verify(_signer(secret_key, "page token"), token, now)
    return PageToken(*fields) if fields else None


def make_console_token(secret_key: str, session_hash: str, restaurant_id: str, *, now: datetime) -> str:
    """Return a token with which a restaurant's console page subscribes to its channels, for PAGE_TOKEN_LIFETIME."""
    return _sign(_signer(secret_key, "console token"), session_hash, restaurant_id, now)


def read_console_token(secret_key: str, token: str, *, now: datetime) -> ConsoleToken | None:
    """Return the content of the token. Return None if it has expired or was not signed by make_console_token."""
    fields = _verify(_signer(secret_key, "console token"), token, now)
    return ConsoleToken(*fields) if fields else None


def make_share_token(secret_key: str, link_id: str, order_id: str, *, now: datetime) -> str:
    """Return a token with which the page of a share link subscribes to its channels, for PAGE_TOKEN_LIFETIME."""
    return _sign(_signer(secret_key, "share token"), link_id, order_id, now)


def read_share_token(secret_key: str, token: str, *, now: datetime) -> ShareToken | None:
    """Return the content of the token. Return None if it has expired or was not signed by make_share_token."""
    fields = _verify(_signer(secret_key, "share token"), token, now)
    return ShareToken(*fields) if fields else None


def share_link_secret(secret_key: str, link_id: str) -> str:
    """Return the secret in the address of a share link: 256 bits that are derived from its id with the secret key.

    The owner can be shown the address again, although a copy of the database does not contain it.
    """
    digest = hmac.new(secret_key.encode(), f"share link {link_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _sign(signer: Signer, session_or_link: str, subject_id: str, now: datetime) -> str:
    ends_at = int((now + PAGE_TOKEN_LIFETIME).timestamp())
    return signer.sign(f"{session_or_link}.{subject_id}.{ends_at}").decode()


def _verify(signer: Signer, token: str, now: datetime) -> tuple[str, str, datetime] | None:
    try:
        session_or_link, subject_id, ends_at = signer.unsign(token).decode().split(".")
    except (BadData, ValueError):
        return None
    ends = datetime.fromtimestamp(int(ends_at), tz=now.tzinfo)
    return (session_or_link, subject_id, ends) if ends > now else None


@lru_cache(maxsize=3)
def _signer(secret_key: str, salt: str) -> Signer:
    """Return the signer of one kind of page. A token of one kind is not valid for another, as their salts differ."""
    return Signer(secret_key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
