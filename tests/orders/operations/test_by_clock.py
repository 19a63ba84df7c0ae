"""What happens when the time to answer is over: what was announced, even if the restaurant changes its rule later."""

from datetime import timedelta

import pytest

from tests.builders import EVENING, a_change, a_restaurant, an_adjustment, an_order, an_own_order
from tracker.accounts.model import IfUnanswered
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.states import Actor, AdjustmentState, OrderEventKind, OrderState

LAST_MOMENT = EVENING + timedelta(minutes=10)
OVER = LAST_MOMENT + timedelta(microseconds=1)


def adjusted_order(if_unanswered: IfUnanswered, minutes: int = 10) -> Order:
    order = an_own_order(a_restaurant(if_unanswered=if_unanswered, answer_minutes=minutes))
    an_adjustment(order)
    return order


def test_without_an_answer_the_order_goes_ahead_if_that_is_the_restaurants_rule() -> None:
    order = adjusted_order(IfUnanswered.GO_AHEAD)

    event = lapse_adjustment(order, now=OVER)

    assert (order.state, order.confirmed_at, order.total.minor) == (OrderState.CONFIRMED, OVER, 2800)
    assert (order.adjustments[0].state, order.adjustments[0].ended_by) == (AdjustmentState.LAPSED, Actor.CLOCK)
    assert event is not None
    assert (event.kind, event.by, event.at) == (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CLOCK, OVER)


def test_without_an_answer_the_order_is_cancelled_if_that_is_the_restaurants_rule() -> None:
    order = adjusted_order(IfUnanswered.CANCEL)

    event = lapse_adjustment(order, now=OVER)

    assert (order.state, order.total.minor) == (OrderState.CANCELLED, 3450)
    assert order.reason == "There was no answer to the restaurant’s change in time."
    assert order.adjustments[0].state is AdjustmentState.LAPSED
    assert event is not None
    assert (event.kind, event.by) == (OrderEventKind.CANCELLED, Actor.CLOCK)


@pytest.mark.parametrize("if_unanswered", list(IfUnanswered))
def test_an_adjustment_lapses_only_after_the_last_moment_and_only_once(if_unanswered: IfUnanswered) -> None:
    order = adjusted_order(if_unanswered)

    assert lapse_adjustment(order, now=LAST_MOMENT) is None
    assert lapse_adjustment(order, now=OVER) is not None
    assert lapse_adjustment(order, now=OVER + timedelta(hours=1)) is None
    assert order.version == 3


def test_an_extended_adjustment_lapses_later() -> None:
    order = adjusted_order(IfUnanswered.CANCEL)
    by_customer.ask_for_more_time(order, 1, 1, now=LAST_MOMENT)

    assert lapse_adjustment(order, now=OVER) is None
    assert lapse_adjustment(order, now=OVER + timedelta(minutes=10)) is not None


def test_the_announced_rule_counts_even_if_the_restaurant_changes_it_later() -> None:
    order = adjusted_order(IfUnanswered.GO_AHEAD, minutes=3)
    order.restaurant.if_unanswered, order.restaurant.answer_minutes = IfUnanswered.CANCEL, 60

    lapse_adjustment(order, now=EVENING + timedelta(minutes=3, seconds=1))

    assert order.state is OrderState.CONFIRMED


def test_a_newer_adjustment_restarts_the_time_to_answer() -> None:
    order = adjusted_order(IfUnanswered.CANCEL)
    an_adjustment(order, a_change(45), now=LAST_MOMENT)

    assert lapse_adjustment(order, now=OVER) is None
    assert [adjustment.state for adjustment in order.adjustments] == [AdjustmentState.REPLACED, AdjustmentState.OPEN]


def test_an_order_without_an_open_adjustment_does_not_lapse() -> None:
    order = adjusted_order(IfUnanswered.CANCEL)
    by_restaurant.confirm_order(order, None, actor_name="bob@example.com", now=EVENING)

    assert lapse_adjustment(order, now=OVER) is None
    assert lapse_adjustment(an_order(), now=OVER) is None
