"""Orders read in order to show them: compiled statements fill objects that belong to no session and cannot be stored.

They have the properties and methods of the mapped classes. An attribute that was not read raises AttributeError instead
of causing another query.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, bindparam, inspect, select

from tracker.accounts.model import Customer, CustomerSession, Restaurant
from tracker.accounts.queries import SESSION_IS_ACTIVE, VISITOR_COLUMNS
from tracker.compiled_statement import CompiledStatement
from tracker.database import Base
from tracker.orders.adjustment import Adjustment
from tracker.orders.bill import Bill
from tracker.orders.model import Order, OrderEvent, Refund
from tracker.orders.order_line import OrderLine

Model = TypeVar("Model", bound=Base)


class ReadModel(Generic[Model]):
    """Turns rows with these columns into read-only objects of a mapped class."""

    def __init__(self, kind: type[Model], *names: str) -> None:
        self.columns = [getattr(kind, name) for name in names]
        self._names = names
        # __slots__ in a subclass shadow SQLAlchemy's instrumented attributes, so the instances are plain objects.
        slots = tuple(inspect(kind).attrs.keys())
        self._class: type[Model] = type(
            f"ReadModel{kind.__name__}", (kind,), {"__abstract__": True, "__slots__": slots}
        )

    def __call__(self, values: Iterable[object], **more: object) -> Model:
        instance = object.__new__(self._class)
        for name, value in zip(self._names, values, strict=True):
            setattr(instance, name, value)
        for name, value in more.items():
            setattr(instance, name, value)
        return instance


_BILL = ("bill_items", "bill_delivery", "bill_service", "bill_fee", "bill_discount", "bill_charged", "bill_tip")
_ORDER = ReadModel(
    Order,
    *("id", "version", "short_code", "state", "fulfilment", "table_name", "is_advance", "zone"),
    *("placed_at", "requested_for", "promised_at", "confirmed_at", "ended_at", "step", "status_text", "reason"),
    *("currency", "voucher", "payment", "rating", "note", "address", "address_note", *_BILL),
    *("platform_account_id", "statuses", "adjustment_count", "first_charged_minor", "uncounted_charged_minor"),
    *("platform_refunded_minor", "platform_refunded_version"),
)
_VERSION = ReadModel(Order, "id", "version")
_RESTAURANT = ReadModel(Restaurant, "name", "zone", "locale", "phone", "colour", "window_minutes", "answer_minutes")
_LINE = ReadModel(
    OrderLine, "ref", "name", "ordered", "quantity", "unit_minor", "options", "is_left_out", "options_left_out"
)
_ADJUSTMENT = ReadModel(
    Adjustment,
    *("number", "state", "proposed_at", "promised_at", "minutes", "lines", "options", "reason", "difference"),
    *("answer_by", "extensions", "if_unanswered", "ended_at", "ended_by"),
)
_REFUND = ReadModel(Refund, "minor", "at", "source_version")
_EVENT = ReadModel(OrderEvent, "number", "kind", "by", "at", "data")


class ViewedOrder(NamedTuple):
    """The signed-in customer and the order that they view."""

    customer_id: str
    actor_name: str
    """The customer's e-mail address, or else their name."""
    only_restaurant_id: str | None
    """The only restaurant whose orders the session shows. None means all of the customer's orders."""
    order: Order | None
    """None if there is no such order or the session may not see it."""


def _select_by_session(order: ReadModel[Order]) -> CompiledStatement:
    is_at_restaurant = CustomerSession.restaurant_id.is_(None) | (CustomerSession.restaurant_id == Order.restaurant_id)
    is_visible = (Order.id == bindparam("order_id")) & (Order.customer_id == Customer.id) & is_at_restaurant
    return CompiledStatement(
        select(*VISITOR_COLUMNS, *_RESTAURANT.columns, *order.columns)
        .select_from(CustomerSession)
        .join(Customer)
        .outerjoin(Order, is_visible)
        .outerjoin(Restaurant)
        .where(*SESSION_IS_ACTIVE)
    )


def rows_of_order(kind: type[Base], columns: list[Any], *in_order: Any) -> CompiledStatement:
    """Return a statement that reads these columns of all rows of one order. Its parameter `id` is the order's id."""
    rows: Select[Any] = select(*columns).where(kind.metadata.tables[kind.__tablename__].c.order_id == bindparam("id"))
    return CompiledStatement(rows.order_by(*in_order))


_ORDER_OFFSET = len(VISITOR_COLUMNS) + len(_RESTAURANT.columns)
_ORDER_BY_SESSION, _VERSION_BY_SESSION = _select_by_session(_ORDER), _select_by_session(_VERSION)
_LINES = rows_of_order(OrderLine, _LINE.columns, OrderLine.position, OrderLine.name, OrderLine.ref)
_ADJUSTMENTS = rows_of_order(Adjustment, _ADJUSTMENT.columns, Adjustment.number)
_REFUNDS = rows_of_order(Refund, _REFUND.columns, Refund.at, Refund.ref)
_EVENTS = rows_of_order(OrderEvent, _EVENT.columns, OrderEvent.at, OrderEvent.number)


def find_order_version(
    connection: Connection, session_hash: str, order_id: str, *, now: datetime
) -> ViewedOrder | None:
    """Return the order's id, version and restaurant, by one statement. Return None if the session has ended."""
    row = _VERSION_BY_SESSION.first(connection, {"session_hash": session_hash, "order_id": order_id, "now": now})
    return _viewed_order(_VERSION, row) if row else None


def find_viewed_order(
    transaction: Connection, session_hash: str, order_id: str, *, now: datetime
) -> ViewedOrder | None:
    """Return the order without its collections, for `load_details`. Return None if the session has ended."""
    row = _ORDER_BY_SESSION.first(transaction, {"session_hash": session_hash, "order_id": order_id, "now": now})
    return _viewed_order(_ORDER, row) if row else None


def load_details(transaction: Connection, order: Order) -> None:
    """Load the bill and the collections of an order, in the transaction that has found it."""
    parameters = {"id": order.id}
    order.bill = Bill(*(getattr(order, name) for name in _BILL))
    order.lines = [_LINE(line) for line in _LINES.all(transaction, parameters)]
    adjustments = _ADJUSTMENTS.all(transaction, parameters) if order.adjustment_count else ()
    order.adjustments = [_ADJUSTMENT(adjustment) for adjustment in adjustments]
    order.refunds = [_REFUND(refund) for refund in _REFUNDS.all(transaction, parameters)]
    order.events = [_EVENT(event) for event in _EVENTS.all(transaction, parameters)]


def _viewed_order(kind: ReadModel[Order], row: tuple[Any, ...]) -> ViewedOrder:
    """Build the result from a row: VISITOR_COLUMNS, the columns of the restaurant, then those of the order.

    The last two are all None if there is no such order.
    """
    customer_id, actor_name, only_restaurant_id = row[: len(VISITOR_COLUMNS)]
    restaurant, order = row[len(VISITOR_COLUMNS) : _ORDER_OFFSET], row[_ORDER_OFFSET:]
    has_order = order[0] is not None
    return ViewedOrder(
        customer_id,
        actor_name,
        only_restaurant_id,
        kind(order, restaurant=_RESTAURANT(restaurant)) if has_order else None,
    )
