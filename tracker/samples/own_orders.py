"""A builder of sample own orders, which restaurants adjust and customers answer, and the gallery's states of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.model import Customer, IfUnanswered
from tracker.ids import new_id
from tracker.orders.adjustment import WENT_AHEAD_UNANSWERED
from tracker.orders.bill import Bill, LineOption
from tracker.orders.model import Order
from tracker.orders.operations import by_clock, by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.placement import place_order
from tracker.orders.progress import Fulfilment, Status
from tracker.orders.refusals import Refusal, TooLate
from tracker.orders.reports import LineDetails
from tracker.samples.kitchen import DEFAULT_DETAILS, PlatformOrderBuilder, sample_restaurant

BILL = Bill(items=4300, delivery=300, service=50, charged=4650, tip=200)
BASIL = LineOption(name="Extra basil", minor=50)
LINES = (
    LineDetails("Margherita", 2, 1150, "Pizza", (BASIL,), ref="m"),
    LineDetails("Diavola", 1, 1350, "Pizza", (BASIL, LineOption(name="Dip: Garlic", minor=100)), ref="d"),
    LineDetails("Tiramisù", 1, 650, "Dolci", ref="t"),
)
STATUSES: list[Status] = [
    {"name": "Dough is resting", "step": "confirmed"},
    {"name": "In the oven", "step": "confirmed"},
    {"name": "Boxed", "step": "ready"},
    {"name": "With Luca on the bike", "step": "on_the_way"},
    {"name": "At your door", "step": "handed_over"},
]


class OwnOrderBuilder:
    """An order and the operations on it. Times are minutes after `started`, which is in minutes before now."""

    def __init__(self, now: datetime, started: int, *, by: dict[str, Any] | None = None, **details: Any) -> None:
        self._started = now - timedelta(minutes=started)
        restaurant = sample_restaurant(now, by or {})
        usual = replace(DEFAULT_DETAILS, placed_at=self._started, lines=LINES, bill=BILL)
        customer = Customer(id=new_id(now), email=None, name=None, created_at=now)
        placed = place_order(
            restaurant, replace(usual, **details), customer=customer, actor_name="API", now=self._started
        )
        self.order = placed.order

    def at(self, minute: float) -> datetime:
        """Return the time of this minute after the order was placed."""
        return self._started + timedelta(minutes=minute)

    def by_restaurant(self, minute: float, operation: Callable[..., object], *arguments: Any) -> "OwnOrderBuilder":
        """Run an operation of the restaurant at this minute."""
        operation(self.order, *arguments, actor_name="API", now=self.at(minute))
        return self

    def adjust(self, minute: float, due: int | None = None, **change: Any) -> "OwnOrderBuilder":
        """Have the restaurant propose a change, with the minute `due` as the new time if it is given."""
        promised_at = self.at(due) if due else None
        return self.by_restaurant(minute, by_restaurant.adjust_order, ProposedChange(promised_at=promised_at, **change))

    def by_customer(self, minute: float, operation: Callable[..., object], *arguments: Any) -> "OwnOrderBuilder":
        """Run an operation of the customer at this minute."""
        operation(self.order, *arguments, now=self.at(minute))
        return self

    def lapse(self, minute: float) -> "OwnOrderBuilder":
        """Lapse the open adjustment at this minute."""
        by_clock.lapse_adjustment(self.order, now=self.at(minute))
        return self


ALL_AT_ONCE = {"lines": ("t",), "options": ("Extra basil",), "reason": "No basil and no mascarpone are left tonight."}
GO_AHEAD = {"if_unanswered": IfUnanswered.GO_AHEAD}


def _adjusted_time(now: datetime) -> Order:
    return OwnOrderBuilder(now, 4).adjust(3, due=55, reason="Our oven is slow tonight.").order


def _adjusted_line(now: datetime) -> Order:
    return OwnOrderBuilder(now, 4).adjust(2, lines=("t",), reason="The mascarpone has run out.").order


def _adjusted_option(now: datetime) -> Order:
    return OwnOrderBuilder(now, 4, by=GO_AHEAD).adjust(3, options=("Extra basil",)).order


def _adjusted_all_at_once(now: datetime) -> Order:
    return OwnOrderBuilder(now, 4).adjust(3, due=70, **ALL_AT_ONCE).order


def _adjusted_over_midnight(now: datetime) -> Order:
    at = now.replace(hour=23, minute=30, second=0, microsecond=0) + timedelta(days=1)
    builder = OwnOrderBuilder(now, 30, is_advance=True, requested_for=at)
    return builder.by_restaurant(
        29, by_restaurant.adjust_order, ProposedChange(promised_at=at + timedelta(hours=1))
    ).order


def _adjusted_of_a_platform(now: datetime) -> Order:
    order = PlatformOrderBuilder(now, 6).order
    dessert = next(line.ref for line in order.lines if line.name == "Tiramisù")
    change = ProposedChange(lines=(dessert,), reason="The mascarpone has run out.")
    by_restaurant.adjust_order(order, change, actor_name="API", now=now - timedelta(minutes=1))
    return order


def _accepted_of_a_platform(now: datetime) -> Order:
    order = _adjusted_of_a_platform(now)
    by_customer.accept_adjustment(order, 1, now=now)
    return order


def _time_nearly_over(now: datetime) -> Order:
    return OwnOrderBuilder(now, 11).adjust(1.5, due=60, **ALL_AT_ONCE).order


def _adjusted_twice(now: datetime) -> Order:
    builder = (
        OwnOrderBuilder(now, 6)
        .adjust(2, due=55)
        .adjust(4, due=70, lines=("t",), reason="We looked again: no tiramisù.")
    )
    return builder.by_customer(5, by_customer.ask_for_more_time, 2, 1).order


def _accepted(now: datetime) -> Order:
    builder = OwnOrderBuilder(now, 6).adjust(2, due=55, **ALL_AT_ONCE)
    return builder.by_customer(4, by_customer.accept_adjustment, 1).order


def _rejected_by_customer(now: datetime) -> Order:
    return OwnOrderBuilder(now, 6).adjust(2, due=55).by_customer(4, by_customer.reject_adjustment, 1).order


def _lapsed_and_went_ahead(now: datetime) -> Order:
    return OwnOrderBuilder(now, 15, by=GO_AHEAD).adjust(2, due=55, lines=("t",)).lapse(13).order


def _lapsed_and_cancelled(now: datetime) -> Order:
    return OwnOrderBuilder(now, 15).adjust(2, due=55).lapse(13).order


def _withdrawn(now: datetime) -> Order:
    builder = OwnOrderBuilder(now, 6).adjust(2, lines=("t",))
    return builder.by_restaurant(4, by_restaurant.confirm_order, builder.at(40)).order


def _cancelled_by_customer(now: datetime) -> Order:
    return OwnOrderBuilder(now, 6).adjust(2, due=55).by_customer(4, by_customer.cancel_order, 2).order


def _own_statuses(now: datetime) -> Order:
    builder = _on_its_way(now)
    return builder.by_restaurant(24, by_restaurant.progress_order, "Boxed").order


def _own_statuses_set_back(now: datetime) -> Order:
    builder = _on_its_way(now).by_restaurant(24, by_restaurant.progress_order, "Boxed")
    return builder.by_restaurant(26, by_restaurant.progress_order, "In the oven").order


def _completed_without_thanks(now: datetime) -> Order:
    return _on_its_way(now).by_restaurant(29, by_restaurant.progress_order, "At your door").order


def _thanked(now: datetime) -> Order:
    builder = _on_its_way(now).by_restaurant(27, by_restaurant.progress_order, "At your door")
    builder.by_customer(28, by_customer.rate_order, 4, builder.order.version)
    return builder.by_customer(29, by_customer.change_tip, 500, builder.order.version).order


def _on_its_way(now: datetime) -> OwnOrderBuilder:
    builder = OwnOrderBuilder(now, 30, by={"statuses": {Fulfilment.DELIVERY: STATUSES}})
    builder.by_restaurant(2, by_restaurant.confirm_order, builder.at(45))
    for minute, status in ((5, "Dough is resting"), (14, "In the oven")):
        builder.by_restaurant(minute, by_restaurant.progress_order, status)
    return builder


OWN_STATES: dict[str, Callable[[datetime], Order]] = {
    "adjusted-time": _adjusted_time,
    "adjusted-line": _adjusted_line,
    "adjusted-option-of-several-lines": _adjusted_option,
    "adjusted-all-at-once": _adjusted_all_at_once,
    "adjusted-over-midnight": _adjusted_over_midnight,
    "adjusted-on-a-platform": _adjusted_of_a_platform,
    "adjusted-twice-and-more-time": _adjusted_twice,
    "adjusted-and-time-nearly-over": _time_nearly_over,
    "adjustment-accepted": _accepted,
    "adjustment-accepted-on-a-platform": _accepted_of_a_platform,
    "adjustment-rejected": _rejected_by_customer,
    "adjustment-lapsed-and-went-ahead": _lapsed_and_went_ahead,
    "adjustment-lapsed-and-cancelled": _lapsed_and_cancelled,
    "adjustment-withdrawn": _withdrawn,
    "cancelled-by-customer": _cancelled_by_customer,
    "answered-too-late": _lapsed_and_went_ahead,
    "own-statuses": _own_statuses,
    "own-statuses-set-back": _own_statuses_set_back,
    "completed-and-not-thanked": _completed_without_thanks,
    "completed-and-thanked": _thanked,
}
"""The function that creates each state of an own or adjusted order, by the state's name in the gallery."""


def refusal_of(state: str, order: Order) -> Refusal | None:
    """Return the refusal that the gallery shows with this state. Return None for states without one."""
    if state != "answered-too-late":
        return None
    return TooLate(WENT_AHEAD_UNANSWERED, at=order.adjustments[-1].ended_at)
