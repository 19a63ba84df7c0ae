"""The possible outcomes of acts that meet: those of the acts one after the other, in any order, computed in memory."""

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
"""Stands in place of a refusal for an act that was not refused."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An order's history and state, and for each act its refusal's sentence or DONE."""

    refusals: tuple[str, ...]
    history: tuple[str, ...]
    state: str
    adjustments: tuple[str, ...]
    bill: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.state} {self.history} {self.adjustments} {self.bill}, refusals {self.refusals}"


def outcome_of(order: Order, refusals: tuple[str, ...]) -> Outcome:
    """Return the order's outcome as it is now."""
    events = sorted(order.events, key=lambda event: event.number)
    return Outcome(
        refusals,
        tuple(f"{event.number} {event.kind} by {event.by}" for event in events),
        order.state,
        tuple(_in_words(adjustment) for adjustment in order.adjustments),
        (order.bill.charged, order.bill.tip),
    )


def possible_outcomes(
    situation: Situation, acts: tuple[Act, ...], restaurant: Restaurant, customer: Customer, *, at: datetime
) -> set[Outcome]:
    """Return the outcomes for an order that got into the situation at that moment. If its time is due, the clock acts
    too."""

    def fresh() -> Order:
        return an_order_in(situation, restaurant, customer, at=at)

    if situation is not Situation.DUE:
        now = at + A_MOMENT
        return {
            _outcome_in_order(fresh(), [(index, now) for index in indexes], acts)
            for indexes in permutations(range(len(acts)))
        }
    return set(_with_the_clock(fresh, acts, at + ANSWER_TIME))


def _with_the_clock(fresh: Callable[[], Order], acts: tuple[Act, ...], due: datetime) -> Iterator[Outcome]:
    """Yield the outcome of each order of acts and clock. An act before the clock's is in time, one after it is too
    late."""
    for indexes in permutations((*range(len(acts)), None)):
        turn_of_clock = indexes.index(None)
        times = [due - A_MOMENT if turn < turn_of_clock else due + A_MOMENT for turn in range(len(indexes))]
        yield _outcome_in_order(fresh(), [(index, now) for index, now in zip(indexes, times, strict=True)], acts)


def _outcome_in_order(order: Order, turns: list[tuple[int | None, datetime]], acts: tuple[Act, ...]) -> Outcome:
    """Return the outcome of these turns. A turn is the index of an act, or None where only the clock acts, and its
    time."""
    refusals = [DONE] * len(acts)
    for index, now in turns:
        lapse_adjustment(order, now=now)
        try:
            if index is not None:
                acts[index].do(order, now)
        except Refusal as refusal:
            refusals[index or 0] = refusal.sentence
    return outcome_of(order, tuple(refusals))


def _in_words(adjustment: Adjustment) -> str:
    return f"{adjustment.number} {adjustment.state} by {adjustment.ended_by}, extended {adjustment.extensions}"
