"""What each side may do with an order, as an operation and as a request, and the orders at which two acts meet.

Such an order has the restaurant's own lines "pizza" and "dolce", and the history of its situation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from tests.builders import a_change, an_own_order
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange

STAFF = "API"
ANSWER_TIME = timedelta(minutes=10)


class Situation(Enum):
    """What has happened to an order before two acts meet at it."""

    PLACED = auto()
    ADJUSTED = auto()
    DUE = auto()
    """The order is adjusted, and the time to answer ends at the very instant of both acts."""
    CONFIRMED = auto()
    COMPLETED = auto()


@dataclass(frozen=True, slots=True)
class Act:
    """Something that one side does. The fields are those of the side's form, or of the API's body."""

    name: str
    is_by_customer: bool
    path: str
    do: Callable[[Order, datetime], OrderEvent | None]
    fields: dict[str, Any] = field(default_factory=dict)


def _by_customer(name: str, path: str, operation: Callable[..., OrderEvent | None], **values: int) -> Act:
    """Return an act of the customer. The form calls `seen_version` "version" and takes amounts in major units."""
    names = {"seen_version": "version", "minor": "amount"}
    fields = {names.get(key, key): f"{value / 100:.2f}" if key == "minor" else value for key, value in values.items()}
    return Act(name, True, path, lambda order, now: operation(order, **values, now=now), fields)


def _by_restaurant(name: str, path: str, do: Callable[[Order, datetime], OrderEvent], **fields: Any) -> Act:
    return Act(name, False, path, do, fields)


def _progress(status: str) -> Act:
    return _by_restaurant(
        f"says {status}",
        "progress",
        lambda order, now: by_restaurant.progress_order(order, status, actor_name=STAFF, now=now),
        status=status,
    )


CONFIRM = _by_restaurant(
    "confirms", "confirm", lambda order, now: by_restaurant.confirm_order(order, None, actor_name=STAFF, now=now)
)
REJECT = _by_restaurant(
    "rejects",
    "reject",
    lambda order, now: by_restaurant.reject_order(order, "Too busy", actor_name=STAFF, now=now),
    reason="Too busy",
)
ADJUST_LINES = _by_restaurant(
    "leaves the pizza out",
    "adjust",
    lambda order, now: by_restaurant.adjust_order(order, ProposedChange(lines=("pizza",)), actor_name=STAFF, now=now),
    items=["pizza"],
)
ADJUST_TIME = _by_restaurant(
    "would take an hour",
    "adjust",
    lambda order, now: by_restaurant.adjust_order(
        order, ProposedChange(promised_at=now + timedelta(hours=1)), actor_name=STAFF, now=now
    ),
    time=60,
)
PROGRESS_OUT, PROGRESS_DELIVERED = _progress("Out for delivery"), _progress("Delivered")

ACCEPT = _by_customer("accepts", "accept", by_customer.accept_adjustment, number=1)
REJECT_ADJUSTMENT = _by_customer("turns it down", "reject", by_customer.reject_adjustment, number=1)
MORE_TIME = _by_customer("asks for more time", "more-time", by_customer.ask_for_more_time, number=1, extension=1)
CANCEL_UNANSWERED = _by_customer("cancels", "cancel", by_customer.cancel_order, seen_version=1)
CANCEL_ADJUSTED = _by_customer("cancels", "cancel", by_customer.cancel_order, seen_version=2)
CHANGE_TIPS = [
    _by_customer(f"tips {minor}", "tip", by_customer.change_tip, minor=minor, seen_version=3) for minor in (300, 500)
]
RATE = [_by_customer(f"gives {stars}", "rate", by_customer.rate_order, stars=stars, seen_version=3) for stars in (4, 5)]

_WHILE_ADJUSTED = [ACCEPT, REJECT_ADJUSTMENT, MORE_TIME, CANCEL_ADJUSTED, CONFIRM, REJECT, ADJUST_LINES, ADJUST_TIME]
POSSIBLE: dict[Situation, list[Act]] = {
    Situation.PLACED: [CANCEL_UNANSWERED, CONFIRM, REJECT, ADJUST_LINES, ADJUST_TIME],
    Situation.ADJUSTED: _WHILE_ADJUSTED,
    Situation.DUE: _WHILE_ADJUSTED,
    Situation.CONFIRMED: [CANCEL_UNANSWERED, REJECT, PROGRESS_OUT, PROGRESS_DELIVERED],
    Situation.COMPLETED: [*CHANGE_TIPS, *RATE, REJECT],
}
"""The acts that may meet in each situation. One act twice is a form that was sent twice, or two tablets."""


def an_order_in(situation: Situation, restaurant: Restaurant, customer: Customer, *, at: datetime) -> Order:
    """Return a new order in this situation. If it was adjusted, it was adjusted at this moment."""
    order = an_own_order(restaurant, customer=customer)
    match situation:
        case Situation.ADJUSTED | Situation.DUE:
            by_restaurant.adjust_order(order, a_change(), actor_name=STAFF, now=at)
        case Situation.CONFIRMED | Situation.COMPLETED:
            by_restaurant.confirm_order(order, at + timedelta(minutes=30), actor_name=STAFF, now=at)
    if situation is Situation.COMPLETED:
        by_restaurant.progress_order(order, "Delivered", actor_name=STAFF, now=at)
    return order
