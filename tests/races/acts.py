"""What each side may do with an order: as an operation, and as the request of who does it; and the orders they meet at.

An order of this room has the restaurant's own lines "pizza" and "dolce", and whatever has happened to it before.
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
    """Adjusted, and the time to answer ends at the very instant at which both act."""
    CONFIRMED = auto()
    COMPLETED = auto()


@dataclass(frozen=True, slots=True)
class Act:
    """Something that one side does. The fields are those of its form, or of the API's body."""

    name: str
    is_customers: bool
    path: str
    do: Callable[[Order, datetime], OrderEvent | None]
    fields: dict[str, Any] = field(default_factory=dict)


def _customers(name: str, path: str, operation: Callable[..., OrderEvent | None], **said: int) -> Act:
    """The form calls what was shown `version`; amounts of money are said as people do."""
    names = {"seen": "version", "minor": "amount"}
    fields = {names.get(key, key): f"{value / 100:.2f}" if key == "minor" else value for key, value in said.items()}
    return Act(name, True, path, lambda order, now: operation(order, **said, now=now), fields)


def _kitchens(name: str, path: str, do: Callable[[Order, datetime], OrderEvent], **fields: Any) -> Act:
    return Act(name, False, path, do, fields)


def _progress(status: str) -> Act:
    return _kitchens(
        f"says {status}",
        "progress",
        lambda order, now: by_restaurant.progress_order(order, status, actor_name=STAFF, now=now),
        status=status,
    )


CONFIRM = _kitchens(
    "confirms", "confirm", lambda order, now: by_restaurant.confirm_order(order, None, actor_name=STAFF, now=now)
)
REJECT = _kitchens(
    "rejects",
    "reject",
    lambda order, now: by_restaurant.reject_order(order, "Too busy", actor_name=STAFF, now=now),
    reason="Too busy",
)
LEAVE_OUT = _kitchens(
    "leaves the pizza out",
    "adjust",
    lambda order, now: by_restaurant.adjust_order(order, ProposedChange(lines=("pizza",)), actor_name=STAFF, now=now),
    items=["pizza"],
)
TAKE_LONGER = _kitchens(
    "would take an hour",
    "adjust",
    lambda order, now: by_restaurant.adjust_order(
        order, ProposedChange(promised_at=now + timedelta(hours=1)), actor_name=STAFF, now=now
    ),
    time=60,
)
ON_ITS_WAY, HANDED_OVER = _progress("Out for delivery"), _progress("Delivered")

ACCEPT = _customers("accepts", "accept", by_customer.accept_adjustment, number=1)
TURN_DOWN = _customers("turns it down", "reject", by_customer.reject_adjustment, number=1)
MORE_TIME = _customers("asks for more time", "more-time", by_customer.ask_for_more_time, number=1, extension=1)
CANCEL_UNANSWERED = _customers("cancels", "cancel", by_customer.cancel_order, seen=1)
CANCEL_ADJUSTED = _customers("cancels", "cancel", by_customer.cancel_order, seen=2)
TIPS = [_customers(f"tips {minor}", "tip", by_customer.change_tip, minor=minor, seen=3) for minor in (300, 500)]
RATES = [_customers(f"gives {stars}", "rate", by_customer.rate_order, stars=stars, seen=3) for stars in (4, 5)]

_WHILE_ASKED = [ACCEPT, TURN_DOWN, MORE_TIME, CANCEL_ADJUSTED, CONFIRM, REJECT, LEAVE_OUT, TAKE_LONGER]
POSSIBLE: dict[Situation, list[Act]] = {
    Situation.PLACED: [CANCEL_UNANSWERED, CONFIRM, REJECT, LEAVE_OUT, TAKE_LONGER],
    Situation.ADJUSTED: _WHILE_ASKED,
    Situation.DUE: _WHILE_ASKED,
    Situation.CONFIRMED: [CANCEL_UNANSWERED, REJECT, ON_ITS_WAY, HANDED_OVER],
    Situation.COMPLETED: [*TIPS, *RATES, REJECT],
}
"""The acts that may meet in each situation; the same twice is a form that was sent twice, or two tablets."""


def an_order_in(situation: Situation, restaurant: Restaurant, customer: Customer, *, at: datetime) -> Order:
    """A new order to which that has happened; if it was adjusted, then at this moment."""
    order = an_own_order(restaurant, customer=customer)
    match situation:
        case Situation.ADJUSTED | Situation.DUE:
            by_restaurant.adjust_order(order, a_change(), actor_name=STAFF, now=at)
        case Situation.CONFIRMED | Situation.COMPLETED:
            by_restaurant.confirm_order(order, at + timedelta(minutes=30), actor_name=STAFF, now=at)
    if situation is Situation.COMPLETED:
        by_restaurant.progress_order(order, "Delivered", actor_name=STAFF, now=at)
    return order
