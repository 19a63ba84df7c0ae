"""Queries for onlookers, who see an order by a share link or in a status widget.

Finding an order is the permission to see it. Columns that onlookers must not see are not read, and are None in the
orders returned here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.orm import Session

from tracker.accounts.model import AccessToken, Restaurant, Scope
from tracker.accounts.tokens import hash_secret, share_link_secret
from tracker.compiled_statement import CompiledStatement
from tracker.orders.bill import Bill
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.share_links import ShareLink, links_expire_at
from tracker.orders.order_line import OrderLine
from tracker.orders.queries.viewed_order import ReadModel, rows_of_order

_STATUS = (
    *("id", "version", "short_code", "state", "fulfilment", "is_advance", "zone"),
    *("placed_at", "requested_for", "promised_at", "confirmed_at", "ended_at", "step", "statuses"),
)
_TOTAL = ("currency", "bill_charged", "bill_tip", "platform_account_id", "uncounted_charged_minor")
_OF_RESTAURANT = ReadModel(Restaurant, "name", "zone", "locale", "colour", "window_minutes")
_OF_STATUS, _OF_SHARED = ReadModel(Order, *_STATUS), ReadModel(Order, *_STATUS, *_TOTAL)
_LINE = ReadModel(OrderLine, "name", "ordered", "quantity", "options", "is_left_out", "options_left_out")
_EVENT = ReadModel(OrderEvent, "number", "kind", "at", "data")
WITHHELD = (
    *("customer_id", "customer_name", "table_name", "address", "address_note", "note", "payment", "voucher", "rating"),
    *("reason", "status_text"),
)
"""Attributes that no onlooker is shown: the customer and their whereabouts, and the restaurant's free words, which may
reveal them."""


class SharedOrder(NamedTuple):
    """An order found by a share link."""

    link_id: str
    ends_at: datetime
    """The time until which the link shows the order, as far as it is known now."""
    order: Order


class EmbeddedOrder(NamedTuple):
    """An order found by a widget's access token, with the token's application, origin and end."""

    application_id: str
    origin: str | None
    """The origin of the pages that may show the widget. None for a share link: every page that may hold the
    application's frames may show it."""
    ends_at: datetime
    order: Order


def _select_with_order(first: list[Any], order: ReadModel[Order]) -> Select[Any]:
    return select(*first, *_OF_RESTAURANT.columns, *order.columns)


def _select_by_link(order: ReadModel[Order]) -> CompiledStatement:
    statement = _select_with_order([ShareLink.id], order).select_from(ShareLink).join(Order).join(Restaurant)
    return CompiledStatement(statement.where(ShareLink.hash == bindparam("hash"), ShareLink.revoked_at.is_(None)))


def _select_by_status_token() -> CompiledStatement:
    token = [AccessToken.application_id, AccessToken.origin, AccessToken.ends_at, AccessToken.scopes]
    is_at_restaurant = AccessToken.restaurant_id.is_(None) | (AccessToken.restaurant_id == Order.restaurant_id)
    is_order = (AccessToken.order_id == Order.id) & (AccessToken.customer_id == Order.customer_id) & is_at_restaurant
    statement = _select_with_order(token, _OF_STATUS).select_from(AccessToken).join(Order, is_order).join(Restaurant)
    is_valid = (AccessToken.revoked_at.is_(None), AccessToken.ends_at > bindparam("now"))
    return CompiledStatement(statement.where(AccessToken.hash == bindparam("hash"), *is_valid))


_SHARED, _SHARED_STATUS, _EMBEDDED = _select_by_link(_OF_SHARED), _select_by_link(_OF_STATUS), _select_by_status_token()
_LINES = rows_of_order(OrderLine, _LINE.columns, OrderLine.position, OrderLine.name, OrderLine.ref)
_EVENTS = rows_of_order(OrderEvent, _EVENT.columns, OrderEvent.at, OrderEvent.number)


def find_shared_order(transaction: Connection, secret: str, *, secret_key: str, now: datetime) -> SharedOrder | None:
    """Return the order of this share link, without its collections.

    Return None if there is no such link, or it was revoked, has expired, or was created with an earlier secret key: a
    new key ends all links.
    """
    row = _SHARED.first(transaction, {"hash": hash_secret(secret)})
    return _open_order(row, _OF_SHARED, now) if _has_current_secret(row, secret, secret_key) else None


def find_shared_status(transaction: Connection, secret: str, *, secret_key: str, now: datetime) -> SharedOrder | None:
    """Return the order of this share link with only the columns that a widget shows. Return None as above."""
    row = _SHARED_STATUS.first(transaction, {"hash": hash_secret(secret)})
    return _open_order(row, _OF_STATUS, now) if _has_current_secret(row, secret, secret_key) else None


def find_embedded_order(transaction: Connection, token: str, *, now: datetime) -> EmbeddedOrder | None:
    """Return the order of a widget's token. Return None if the token is not a widget's, was revoked, or has expired."""
    row = _EMBEDDED.first(transaction, {"hash": hash_secret(token), "now": now})
    if row is None:
        return None
    application_id, origin, ends_at, scopes, *order = row
    if Scope.STATUS not in scopes:
        return None
    return EmbeddedOrder(application_id, origin, ends_at, _order(_OF_STATUS, order))


def load_shared_details(transaction: Connection, order: Order) -> None:
    """Load the bill's total, the lines and the events of an order from `find_shared_order`."""
    order.bill = Bill(charged=order.bill_charged, tip=order.bill_tip)  # type: ignore[attr-defined]  # set by ReadModel
    order.lines = [_LINE(line) for line in _LINES.all(transaction, {"id": order.id})]
    load_status_details(transaction, order)


def load_status_details(transaction: Connection, order: Order) -> None:
    """Load the events of an order that an onlooker sees."""
    order.events = [_EVENT(event) for event in _EVENTS.all(transaction, {"id": order.id})]


def find_order_id_by_link(session: Session, link_id: str, *, now: datetime) -> str | None:
    """Return the id of the order that this link shows, for a page of the link that asks to listen on the channel.

    Return None if the link was revoked or has expired.
    """
    found = session.execute(
        select(ShareLink.order_id, Order)
        .join(Order, Order.id == ShareLink.order_id)
        .where(ShareLink.id == link_id, ShareLink.revoked_at.is_(None))
    ).one_or_none()
    return found[0] if found and now < links_expire_at(found[1]) else None


def _has_current_secret(row: tuple[Any, ...] | None, secret: str, secret_key: str) -> bool:
    return row is not None and secret == share_link_secret(secret_key, row[0])


def _open_order(row: tuple[Any, ...] | None, kind: ReadModel[Order], now: datetime) -> SharedOrder | None:
    if row is None:
        return None
    link_id, *columns = row
    order = _order(kind, columns)
    ends_at = links_expire_at(order)
    return SharedOrder(link_id, ends_at, order) if now < ends_at else None


def _order(kind: ReadModel[Order], row: Sequence[Any]) -> Order:
    offset = len(_OF_RESTAURANT.columns)
    return kind(row[offset:], restaurant=_OF_RESTAURANT(row[:offset]), **dict.fromkeys(WITHHELD))
