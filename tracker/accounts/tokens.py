"""Secrets that open something: how they are made, how they are kept, and the short-lived one of an order's own page."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from itsdangerous import BadData, Signer

PAGE_TOKEN_LIFE = timedelta(minutes=5)
OWN_KEY = "tracker-pages"
"""The `key` that our own pages name at the authorisation endpoint; it goes with page tokens and with nothing else."""


@dataclass(frozen=True, slots=True)
class PageToken:
    """What a page token says: which session, which order, until when. It opens nothing once the session has ended."""

    session_hash: str
    order_id: str
    ends_at: datetime


def new_secret() -> str:
    """256 bits that nobody can guess, in letters that fit an address."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret made by new_secret: enough to know it again, not enough to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, kept: str) -> bool:
    """Whether this is the secret of which `kept` is the hash. How long it takes tells nothing."""
    return hmac.compare_digest(hash_of(secret), kept)


def peppered_hash_of(secret: str, pepper: str) -> str:
    """The same for a secret short enough to be tried out, such as six digits: useless without the pepper."""
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def page_token(secret_key: str, session_hash: str, order_id: str, *, now: datetime) -> str:
    """A token with which the page of one order listens, for PAGE_TOKEN_LIFE and while its session lasts."""
    ends_at = int((now + PAGE_TOKEN_LIFE).timestamp())
    return _page_signer(secret_key).sign(f"{session_hash}.{order_id}.{ends_at}").decode()


def read_page_token(secret_key: str, token: str, *, now: datetime) -> PageToken | None:
    """What the token says, or nothing if it isn't ours, was changed, or has ended."""
    try:
        session_hash, order_id, ends_at = _page_signer(secret_key).unsign(token).decode().split(".")
    except (BadData, ValueError):
        return None
    said = PageToken(session_hash, order_id, datetime.fromtimestamp(int(ends_at), tz=now.tzinfo))
    return said if said.ends_at > now else None


@lru_cache(maxsize=1)
def _page_signer(secret_key: str) -> Signer:
    return Signer(secret_key, salt="page token", key_derivation="hmac", digest_method=hashlib.sha256)
