"""Orders for who writes them: a known one with all that can change of it, and a new one as the rows that it becomes.

What is changed goes through a session, which finds out what that was. Of a new order it is everything, and to find that
out would cost more than all the rest.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from tracker.compiled_statement import Prepared, prepared_insert
from tracker.database import Base, is_writing
from tracker.ids import is_id
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order, OrderEvent, Refund
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.order_line import OrderLine


class _Rows:
    """How the new objects of one mapped class become rows of its table."""

    def __init__(self, kind: type[Base], *given_by_the_database: str) -> None:
        table = kind.metadata.tables[kind.__tablename__]
        self._names = [column.name for column in table.columns if column.name not in given_by_the_database]
        self._insert: Prepared = prepared_insert(table, self._names)

    def store(self, transaction: Connection, *new: Base, **same: Any) -> None:
        """Add a row for each; `same` are values that all of them have."""
        nothing = dict.fromkeys(self._names)
        self._insert.run(transaction, *({**nothing, **each.__dict__, **same} for each in new))


_ORDERS, _REFUNDS = _Rows(Order), _Rows(Refund)
_LINES, _EVENTS = _Rows(OrderLine, "id"), _Rows(OrderEvent, "id")
_ADJUSTMENTS = _Rows(Adjustment)


_ID: BindParameter[str] = bindparam("id")
_ORDER = select(Order).where(Order.id == _ID)
# Made once, and asked one by one: the loaders that SQLAlchemy has for it put theirs together anew for every order.
_PARTS: dict[str, Select[Any]] = {
    "lines": select(OrderLine)
    .where(OrderLine.order_id == _ID)
    .order_by(OrderLine.position, OrderLine.name, OrderLine.ref),
    "refunds": select(Refund).where(Refund.order_id == _ID).order_by(Refund.at, Refund.ref),
    "events": select(OrderEvent).where(OrderEvent.order_id == _ID).order_by(OrderEvent.at, OrderEvent.number),
}


def order_to_change(session: Session, order_id: str) -> Order:
    """The order with everything that belongs to it; what is changed of it becomes true with the transaction."""
    order = session.scalars(_ORDER, {"id": order_id}).one()
    for name, rows in _PARTS.items():
        set_committed_value(order, name, session.scalars(rows, {"id": order_id}).all())
    if not order.adjustment_count:
        set_committed_value(order, "adjustments", [])
    return order


def order_of_customer(
    session: Session, customer_id: str, order_id: str, *, only_at: str | None, now: datetime
) -> Order | None:
    """The customer's order, to be changed; nothing for anybody else's. What was due by the clock has happened to it.

    `only_at`: the id of the one restaurant whose orders they may touch, if it isn't all of theirs.
    """
    theirs = Order.customer_id == customer_id
    return _settled(session, theirs if only_at is None else theirs & (Order.restaurant_id == only_at), order_id, now)


def order_of_restaurant(session: Session, restaurant_id: str, order_id: str, *, now: datetime) -> Order | None:
    """The restaurant's order, to be changed; nothing for any other's. What was due by the clock has happened to it."""
    return _settled(session, Order.restaurant_id == restaurant_id, order_id, now)


def _settled(session: Session, is_theirs: ColumnElement[bool], order_id: str, now: datetime) -> Order | None:
    # Locked, where rows can be, before the rest of it is read: else what somebody else commits in between is seen by
    # half, and who is refused because of that, and so changes nothing, is told what never was.
    theirs = select(Order.id).where(Order.id == order_id, is_theirs)
    theirs = theirs.with_for_update(key_share=True) if is_writing(session) else theirs
    if not is_id(order_id) or session.scalar(theirs) is None:
        return None
    order = order_to_change(session, order_id)
    lapse_adjustment(order, now=now)
    return order


def store_new(transaction: Connection, order: Order) -> None:
    """Add the rows of an order that is in no session and not in the database yet."""
    if inspect(order).session is not None:
        raise ValueError("The session of this order would store it once more.")
    _ORDERS.store(transaction, order)
    parts = (
        (_LINES, order.lines),
        (_ADJUSTMENTS, order.adjustments),
        (_REFUNDS, order.refunds),
        (_EVENTS, order.events),
    )
    for rows, new in parts:
        rows.store(transaction, *new, order_id=order.id)
