"""Who may listen to what. Finding is permission: a token that isn't found, or an order that isn't the customer's, is
answered like one that doesn't exist."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.model import AccessToken, Application
from tracker.accounts.reading import session_by_hash
from tracker.accounts.tokens import OWN_KEY, hash_of, read_page_token
from tracker.config import Settings
from tracker.live.wire import is_restaurant_channel, order_of_channel
from tracker.orders.model import Order


class Why(StrEnum):
    """Why somebody may not listen, for programs."""

    NOT_VALID = "token_not_valid"
    NOT_YOURS = "channel_not_yours"
    NOT_OFFERED = "not_offered_yet"
    NOT_AS_SCRIPT = "not_as_script"


@dataclass(frozen=True, slots=True)
class Allowed:
    """They may listen to this order's channel."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """They may not; the sentence is for whoever wrote the program that asked."""

    why: Why
    sentence: str


NOT_OFFERED = Refused(
    Why.NOT_OFFERED,
    "Restaurant secrets and presence-r channels are not offered yet. "
    "With a customer's access_token you can listen to private-o-{order_id}.",
)
_NOT_VALID = Refused(Why.NOT_VALID, "This access_token is not valid for this key, or no longer.")
_NOT_YOURS = Refused(Why.NOT_YOURS, "This access_token does not open this channel.")


@dataclass(frozen=True, slots=True)
class _Holder:
    customer_id: str
    order_id: str | None
    """The one order that the token opens; without it, every order of the customer."""


def may_listen(
    session: Session, settings: Settings, *, key: str, access_token: str, channel: str, now: datetime
) -> Allowed | Refused:
    """Whether this token, shown with this key, opens this channel.

    With OWN_KEY it is the token of one of our own order pages, and opens that order while its session lasts; with the
    key of an application, a token that was given to that application. Neither goes with the other's key.
    """
    if is_restaurant_channel(channel):
        return NOT_OFFERED
    holder = (
        _holder_of_page_token(session, settings, access_token, now)
        if key == OWN_KEY
        else _holder_of_access_token(session, key, access_token, now)
    )
    if holder is None:
        return _NOT_VALID
    order_id = order_of_channel(channel)
    if order_id is None or holder.order_id not in (None, order_id):
        return _NOT_YOURS
    is_theirs = select(Order.id).where(Order.id == order_id, Order.customer_id == holder.customer_id)
    return Allowed(order_id) if session.scalar(is_theirs) else _NOT_YOURS


def may_ask_from(session: Session, *, key: str, origin: str) -> bool:
    """Whether pages of this origin (scheme://host[:port], as their browser says it) may ask in this application's
    name. Our own pages are of our own origin and need no permission."""
    origins = session.scalar(select(Application.origins).where(Application.key == key))
    return origin in (origins or ())


def _holder_of_page_token(session: Session, settings: Settings, token: str, now: datetime) -> _Holder | None:
    said = read_page_token(settings.secret_key.get_secret_value(), token, now=now)
    signed_in = session_by_hash(session, said.session_hash, now=now) if said else None
    return _Holder(signed_in.customer_id, said.order_id) if said and signed_in else None


def _holder_of_access_token(session: Session, key: str, token: str, now: datetime) -> _Holder | None:
    found = session.execute(
        select(AccessToken.customer_id, AccessToken.order_id)
        .join(Application, Application.id == AccessToken.application_id)
        .where(
            AccessToken.hash == hash_of(token),
            Application.key == key,
            AccessToken.revoked_at.is_(None),
            AccessToken.ends_at > now,
        )
    ).one_or_none()
    return _Holder(*found) if found else None
