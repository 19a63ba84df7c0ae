"""Sample orders for the console's gallery, in every state that a restaurant sees, created by the operations."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.model import Customer, IfUnanswered, Restaurant
from tracker.accounts.registration import create_restaurant
from tracker.ids import new_id
from tracker.orders.model import Order
from tracker.orders.operations import by_clock, by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.placement import place_order
from tracker.orders.progress import Fulfilment
from tracker.orders.reports import OrderDetails
from tracker.samples.kitchen import DEFAULT_DETAILS, DIAVOLA, MARGHERITA, TIRAMISU

ACTOR_NAME = "cook@example.com"
WITHOUT = ProposedChange(lines=("t1",), options=("Extra basil",), reason="The basil and the tiramisù have run out.")


class Evening:
    """A restaurant, and methods that create its orders. Times are given in minutes before now."""

    def __init__(self, now: datetime) -> None:
        settings: dict[str, Any] = {
            "zone": "Europe/Dublin",
            "currency": "EUR",
            "locale": "en-IE",
            "phone": None,
            "colour": "#b3261e",
        }
        self.restaurant: Restaurant = create_restaurant(name="Bella Napoli", **settings, now=now)
        self.now = now
        self._codes = iter(range(41, 100))

    def placed(self, ago: float, name: str | None = "Ada Byrne", **details: Any) -> Order:
        """Create an order that was placed `ago` minutes ago."""
        at = self.ago(ago)
        lines = (replace(MARGHERITA, ref="m1"), replace(DIAVOLA, ref="d1"), replace(TIRAMISU, ref="t1"))
        usual: dict[str, Any] = {"placed_at": at, "short_code": f"A{next(self._codes)}", "lines": lines}
        order_details: OrderDetails = replace(DEFAULT_DETAILS, customer_name=name, **usual | details)
        customer = Customer(id=new_id(at), email=None, name=None, created_at=at)
        return place_order(self.restaurant, order_details, customer=customer, actor_name="API", now=at).order

    def ago(self, minutes: float) -> datetime:
        """Return the time this many minutes before now."""
        return self.now - timedelta(minutes=minutes)

    def confirmed(self, ago: float, due_in: float, **details: Any) -> Order:
        """Create an order confirmed a minute after it was placed, and promised for `due_in` minutes from now."""
        order = self.placed(ago, **details)
        by_restaurant.confirm_order(order, self.ago(-due_in), actor_name=ACTOR_NAME, now=self.ago(ago - 1))
        return order

    def adjusted(self, ago: float, change: ProposedChange = WITHOUT, **details: Any) -> Order:
        """Create an order that was adjusted a minute after it was placed."""
        order = self.placed(ago, **details)
        by_restaurant.adjust_order(order, change, actor_name=ACTOR_NAME, now=self.ago(ago - 1))
        return order


def _placed(evening: Evening) -> Order:
    return evening.placed(2)


def _waiting_long(evening: Evening) -> Order:
    return evening.placed(9, "Grace Murphy", fulfilment=Fulfilment.COLLECTION, note=None, address=None)


def _advance(evening: Evening) -> Order:
    return evening.placed(3, is_advance=True, requested_for=evening.ago(-26 * 60), name=None)


def _adjusted(evening: Evening) -> Order:
    return evening.adjusted(4)


def _adjusted_time(evening: Evening) -> Order:
    evening.restaurant.if_unanswered = IfUnanswered.GO_AHEAD
    order = evening.adjusted(6, ProposedChange(promised_at=evening.ago(-50)))
    evening.restaurant.if_unanswered = IfUnanswered.CANCEL
    by_customer.ask_for_more_time(order, 1, 1, now=evening.ago(1))
    return order


def _confirmed(evening: Evening) -> Order:
    return evening.confirmed(12, 18)


def _late(evening: Evening) -> Order:
    return evening.confirmed(50, -7, fulfilment=Fulfilment.TABLE, table_name="12", address=None, note=None)


def _accepted(evening: Evening) -> Order:
    order = evening.adjusted(20, replace(WITHOUT, promised_at=evening.ago(-15)))
    by_customer.accept_adjustment(order, 1, now=evening.ago(16))
    return order


def _lapsed(evening: Evening) -> Order:
    order = evening.adjusted(30)
    by_clock.lapse_adjustment(order, now=evening.ago(17))
    return order


def _on_the_way(evening: Evening) -> Order:
    order = evening.confirmed(35, 6)
    by_restaurant.progress_order(order, "Out for delivery", actor_name=ACTOR_NAME, now=evening.ago(4))
    return order


def _set_back(evening: Evening) -> Order:
    order = _on_the_way(evening)
    by_restaurant.progress_order(order, "Being made", actor_name="owner@example.com", now=evening.ago(2))
    by_restaurant.move_promise(order, evening.ago(-25), actor_name="owner@example.com", now=evening.ago(1))
    return order


def _ready(evening: Evening) -> Order:
    order = evening.confirmed(30, 2, fulfilment=Fulfilment.COLLECTION, address=None, note=None, name="Kim Sample")
    by_restaurant.progress_order(order, "Ready to collect", actor_name=ACTOR_NAME, now=evening.ago(1))
    return order


def _completed(evening: Evening) -> Order:
    order = evening.confirmed(55, -20)
    by_restaurant.progress_order(order, "Delivered", actor_name=ACTOR_NAME, now=evening.ago(15))
    by_customer.change_tip(order, 500, order.version, now=evening.ago(10))
    by_customer.rate_order(order, 4, order.version, now=evening.ago(9))
    return order


def _rejected(evening: Evening) -> Order:
    order = evening.placed(25)
    by_restaurant.reject_order(order, "We are closing soon.", actor_name=ACTOR_NAME, now=evening.ago(22))
    return order


def _cancelled(evening: Evening) -> Order:
    order = evening.adjusted(8)
    by_customer.reject_adjustment(order, 1, now=evening.ago(2))
    return order


def _left_open(evening: Evening) -> Order:
    return evening.confirmed(600, -555, short_code="YESTERDAY-0007")


def _long(evening: Evening) -> Order:
    line = replace(MARGHERITA, ref="m1", name="Slow-roasted vegetables with " + "very " * 8 + "good olive oil")
    lines = (line, *(replace(DIAVOLA, ref=f"d{number}", name=f"Dish number {number}") for number in range(9)))
    note = "No oregano, no onions, and please " + "really " * 12 + "no peanuts"
    return evening.confirmed(
        9, 31, lines=lines, bill=replace(DEFAULT_DETAILS.bill, items=15000, charged=15350), note=note
    )


STATES: dict[str, Callable[[Evening], Order]] = {
    "placed": _placed,
    "waiting-long": _waiting_long,
    "advance": _advance,
    "adjusted": _adjusted,
    "adjusted-time": _adjusted_time,
    "confirmed": _confirmed,
    "late": _late,
    "accepted": _accepted,
    "lapsed": _lapsed,
    "on-the-way": _on_the_way,
    "set-back": _set_back,
    "ready": _ready,
    "completed": _completed,
    "rejected": _rejected,
    "cancelled": _cancelled,
    "left-open": _left_open,
    "long": _long,
}
"""The function that creates the order of each state, by the state's name in the gallery."""
