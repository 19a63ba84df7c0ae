"""Finding orders. A finder takes the proof of who asks, and doesn't find what that proof doesn't open."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import literal, literal_column, select, tuple_
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from tracker.accounts.model import Customer
from tracker.database import UtcDateTime
from tracker.ids import is_id
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order
from tracker.orders.states import FINAL_STATES, AdjustmentState, OrderState


class OrderOwner(NamedTuple):
    """An order, and whose it is, if that is known."""

    order_id: str
    customer: Customer | None


def list_orders_for_customer(
    session: Session,
    customer_id: str,
    *,
    only_restaurant_id: str | None,
    before: tuple[datetime, str] | None = None,
    limit: int = 20,
) -> list[Order]:
    """The customer's orders, newest first; `before` is (placed_at, id) of the last order on the previous page.

    `only_restaurant_id` limits the list to one restaurant; None means all of the customer's orders.
    """
    mine = select(Order).where(Order.customer_id == customer_id)
    if only_restaurant_id is not None:
        mine = mine.where(Order.restaurant_id == only_restaurant_id)
    if before is not None:
        mine = mine.where(tuple_(Order.placed_at, Order.id) < tuple_(literal(before[0], UtcDateTime), before[1]))
    newest_first = mine.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    found = list(session.scalars(newest_first.options(selectinload(Order.lines))))
    _load_open_adjustments(session, found)
    return found


def _load_open_adjustments(session: Session, orders: list[Order]) -> None:
    """Few orders have ever been adjusted, and of those only the open adjustments are of interest in a list."""
    asked = [order.id for order in orders if order.state is OrderState.ADJUSTED]
    is_open = Adjustment.order_id.in_(asked) & (Adjustment.state == AdjustmentState.OPEN)
    adjustments = session.scalars(select(Adjustment).where(is_open)).all() if asked else []
    for order in orders:
        set_committed_value(order, "adjustments", [one for one in adjustments if one.order_id == order.id])


def list_orders_for_restaurant(
    session: Session, restaurant_id: str, *, only_live: bool, before: str | None, limit: int
) -> list[Order] | None:
    """The restaurant's orders, newest first, from the one after `before`; nothing if that is no order of theirs."""
    theirs = select(Order).where(Order.restaurant_id == restaurant_id)
    if only_live:
        # Written out, for SQLite uses the index of live orders only where it sees that they are.
        theirs = theirs.where(
            Order.state.in_([literal_column(f"'{each}'") for each in OrderState if each not in FINAL_STATES])
        )
    if before is not None:
        last = session.scalars(select(Order).where(Order.id == before, Order.restaurant_id == restaurant_id)).first()
        if last is None:
            return None
        theirs = theirs.where(tuple_(Order.placed_at, Order.id) < tuple_(literal(last.placed_at, UtcDateTime), last.id))
    loaded = (selectinload(each) for each in (Order.lines, Order.adjustments, Order.refunds, Order.customer))
    newest_first = theirs.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    return list(session.scalars(newest_first.options(*loaded, selectinload(Order.platform_account))))


def find_order_owner(session: Session, restaurant_id: str, order_id: str) -> OrderOwner | None:
    """Whose the restaurant's order is; nothing for any other's."""
    if not is_id(order_id):
        return None
    theirs = select(Order.id, Customer).outerjoin(Customer, Customer.id == Order.customer_id)
    found = session.execute(theirs.where(Order.id == order_id, Order.restaurant_id == restaurant_id)).one_or_none()
    return OrderOwner(*found) if found else None
