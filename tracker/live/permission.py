"""Decide who may subscribe to which channel.

An order that belongs to another customer is answered like one that does not exist, so that nobody learns which orders
exist. A customer's token opens channels of orders, and a restaurant's secret opens the channel of the restaurant.
Neither opens the other kind of channel, even for a customer who also works at the restaurant.
"""

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
"""Hex characters of the hash that is used as the id of a presence member: 128 bits, so that no two are equal."""


class DenialReason(StrEnum):
    """Why a subscription is denied, as codes for programs."""

    NOT_VALID = "token_not_valid"
    SECRET_NOT_VALID = "secret_not_valid"  # noqa: S105  this is a code, not a secret
    NOT_YOURS = "channel_not_yours"
    NOT_AS_SCRIPT = "not_as_script"


@dataclass(frozen=True, slots=True)
class AccessAllowed:
    """The subscription is allowed."""

    member: str | None = None
    """The id of the member on a restaurant's channel, otherwise None. All members see it, so it identifies the member
    and reveals nothing else."""


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """The subscription is denied. The sentence is for the developer of the application."""

    why: DenialReason
    sentence: str


_NOT_VALID = AccessDenied(
    DenialReason.NOT_VALID, "This access_token is not valid for this key. It may have expired or been revoked."
)
_NOT_YOURS = AccessDenied(DenialReason.NOT_YOURS, "This access_token does not open this channel.")
_NEEDS_SECRET = AccessDenied(
    DenialReason.NOT_YOURS, "A presence-r channel is opened by its restaurant's secret, not by an access_token."
)
_SECRET_NOT_VALID = AccessDenied(
    DenialReason.SECRET_NOT_VALID, "This secret is not valid for this key. It may have been replaced."
)
_NOT_THIS_RESTAURANT = AccessDenied(
    DenialReason.NOT_YOURS,
    "This secret does not open this channel. A restaurant's secret opens presence-r-{restaurant_id} of that "
    "restaurant and nothing else.",
)


@dataclass(frozen=True, slots=True)
class _TokenGrant:
    customer_id: str
    order_id: str | None
    """The only order that the token opens, or None if it opens every order of the customer."""
    only_restaurant_id: str | None
    """The only restaurant whose orders the token opens, or None for all restaurants."""
    scopes: Collection[str]


@dataclass(frozen=True, slots=True)
class _Membership:
    """The restaurant whose channel a secret opens, and the member id on that channel."""

    restaurant_id: str
    member: str


def authorise_subscription(
    session: Session, settings: Settings, *, key: str, access_token: str, channel: str, now: datetime
) -> AccessAllowed | AccessDenied:
    """Return whether this token, used with this key, opens this channel.

    With PAGES_KEY, the token is that of one of our own order pages, which opens that order's channel while the session
    lasts, or that of a shared page, which opens that order's status channel while the link lasts. With the key of an
    application, it is an access token of that application. A token is not valid with a key of the other kind.
    """
    if is_restaurant_channel(channel):
        return _NEEDS_SECRET
    if key == PAGES_KEY and (shared_order_id := _order_of_share_token(session, settings, access_token, now)):
        return AccessAllowed() if channel == status_channel(shared_order_id) else _NOT_YOURS
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
    customers_order = select(Order.id).where(Order.id == order_id, Order.customer_id == grant.customer_id)
    if grant.only_restaurant_id is not None:
        customers_order = customers_order.where(Order.restaurant_id == grant.only_restaurant_id)
    return AccessAllowed() if session.scalar(customers_order) else _NOT_YOURS


def authorise_presence(
    session: Session, settings: Settings, *, key: str, secret: str, channel: str, now: datetime
) -> AccessAllowed | AccessDenied:
    """Return whether this secret, used with this key, opens this presence channel, and the member id if it does.

    With PAGES_KEY, the secret is the token of one of our own console pages, which opens the restaurant's channel while
    the session lasts and the staff member works there. With the key of an application, it is the API secret of the
    restaurant.
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
    """Return whether pages of this origin may use this application's key.

    The origin is the value of the browser's Origin header: scheme://host[:port]. Our own pages have our own origin and
    need no permission.
    """
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
    order_id = find_order_id_by_link(session, token_fields.link_id, now=now) if token_fields else None
    return order_id if token_fields and order_id == token_fields.order_id else None


def _order_opened(channel: str, scopes: Collection[str]) -> str | None:
    """Return the id of this channel's order, or None if tokens with these scopes do not open such channels."""
    if Scope.LISTEN in scopes and (order_id := order_of_channel(channel)):
        return order_id
    return order_of_status_channel(channel) if Scope.STATUS in scopes else None


def _grant_of_access_token(session: Session, key: str, token: str, now: datetime) -> _TokenGrant | None:
    row = session.execute(
        select(AccessToken.customer_id, AccessToken.order_id, AccessToken.restaurant_id, AccessToken.scopes)
        .join(Application, Application.id == AccessToken.application_id)
        .where(
            AccessToken.hash == hash_secret(token),
            Application.key == key,
            AccessToken.revoked_at.is_(None),
            AccessToken.ends_at > now,
        )
    ).one_or_none()
    return _TokenGrant(*row) if row else None


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
    # The member id is the application's plain id, because some clients (pysher) send their own channel_data and can
    # only repeat an id that they know.
    return _Membership(restaurant.id, application_id) if application_id and restaurant else None
