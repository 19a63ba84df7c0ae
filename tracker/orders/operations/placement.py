"""Placing a restaurant's own orders, with idempotency keys so that a repeated request places only one order."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from tracker.accounts.model import Customer, Restaurant
from tracker.database import Base, advisory_lock
from tracker.ids import new_id
from tracker.orders.event_details import Placed
from tracker.orders.events import record_event
from tracker.orders.lines import set_line_counts
from tracker.orders.model import Order, OrderEvent
from tracker.orders.progress import Step
from tracker.orders.refusals import IdempotencyKeyReused, NothingLeft, NotPossible
from tracker.orders.reports import OrderDetails, described_columns
from tracker.orders.states import Actor, OrderState


class IdempotencyKey(Base):
    """The idempotency key under which a restaurant has placed an order by the API. A repetition gets the same order."""

    __tablename__ = "placings"

    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime]


def find_idempotent_order(session: Session, restaurant_id: str, key: str, body_hash: str) -> str | None:
    """Return the id of the order that the restaurant has placed under this key. Return None if there is none.

    A lock keeps others from placing an order under this key until the transaction ends. Raise IdempotencyKeyReused if
    the earlier request had another body, that is, another `body_hash`.
    """
    advisory_lock(session, f"record {restaurant_id} {key}")
    record = session.get(IdempotencyKey, (restaurant_id, key))
    if record is None:
        return None
    if record.body_hash != body_hash:
        raise IdempotencyKeyReused("Another order was placed under this Idempotency-Key.", at=record.created_at)
    return record.order_id


def place_order(
    restaurant: Restaurant, details: OrderDetails, *, customer: Customer, actor_name: str | None, now: datetime
) -> OrderEvent:
    """Place one of the restaurant's own orders.

    Raise NothingLeft without lines, and NotPossible if two lines have the same `ref` or the parts of the bill do not
    add up to `charged`: there is no platform that could charge other amounts.
    """
    if not details.lines:
        raise NothingLeft("An order has at least one line.")
    if len({line.ref for line in details.lines}) < len(details.lines):
        raise NotPossible("Every line needs an id of its own.")
    if details.bill.other:
        raise NotPossible("The parts of the bill don’t add up to what is charged.")

    order = Order(
        id=new_id(now),
        restaurant=restaurant,
        restaurant_id=restaurant.id,
        customer=customer,
        customer_id=customer.id,
        state=OrderState.PLACED,
        step=Step.PLACED,
        version=0,
        source_versions={},
        placed_at=details.placed_at or now,
        is_placed_at_reported=False,
        is_promise_own=False,
        bill=details.bill,
        first_charged_minor=details.bill.charged,
        adjustment_count=0,
        has_onlookers=False,
        **described_columns(details),
    )
    set_line_counts(order, details.lines, as_ordered=True, as_now=True)
    return record_event(order, Placed(), by=Actor.RESTAURANT, actor_name=actor_name, at=order.placed_at, now=now)
