"""Secrets that open something: how they are made, how they are kept, and the short-lived ones of our own pages."""

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
"""The `key` that our own pages name at the authorisation endpoint; it goes with page tokens and with nothing else."""


@dataclass(frozen=True, slots=True)
class PageToken:
    """What a page token says: which session, which order, until when. It opens nothing once the session has ended."""

    session_hash: str
    order_id: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ConsoleToken:
    """What a console page's token says: which session, which restaurant, until when. It opens nothing once the session
    has ended, or whoever's it is works there no longer."""

    session_hash: str
    restaurant_id: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ShareToken:
    """What the token of a shared page says: through which link it came, to which order, until when. It opens nothing
    once the link does no more."""

    link_id: str
    order_id: str
    ends_at: datetime


def new_secret() -> str:
    """256 bits that nobody can guess, in letters that fit an address."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What is kept of a secret made by new_secret: enough to know it again, not enough to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def verify_secret(secret: str, kept: str) -> bool:
    """Whether this is the secret of which `kept` is the hash. How long it takes tells nothing."""
    return hmac.compare_digest(hash_secret(secret), kept)


@dataclass(frozen=True, slots=True)
class WebhookToken:
    """The token that a platform must send with its webhooks to an account's address. We keep a hash of it only."""

    hash: str
    """Empty for an account that does not exist; no token matches that."""

    def matches(self, presented: str) -> bool:
        """Return whether this is the token. How long it takes tells nothing, not even whether the account exists."""
        return verify_secret(presented, self.hash)


def keyed_hash(secret: str, pepper: str) -> str:
    """The same for a secret short enough to be tried out, such as six digits: useless without the pepper."""
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def make_page_token(secret_key: str, session_hash: str, order_id: str, *, now: datetime) -> str:
    """A token with which the page of one order listens, for PAGE_TOKEN_LIFETIME and while its session lasts."""
    return _sign(_signer(secret_key, "page token"), session_hash, order_id, now)


def read_page_token(secret_key: str, token: str, *, now: datetime) -> PageToken | None:
    """What the token says, or nothing if it isn't ours, was changed, or has ended."""
    fields = _verify(_signer(secret_key, "page token"), token, now)
    return PageToken(*fields) if fields else None


def make_console_token(secret_key: str, session_hash: str, restaurant_id: str, *, now: datetime) -> str:
    """A token with which a console page of one restaurant listens, for PAGE_TOKEN_LIFETIME and while its session
    lasts."""
    return _sign(_signer(secret_key, "console token"), session_hash, restaurant_id, now)


def read_console_token(secret_key: str, token: str, *, now: datetime) -> ConsoleToken | None:
    """What the token says, or nothing if it isn't ours or is another page's, was changed, or has ended."""
    fields = _verify(_signer(secret_key, "console token"), token, now)
    return ConsoleToken(*fields) if fields else None


def make_share_token(secret_key: str, link_id: str, order_id: str, *, now: datetime) -> str:
    """A token with which the page of a share link listens, for PAGE_TOKEN_LIFETIME and while the link shows the
    order."""
    return _sign(_signer(secret_key, "share token"), link_id, order_id, now)


def read_share_token(secret_key: str, token: str, *, now: datetime) -> ShareToken | None:
    """What the token says, or nothing if it isn't ours or is another page's, was changed, or has ended."""
    fields = _verify(_signer(secret_key, "share token"), token, now)
    return ShareToken(*fields) if fields else None


def share_link_secret(secret_key: str, link_id: str) -> str:
    """The secret in the address of a share link: 256 bits that only our key makes of its id, so that its owner can be
    shown the address again and a copy of the database can't."""
    made = hmac.new(secret_key.encode(), f"share link {link_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


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
    """One for each kind of page: a customer's token, with the same id in it, must not open a restaurant."""
    return Signer(secret_key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
