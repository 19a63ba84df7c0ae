"""Every operation of a restaurant, its customer and the clock on an own order, prepared so that tests can run it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.builders import a_customer, a_restaurant, some_details
from tracker.accounts.model import Customer, IfUnanswered, Restaurant
from tracker.orders.bill import Bill, LineOption
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_clock, by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.placement import place_order
from tracker.orders.reports import LineDetails

Step = Callable[[Order, datetime], OrderEvent | None]

MARGHERITA = LineDetails("Margherita", 2, 1150, "Pizza", (LineOption(name="Extra basil", minor=50),), ref="m1")
TIRAMISU = LineDetails("Tiramisu", 1, 650, "Dolci", ref="t1")
BILL = Bill(items=2950, delivery=300, charged=3250, tip=200)
WHO = "luigi@example.com"


def a_pizzeria(**changes: Any) -> Restaurant:
    """Return a restaurant that gives its customers ten minutes to answer, and then cancels."""
    usual = {"answer_minutes": 10, "if_unanswered": IfUnanswered.CANCEL, "statuses": {}}
    return a_restaurant(**usual | changes)


def an_own_order(
    now: datetime, restaurant: Restaurant | None = None, customer: Customer | None = None, **details: Any
) -> Order:
    """Return an order of two pizzas and a dessert for €34.50 that the restaurant has placed itself."""
    usual = {"lines": (MARGHERITA, TIRAMISU), "bill": BILL, "placed_at": now} | details
    customer = customer or a_customer()
    return place_order(
        restaurant or a_pizzeria(), some_details(**usual), customer=customer, actor_name=WHO, now=now
    ).order


def propose(due: int | None = None, **change: Any) -> Step:
    """Return a step in which the restaurant proposes a change, due in so many minutes.

    Without arguments the change removes the tiramisu.
    """
    change = change or ({} if due else {"lines": ("t1",), "reason": "The mascarpone has run out."})

    def step(order: Order, now: datetime) -> OrderEvent:
        promised_at = now + timedelta(minutes=due) if due else None
        return by_restaurant.adjust_order(
            order, ProposedChange(promised_at=promised_at, **change), actor_name=WHO, now=now
        )

    return step


def kitchen(operation: Callable[..., OrderEvent], *arguments: Any) -> Step:
    """Return a step in which the restaurant runs this operation. An integer argument n means the time in n minutes."""

    def step(order: Order, now: datetime) -> OrderEvent:
        values = [now + timedelta(minutes=value) if isinstance(value, int) else value for value in arguments]
        return operation(order, *values, actor_name=WHO, now=now)

    return step


def lapse(order: Order, now: datetime) -> OrderEvent | None:
    """Let the time to answer pass."""
    return by_clock.lapse_adjustment(order, now=now + timedelta(minutes=11))


CONFIRM = kitchen(by_restaurant.confirm_order, 30)
COMPLETE = kitchen(by_restaurant.progress_order, "Delivered")
ADJUST = propose(50, lines=("t1",), options=("Extra basil",), reason="The mascarpone has run out.")

OPERATIONS: dict[str, tuple[list[Step], Step]] = {
    "confirm_order": ([], CONFIRM),
    "confirm_order, without the change": ([ADJUST], CONFIRM),
    "adjust_order": ([], ADJUST),
    "adjust_order, again": ([ADJUST], propose(70)),
    "reject_order": ([], kitchen(by_restaurant.reject_order, "We are closing soon.")),
    "reject_order, while it was adjusted": ([ADJUST], kitchen(by_restaurant.reject_order, None)),
    "move_promise": ([CONFIRM], kitchen(by_restaurant.move_promise, 45)),
    "progress_order": ([CONFIRM], kitchen(by_restaurant.progress_order, "Out for delivery")),
    "progress_order, back": (
        [CONFIRM, kitchen(by_restaurant.progress_order, "Out for delivery")],
        kitchen(by_restaurant.progress_order, "Being made"),
    ),
    "progress_order, to the end": ([CONFIRM], COMPLETE),
    "accept_adjustment": ([ADJUST], lambda order, now: by_customer.accept_adjustment(order, 1, now=now)),
    "reject_adjustment": ([ADJUST], lambda order, now: by_customer.reject_adjustment(order, 1, now=now)),
    "ask_for_more_time": ([ADJUST], lambda order, now: by_customer.ask_for_more_time(order, 1, 1, now=now)),
    "cancel_order": ([], lambda order, now: by_customer.cancel_order(order, 1, now=now)),
    "change_tip": ([CONFIRM, COMPLETE], lambda order, now: by_customer.change_tip(order, 500, order.version, now=now)),
    "rate_order": ([CONFIRM, COMPLETE], lambda order, now: by_customer.rate_order(order, 4, order.version, now=now)),
    "lapse_adjustment": ([ADJUST], lapse),
}
"""The steps before each operation, and the operation itself, by its name and perhaps its circumstances."""
