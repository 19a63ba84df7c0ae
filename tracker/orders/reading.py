"""Finding orders. A finder takes the proof of who asks, and doesn't find what that proof doesn't open."""

from datetime import datetime

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session, selectinload

from tracker.database import Moment
from tracker.orders.model import Order


def orders_of_customer(
    session: Session, customer_id: str, *, before: tuple[datetime, str] | None = None, limit: int = 20
) -> list[Order]:
    """The customer's orders, newest first; `before` is (placed_at, id) of the last one on the page before."""
    mine = select(Order).where(Order.customer_id == customer_id)
    if before is not None:
        mine = mine.where(tuple_(Order.placed_at, Order.id) < tuple_(literal(before[0], Moment), before[1]))
    newest_first = mine.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    return list(session.scalars(newest_first.options(selectinload(Order.lines))))
