"""Orders for who writes them: a known one with all that can change of it, and a new one as the rows that it becomes.

What is changed goes through a session, which finds out what that was. Of a new order it is everything, and to find that
out would cost more than all the rest.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from tracker.compiled_statement import CompiledStatement, compiled_insert
from tracker.database import Base, can_write
from tracker.ids import is_id
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order, OrderEvent, Refund
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.order_line import OrderLine


class _RowWriter:
    """How the new objects of one mapped class become rows of its table."""

    def __init__(self, kind: type[Base], *generated_columns: str) -> None:
        table = kind.metadata.tables[kind.__tablename__]
        self._names = [column.name for column in table.columns if column.name not in generated_columns]
        self._insert: CompiledStatement = compiled_insert(table, self._names)

    def store(self, transaction: Connection, *new: Base, **same: Any) -> None:
        """Add a row for each; `same` are values that all of them have."""
        empty_row = dict.fromkeys(self._names)
        self._insert.run(transaction, *({**empty_row, **each.__dict__, **same} for each in new))


_ORDERS, _REFUNDS = _RowWriter(Order), _RowWriter(Refund)
_LINES, _EVENTS = _RowWriter(OrderLine, "id"), _RowWriter(OrderEvent, "id")
_ADJUSTMENTS = _RowWriter(Adjustment)


_ID: BindParameter[str] = bindparam("id")
_ORDER = select(Order).where(Order.id == _ID)
# Made once, and asked one by one: the loaders that SQLAlchemy has for it put theirs together anew for every order.
_COLLECTIONS: dict[str, Select[Any]] = {
    "lines": select(OrderLine)
    .where(OrderLine.order_id == _ID)
    .order_by(OrderLine.position, OrderLine.name, OrderLine.ref),
    "refunds": select(Refund).where(Refund.order_id == _ID).order_by(Refund.at, Refund.ref),
    "events": select(OrderEvent).where(OrderEvent.order_id == _ID).order_by(OrderEvent.at, OrderEvent.number),
}


def load_order_for_update(session: Session, order_id: str) -> Order:
    """The order with everything that belongs to it; what is changed of it becomes true with the transaction."""
    order = session.scalars(_ORDER, {"id": order_id}).one()
    for name, rows in _COLLECTIONS.items():
        set_committed_value(order, name, session.scalars(rows, {"id": order_id}).all())
    if not order.adjustment_count:
        set_committed_value(order, "adjustments", [])
    return order


def find_order_for_customer(
    session: Session, customer_id: str, order_id: str, *, only_restaurant_id: str | None, now: datetime
) -> Order | None:
    """The customer's order, to be changed; None for any other order. What was due by the clock has happened to it.

    `only_restaurant_id`: the id of the one restaurant whose orders they may touch, if it isn't all of theirs.
    """
    theirs = Order.customer_id == customer_id
    return _find_for_update(
        session,
        theirs if only_restaurant_id is None else theirs & (Order.restaurant_id == only_restaurant_id),
        order_id,
        now,
    )


def find_order_for_restaurant(session: Session, restaurant_id: str, order_id: str, *, now: datetime) -> Order | None:
    """The restaurant's order, to be changed; None for any other order. What was due by the clock has happened to it."""
    return _find_for_update(session, Order.restaurant_id == restaurant_id, order_id, now)


def _find_for_update(session: Session, is_theirs: ColumnElement[bool], order_id: str, now: datetime) -> Order | None:
    # Locked, where rows can be, before the rest of it is read: else what somebody else commits in between is seen by
    # half, and who is refused because of that, and so changes nothing, is told what never was.
    theirs = select(Order.id).where(Order.id == order_id, is_theirs)
    theirs = theirs.with_for_update(key_share=True) if can_write(session) else theirs
    if not is_id(order_id) or session.scalar(theirs) is None:
        return None
    order = load_order_for_update(session, order_id)
    lapse_adjustment(order, now=now)
    return order


def insert_order(transaction: Connection, order: Order) -> None:
    """Add the rows of an order that is in no session and not in the database yet."""
    if inspect(order).session is not None:
        raise ValueError("The session of this order would store it once more.")
    _ORDERS.store(transaction, order)
    collections = (
        (_LINES, order.lines),
        (_ADJUSTMENTS, order.adjustments),
        (_REFUNDS, order.refunds),
        (_EVENTS, order.events),
    )
    for rows, new in collections:
        rows.store(transaction, *new, order_id=order.id)
