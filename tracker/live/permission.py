"""Who may listen to what. Finding is permission: a token that isn't found, or an order that isn't the customer's, is
answered like one that doesn't exist. A customer's token opens orders and a restaurant's secret the restaurant: neither
opens what the other does, whoever it belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.model import AccessToken, Application, Scope
from tracker.accounts.queries import session_by_hash
from tracker.accounts.staff_queries import restaurant_by_secret, staff_member_by_session
from tracker.accounts.tokens import (
    OWN_KEY,
    hash_of,
    peppered_hash_of,
    read_console_token,
    read_page_token,
    read_share_token,
)
from tracker.config import Settings
from tracker.live.wire import (
    is_restaurant_channel,
    order_of_channel,
    order_of_status_channel,
    restaurant_channel,
    status_channel,
)
from tracker.orders.model import Order
from tracker.orders.queries.onlookers import order_of_open_link

_LONG_ENOUGH = 32
"""Letters of a hash by which nobody is taken for somebody else."""


class Why(StrEnum):
    """Why somebody may not listen, for programs."""

    NOT_VALID = "token_not_valid"
    SECRET_NOT_VALID = "secret_not_valid"  # noqa: S105  a word about a secret
    NOT_YOURS = "channel_not_yours"
    NOT_AS_SCRIPT = "not_as_script"


@dataclass(frozen=True, slots=True)
class Allowed:
    """They may listen."""

    member: str | None = None
    """On a restaurant's channel, as whom: everybody there sees it, so it tells one from another and nothing else."""


@dataclass(frozen=True, slots=True)
class Refused:
    """They may not; the sentence is for whoever wrote the program that asked."""

    why: Why
    sentence: str


_NOT_VALID = Refused(Why.NOT_VALID, "This access_token is not valid for this key, or no longer.")
_NOT_YOURS = Refused(Why.NOT_YOURS, "This access_token does not open this channel.")
_NEEDS_SECRET = Refused(
    Why.NOT_YOURS, "A presence-r channel is opened by its restaurant's secret, not by an access_token."
)
_SECRET_NOT_VALID = Refused(Why.SECRET_NOT_VALID, "This secret is not valid for this key, or no longer.")
_NOT_THIS_RESTAURANT = Refused(
    Why.NOT_YOURS,
    "This secret does not open this channel. A restaurant's secret opens presence-r-{restaurant_id} of that "
    "restaurant and nothing else.",
)


@dataclass(frozen=True, slots=True)
class _Holder:
    customer_id: str
    order_id: str | None
    """The one order that the token opens; without it, every order of the customer."""
    only_at: str | None
    """The one restaurant whose orders it opens; without it, those of all."""
    scopes: Collection[str]


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where a secret lets somebody sit down, and as whom."""

    restaurant_id: str
    member: str


def may_listen(
    session: Session, settings: Settings, *, key: str, access_token: str, channel: str, now: datetime
) -> Allowed | Refused:
    """Whether this token, shown with this key, opens this channel.

    With OWN_KEY it is the token of one of our own order pages, and opens that order while its session lasts, or of a
    shared page, which opens that order's status channel while its link lasts; with the key of an application, a token
    that was given to that application. Neither goes with the other's key.
    """
    if is_restaurant_channel(channel):
        return _NEEDS_SECRET
    if key == OWN_KEY and (shared := _order_of_share_token(session, settings, access_token, now)):
        return Allowed() if channel == status_channel(shared) else _NOT_YOURS
    holder = (
        _holder_of_page_token(session, settings, access_token, now)
        if key == OWN_KEY
        else _holder_of_access_token(session, key, access_token, now)
    )
    if holder is None:
        return _NOT_VALID
    order_id = _order_opened(channel, holder.scopes)
    if order_id is None or holder.order_id not in (None, order_id):
        return _NOT_YOURS
    is_theirs = select(Order.id).where(Order.id == order_id, Order.customer_id == holder.customer_id)
    if holder.only_at is not None:
        is_theirs = is_theirs.where(Order.restaurant_id == holder.only_at)
    return Allowed() if session.scalar(is_theirs) else _NOT_YOURS


def may_be_present(
    session: Session, settings: Settings, *, key: str, secret: str, channel: str, now: datetime
) -> Allowed | Refused:
    """Whether this secret, shown with this key, opens this channel, and as whom.

    With OWN_KEY it is the token of one of our own console pages, and opens that restaurant while its session lasts and
    whoever's it is works there; with the key of an application, the API secret of the restaurant.
    """
    seat = (
        _seat_of_console_token(session, settings, secret, now)
        if key == OWN_KEY
        else _seat_of_secret(session, key, secret, now)
    )
    if seat is None:
        return _SECRET_NOT_VALID
    return Allowed(seat.member) if channel == restaurant_channel(seat.restaurant_id) else _NOT_THIS_RESTAURANT


def may_ask_from(session: Session, *, key: str, origin: str) -> bool:
    """Whether pages of this origin (scheme://host[:port], as their browser says it) may ask in this application's
    name. Our own pages are of our own origin and need no permission."""
    origins = session.scalar(select(Application.origins).where(Application.key == key))
    return origin in (origins or ())


def _holder_of_page_token(session: Session, settings: Settings, token: str, now: datetime) -> _Holder | None:
    said = read_page_token(settings.signing_key, token, now=now)
    signed_in = session_by_hash(session, said.session_hash, now=now) if said else None
    if said is None or signed_in is None:
        return None
    return _Holder(signed_in.customer_id, said.order_id, signed_in.restaurant_id, (Scope.LISTEN,))


def _order_of_share_token(session: Session, settings: Settings, token: str, now: datetime) -> str | None:
    said = read_share_token(settings.signing_key, token, now=now)
    shown = order_of_open_link(session, said.link_id, now=now) if said else None
    return shown if said and shown == said.order_id else None


def _order_opened(channel: str, scopes: Collection[str]) -> str | None:
    """The order that this channel is of, if tokens with these scopes open such channels."""
    if Scope.LISTEN in scopes and (order_id := order_of_channel(channel)):
        return order_id
    return order_of_status_channel(channel) if Scope.STATUS in scopes else None


def _holder_of_access_token(session: Session, key: str, token: str, now: datetime) -> _Holder | None:
    found = session.execute(
        select(AccessToken.customer_id, AccessToken.order_id, AccessToken.restaurant_id, AccessToken.scopes)
        .join(Application, Application.id == AccessToken.application_id)
        .where(
            AccessToken.hash == hash_of(token),
            Application.key == key,
            AccessToken.revoked_at.is_(None),
            AccessToken.ends_at > now,
        )
    ).one_or_none()
    return _Holder(*found) if found else None


def _seat_of_console_token(session: Session, settings: Settings, token: str, now: datetime) -> _Seat | None:
    key = settings.signing_key
    said = read_console_token(key, token, now=now)
    works = staff_member_by_session(session, said.session_hash, said.restaurant_id, now=now) if said else None
    if works is None:
        return None
    member = peppered_hash_of(f"member {works.restaurant_id} {works.customer_id}", key)
    return _Seat(works.restaurant_id, member[:_LONG_ENOUGH])


def _seat_of_secret(session: Session, key: str, secret: str, now: datetime) -> _Seat | None:
    application_id = session.scalar(select(Application.id).where(Application.key == key))
    restaurant = restaurant_by_secret(session, secret, now=now)
    # Its id as it is: some clients (pysher) send a channel_data of their own and can only repeat what they know.
    return _Seat(restaurant.id, application_id) if application_id and restaurant else None
