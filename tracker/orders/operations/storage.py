"""Loading orders in order to change them, and inserting new ones.

Changes go through a session, which detects what has changed. Inserts bypass it: every column of a new order is new, so
detecting changes would cost more than the rest of the work.
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
    """Inserts new objects of one mapped class as rows of its table."""

    def __init__(self, kind: type[Base], *generated_columns: str) -> None:
        table = kind.metadata.tables[kind.__tablename__]
        self._names = [column.name for column in table.columns if column.name not in generated_columns]
        self._insert: CompiledStatement = compiled_insert(table, self._names)

    def store(self, transaction: Connection, *new: Base, **same: Any) -> None:
        """Insert a row for each object. `same` are column values for all rows."""
        empty_row = dict.fromkeys(self._names)
        self._insert.run(transaction, *({**empty_row, **instance.__dict__, **same} for instance in new))


_ORDERS, _REFUNDS = _RowWriter(Order), _RowWriter(Refund)
_LINES, _EVENTS = _RowWriter(OrderLine, "id"), _RowWriter(OrderEvent, "id")
_ADJUSTMENTS = _RowWriter(Adjustment)


_ID: BindParameter[str] = bindparam("id")
_ORDER = select(Order).where(Order.id == _ID)
# These statements are built once and executed one by one. SQLAlchemy's loaders build theirs anew for every order.
_COLLECTIONS: dict[str, Select[Any]] = {
    "lines": select(OrderLine)
    .where(OrderLine.order_id == _ID)
    .order_by(OrderLine.position, OrderLine.name, OrderLine.ref),
    "refunds": select(Refund).where(Refund.order_id == _ID).order_by(Refund.at, Refund.ref),
    "events": select(OrderEvent).where(OrderEvent.order_id == _ID).order_by(OrderEvent.at, OrderEvent.number),
}


def load_order_for_update(session: Session, order_id: str) -> Order:
    """Return the order with all its collections. Changes to it are stored when the transaction is committed."""
    order = session.scalars(_ORDER, {"id": order_id}).one()
    for name, rows in _COLLECTIONS.items():
        set_committed_value(order, name, session.scalars(rows, {"id": order_id}).all())
    if not order.adjustment_count:
        set_committed_value(order, "adjustments", [])
    return order


def find_order_for_customer(
    session: Session, customer_id: str, order_id: str, *, only_restaurant_id: str | None, now: datetime
) -> Order | None:
    """Return the customer's order, to be changed, after lapsing an adjustment that is due.

    Return None if the order is not the customer's. `only_restaurant_id` limits the search to one restaurant; None means
    all of them.
    """
    is_theirs = Order.customer_id == customer_id
    return _find_for_update(
        session,
        is_theirs if only_restaurant_id is None else is_theirs & (Order.restaurant_id == only_restaurant_id),
        order_id,
        now,
    )


def find_order_for_restaurant(session: Session, restaurant_id: str, order_id: str, *, now: datetime) -> Order | None:
    """Return the restaurant's order, to be changed, after lapsing an adjustment that is due.

    Return None if the order is not the restaurant's.
    """
    return _find_for_update(session, Order.restaurant_id == restaurant_id, order_id, now)


def _find_for_update(session: Session, is_theirs: ColumnElement[bool], order_id: str, now: datetime) -> Order | None:
    # The row is locked, where the database has row locks, before the rest of the order is read. Otherwise a commit in
    # between would be seen only in part, and a refusal, which changes nothing, could describe a state that never was.
    statement = select(Order.id).where(Order.id == order_id, is_theirs)
    statement = statement.with_for_update(key_share=True) if can_write(session) else statement
    if not is_id(order_id) or session.scalar(statement) is None:
        return None
    order = load_order_for_update(session, order_id)
    lapse_adjustment(order, now=now)
    return order


def insert_order(transaction: Connection, order: Order) -> None:
    """Insert the rows of a new order that is in no session. Raise ValueError if it is in one."""
    if inspect(order).session is not None:
        raise ValueError("The order is in a session, which would insert it a second time.")
    _ORDERS.store(transaction, order)
    collections = (
        (_LINES, order.lines),
        (_ADJUSTMENTS, order.adjustments),
        (_REFUNDS, order.refunds),
        (_EVENTS, order.events),
    )
    for rows, new in collections:
        rows.store(transaction, *new, order_id=order.id)
