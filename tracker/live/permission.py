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
    PAGES_KEY,
    hash_secret,
    keyed_hash,
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
from tracker.orders.queries.onlookers import find_order_id_by_link

_MEMBER_ID_LENGTH = 32
"""Letters of a hash by which nobody is taken for somebody else."""


class DenialReason(StrEnum):
    """Why somebody may not listen, for programs."""

    NOT_VALID = "token_not_valid"
    SECRET_NOT_VALID = "secret_not_valid"  # noqa: S105  a word about a secret
    NOT_YOURS = "channel_not_yours"
    NOT_AS_SCRIPT = "not_as_script"


@dataclass(frozen=True, slots=True)
class AccessAllowed:
    """They may listen."""

    member: str | None = None
    """On a restaurant's channel, as whom: everybody there sees it, so it tells one from another and nothing else."""


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """They may not; the sentence is for whoever wrote the program that asked."""

    why: DenialReason
    sentence: str


_NOT_VALID = AccessDenied(DenialReason.NOT_VALID, "This access_token is not valid for this key, or no longer.")
_NOT_YOURS = AccessDenied(DenialReason.NOT_YOURS, "This access_token does not open this channel.")
_NEEDS_SECRET = AccessDenied(
    DenialReason.NOT_YOURS, "A presence-r channel is opened by its restaurant's secret, not by an access_token."
)
_SECRET_NOT_VALID = AccessDenied(DenialReason.SECRET_NOT_VALID, "This secret is not valid for this key, or no longer.")
_NOT_THIS_RESTAURANT = AccessDenied(
    DenialReason.NOT_YOURS,
    "This secret does not open this channel. A restaurant's secret opens presence-r-{restaurant_id} of that "
    "restaurant and nothing else.",
)


@dataclass(frozen=True, slots=True)
class _TokenGrant:
    customer_id: str
    order_id: str | None
    """The one order that the token opens; without it, every order of the customer."""
    only_restaurant_id: str | None
    """The one restaurant whose orders it opens; without it, those of all."""
    scopes: Collection[str]


@dataclass(frozen=True, slots=True)
class _Membership:
    """Where a secret lets somebody sit down, and as whom."""

    restaurant_id: str
    member: str


def authorise_subscription(
    session: Session, settings: Settings, *, key: str, access_token: str, channel: str, now: datetime
) -> AccessAllowed | AccessDenied:
    """Whether this token, shown with this key, opens this channel.

    With PAGES_KEY it is the token of one of our own order pages, and opens that order while its session lasts, or of a
    shared page, which opens that order's status channel while its link lasts; with the key of an application, a token
    that was given to that application. Neither goes with the other's key.
    """
    if is_restaurant_channel(channel):
        return _NEEDS_SECRET
    if key == PAGES_KEY and (shared := _order_of_share_token(session, settings, access_token, now)):
        return AccessAllowed() if channel == status_channel(shared) else _NOT_YOURS
    grant = (
        _grant_of_page_token(session, settings, access_token, now)
        if key == PAGES_KEY
        else _grant_of_access_token(session, key, access_token, now)
    )
    if grant is None:
        return _NOT_VALID
    order_id = _order_opened(channel, grant.scopes)
    if order_id is None or grant.order_id not in (None, order_id):
        return _NOT_YOURS
    is_theirs = select(Order.id).where(Order.id == order_id, Order.customer_id == grant.customer_id)
    if grant.only_restaurant_id is not None:
        is_theirs = is_theirs.where(Order.restaurant_id == grant.only_restaurant_id)
    return AccessAllowed() if session.scalar(is_theirs) else _NOT_YOURS


def authorise_presence(
    session: Session, settings: Settings, *, key: str, secret: str, channel: str, now: datetime
) -> AccessAllowed | AccessDenied:
    """Whether this secret, shown with this key, opens this channel, and as whom.

    With PAGES_KEY it is the token of one of our own console pages, and opens that restaurant while its session lasts
    and whoever's it is works there; with the key of an application, the API secret of the restaurant.
    """
    membership = (
        _membership_of_console_token(session, settings, secret, now)
        if key == PAGES_KEY
        else _membership_of_secret(session, key, secret, now)
    )
    if membership is None:
        return _SECRET_NOT_VALID
    return (
        AccessAllowed(membership.member)
        if channel == restaurant_channel(membership.restaurant_id)
        else _NOT_THIS_RESTAURANT
    )


def is_known_origin(session: Session, *, key: str, origin: str) -> bool:
    """Whether pages of this origin (scheme://host[:port], as their browser says it) may ask in this application's
    name. Our own pages are of our own origin and need no permission."""
    origins = session.scalar(select(Application.origins).where(Application.key == key))
    return origin in (origins or ())


def _grant_of_page_token(session: Session, settings: Settings, token: str, now: datetime) -> _TokenGrant | None:
    token_fields = read_page_token(settings.signing_key, token, now=now)
    customer_session = session_by_hash(session, token_fields.session_hash, now=now) if token_fields else None
    if token_fields is None or customer_session is None:
        return None
    return _TokenGrant(
        customer_session.customer_id, token_fields.order_id, customer_session.restaurant_id, (Scope.LISTEN,)
    )


def _order_of_share_token(session: Session, settings: Settings, token: str, now: datetime) -> str | None:
    token_fields = read_share_token(settings.signing_key, token, now=now)
    shown = find_order_id_by_link(session, token_fields.link_id, now=now) if token_fields else None
    return shown if token_fields and shown == token_fields.order_id else None


def _order_opened(channel: str, scopes: Collection[str]) -> str | None:
    """The order that this channel is of, if tokens with these scopes open such channels."""
    if Scope.LISTEN in scopes and (order_id := order_of_channel(channel)):
        return order_id
    return order_of_status_channel(channel) if Scope.STATUS in scopes else None


def _grant_of_access_token(session: Session, key: str, token: str, now: datetime) -> _TokenGrant | None:
    found = session.execute(
        select(AccessToken.customer_id, AccessToken.order_id, AccessToken.restaurant_id, AccessToken.scopes)
        .join(Application, Application.id == AccessToken.application_id)
        .where(
            AccessToken.hash == hash_secret(token),
            Application.key == key,
            AccessToken.revoked_at.is_(None),
            AccessToken.ends_at > now,
        )
    ).one_or_none()
    return _TokenGrant(*found) if found else None


def _membership_of_console_token(session: Session, settings: Settings, token: str, now: datetime) -> _Membership | None:
    key = settings.signing_key
    token_fields = read_console_token(key, token, now=now)
    staff_member = (
        staff_member_by_session(session, token_fields.session_hash, token_fields.restaurant_id, now=now)
        if token_fields
        else None
    )
    if staff_member is None:
        return None
    member = keyed_hash(f"member {staff_member.restaurant_id} {staff_member.customer_id}", key)
    return _Membership(staff_member.restaurant_id, member[:_MEMBER_ID_LENGTH])


def _membership_of_secret(session: Session, key: str, secret: str, now: datetime) -> _Membership | None:
    application_id = session.scalar(select(Application.id).where(Application.key == key))
    restaurant = restaurant_by_secret(session, secret, now=now)
    # Its id as it is: some clients (pysher) send a channel_data of their own and can only repeat what they know.
    return _Membership(restaurant.id, application_id) if application_id and restaurant else None
