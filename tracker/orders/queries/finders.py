"""Finders of orders. They return only orders that belong to the given customer or restaurant."""

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
    """The id of an order and its customer. The customer is None if it is not known."""

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
    """Return the customer's orders, newest first. `before` is (placed_at, id) of the last order on the previous page.

    `only_restaurant_id` limits the list to one restaurant; None means all of the customer's orders.
    """
    query = select(Order).where(Order.customer_id == customer_id)
    if only_restaurant_id is not None:
        query = query.where(Order.restaurant_id == only_restaurant_id)
    if before is not None:
        query = query.where(tuple_(Order.placed_at, Order.id) < tuple_(literal(before[0], UtcDateTime), before[1]))
    newest_first = query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    found = list(session.scalars(newest_first.options(selectinload(Order.lines))))
    _load_open_adjustments(session, found)
    return found


def _load_open_adjustments(session: Session, orders: list[Order]) -> None:
    """Load only the open adjustments of the orders. A list shows no others, and few orders have any."""
    adjusted_ids = [order.id for order in orders if order.state is OrderState.ADJUSTED]
    is_open = Adjustment.order_id.in_(adjusted_ids) & (Adjustment.state == AdjustmentState.OPEN)
    adjustments = session.scalars(select(Adjustment).where(is_open)).all() if adjusted_ids else []
    for order in orders:
        set_committed_value(order, "adjustments", [found for found in adjustments if found.order_id == order.id])


def list_orders_for_restaurant(
    session: Session, restaurant_id: str, *, only_live: bool, before: str | None, limit: int
) -> list[Order] | None:
    """Return the restaurant's orders, newest first, from the one after `before`, an order's id.

    Return None if `before` is not an order of the restaurant.
    """
    query = select(Order).where(Order.restaurant_id == restaurant_id)
    if only_live:
        # The states are literals, because SQLite uses the partial index of live orders only for literals.
        query = query.where(
            Order.state.in_([literal_column(f"'{state}'") for state in OrderState if state not in FINAL_STATES])
        )
    if before is not None:
        last = session.scalars(select(Order).where(Order.id == before, Order.restaurant_id == restaurant_id)).first()
        if last is None:
            return None
        query = query.where(tuple_(Order.placed_at, Order.id) < tuple_(literal(last.placed_at, UtcDateTime), last.id))
    loaded = (selectinload(related) for related in (Order.lines, Order.adjustments, Order.refunds, Order.customer))
    newest_first = query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    return list(session.scalars(newest_first.options(*loaded, selectinload(Order.platform_account))))


def find_order_owner(session: Session, restaurant_id: str, order_id: str) -> OrderOwner | None:
    """Return the customer of an order of the restaurant. Return None if the order is not the restaurant's."""
    if not is_id(order_id):
        return None
    query = select(Order.id, Customer).outerjoin(Customer, Customer.id == Order.customer_id)
    found = session.execute(query.where(Order.id == order_id, Order.restaurant_id == restaurant_id)).one_or_none()
    return OrderOwner(*found) if found else None
