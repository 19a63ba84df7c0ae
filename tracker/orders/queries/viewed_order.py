"""Orders to be looked at: read by prepared statements into objects that belong to no session and can't be stored.

They are orders like any other, with everything that an order knows of itself. What was not read of one is not there:
asking for it is an error, never another question to the database.
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
    """How rows with these columns become objects of a mapped class that are only looked at."""

    def __init__(self, kind: type[Model], *names: str) -> None:
        self.columns = [getattr(kind, name) for name in names]
        self._names = names
        # SQLAlchemy watches every attribute of a mapped class; a place of its own in a class below hides one from it.
        places = tuple(inspect(kind).attrs.keys())
        self._class: type[Model] = type(
            f"ReadModel{kind.__name__}", (kind,), {"__abstract__": True, "__slots__": places}
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
    """Who is looking, and the order that they see; nothing, be it somebody else's or nobody's."""

    customer_id: str
    actor_name: str
    """The customer's address, or else their name."""
    only_restaurant_id: str | None
    """The one restaurant whose orders they see; without it, all of theirs."""
    order: Order | None


def _select_by_session(order: ReadModel[Order]) -> CompiledStatement:
    is_opened = CustomerSession.restaurant_id.is_(None) | (CustomerSession.restaurant_id == Order.restaurant_id)
    theirs = (Order.id == bindparam("order_id")) & (Order.customer_id == Customer.id) & is_opened
    return CompiledStatement(
        select(*VISITOR_COLUMNS, *_RESTAURANT.columns, *order.columns)
        .select_from(CustomerSession)
        .join(Customer)
        .outerjoin(Order, theirs)
        .outerjoin(Restaurant)
        .where(*SESSION_IS_ACTIVE)
    )


def rows_of_order(kind: type[Base], columns: list[Any], *in_order: Any) -> CompiledStatement:
    """Return the statement for these columns of what belongs to one order, whose id it takes as `id`."""
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
    """The order's id, version and restaurant, if this session may see it, by one statement; nothing if it has ended."""
    row = _VERSION_BY_SESSION.first(connection, {"session_hash": session_hash, "order_id": order_id, "now": now})
    return _looked(_VERSION, row) if row else None


def find_viewed_order(
    transaction: Connection, session_hash: str, order_id: str, *, now: datetime
) -> ViewedOrder | None:
    """The order by itself, if this session may see it, for load_details(); nothing if the session has ended."""
    row = _ORDER_BY_SESSION.first(transaction, {"session_hash": session_hash, "order_id": order_id, "now": now})
    return _looked(_ORDER, row) if row else None


def load_details(transaction: Connection, order: Order) -> None:
    """Add what belongs to the order, read in the transaction in which it was looked at."""
    asked = {"id": order.id}
    order.bill = Bill(*(getattr(order, name) for name in _BILL))
    order.lines = [_LINE(line) for line in _LINES.all(transaction, asked)]
    adjustments = _ADJUSTMENTS.all(transaction, asked) if order.adjustment_count else ()
    order.adjustments = [_ADJUSTMENT(adjustment) for adjustment in adjustments]
    order.refunds = [_REFUND(refund) for refund in _REFUNDS.all(transaction, asked)]
    order.events = [_EVENT(event) for event in _EVENTS.all(transaction, asked)]


def _looked(kind: ReadModel[Order], row: tuple[Any, ...]) -> ViewedOrder:
    """Take the row apart: the columns of VISITOR_COLUMNS, then those of the restaurant, then those of the order, if it
    is there."""
    customer_id, actor_name, only_restaurant_id = row[: len(VISITOR_COLUMNS)]
    restaurant, order = row[len(VISITOR_COLUMNS) : _ORDER_OFFSET], row[_ORDER_OFFSET:]
    is_there = order[0] is not None
    return ViewedOrder(
        customer_id,
        actor_name,
        only_restaurant_id,
        kind(order, restaurant=_RESTAURANT(restaurant)) if is_there else None,
    )
