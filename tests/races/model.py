"""What may come of acts that meet: whatever came of them one after the other, in some order. Worked out in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations

from tests.races.acts import ANSWER_TIME, Act, Situation, an_order_in
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.refusals import Refusal

A_MOMENT = timedelta(milliseconds=1)
DONE = ""
"""What an act hears that was not refused."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What each act was told, the refusal's words or DONE; what is in the order's history; and what it is now."""

    told: tuple[str, ...]
    history: tuple[str, ...]
    state: str
    adjustments: tuple[str, ...]
    bill: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.state} {self.history} {self.adjustments} {self.bill}, told {self.told}"


def outcome_of(order: Order, told: tuple[str, ...]) -> Outcome:
    """How the order is now."""
    events = sorted(order.events, key=lambda event: event.number)
    return Outcome(
        told,
        tuple(f"{event.number} {event.kind} by {event.by}" for event in events),
        order.state,
        tuple(_in_words(adjustment) for adjustment in order.adjustments),
        (order.bill.charged, order.bill.tip),
    )


def possible_outcomes(
    situation: Situation, acts: tuple[Act, ...], restaurant: Restaurant, customer: Customer, *, at: datetime
) -> set[Outcome]:
    """Of an order that got into the situation at that moment; where its time is due, the clock acts with the others."""

    def fresh() -> Order:
        return an_order_in(situation, restaurant, customer, at=at)

    if situation is not Situation.DUE:
        now = at + A_MOMENT
        return {_played(fresh(), [(place, now) for place in places], acts) for places in permutations(range(len(acts)))}
    return set(_with_the_clock(fresh, acts, at + ANSWER_TIME))


def _with_the_clock(fresh: Callable[[], Order], acts: tuple[Act, ...], due: datetime) -> Iterator[Outcome]:
    """Who acts before the clock does so in time, and who acts after it too late."""
    for places in permutations((*range(len(acts)), None)):
        clocks = places.index(None)
        times = [due - A_MOMENT if turn < clocks else due + A_MOMENT for turn in range(len(places))]
        yield _played(fresh(), [(place, now) for place, now in zip(places, times, strict=True)], acts)


def _played(order: Order, turns: list[tuple[int | None, datetime]], acts: tuple[Act, ...]) -> Outcome:
    """Each turn is the place of who acts, nobody where it is only the clock's, and when that is."""
    told = [DONE] * len(acts)
    for place, now in turns:
        lapse_adjustment(order, now=now)
        try:
            if place is not None:
                acts[place].do(order, now)
        except Refusal as refusal:
            told[place or 0] = refusal.sentence
    return outcome_of(order, tuple(told))


def _in_words(adjustment: Adjustment) -> str:
    return f"{adjustment.number} {adjustment.state} by {adjustment.ended_by}, extended {adjustment.extensions}"
