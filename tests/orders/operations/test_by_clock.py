"""What happens by itself when the time to answer is over: what was announced, whatever the restaurant changes later."""

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


def asked(if_unanswered: IfUnanswered, minutes: int = 10) -> Order:
    order = an_own_order(a_restaurant(if_unanswered=if_unanswered, answer_minutes=minutes))
    an_adjustment(order)
    return order


def test_without_an_answer_the_order_goes_ahead_with_the_change_where_the_restaurant_says_so() -> None:
    order = asked(IfUnanswered.GO_AHEAD)

    event = lapse_adjustment(order, now=OVER)

    assert (order.state, order.confirmed_at, order.total.minor) == (OrderState.CONFIRMED, OVER, 2800)
    assert (order.adjustments[0].state, order.adjustments[0].ended_by) == (AdjustmentState.LAPSED, Actor.CLOCK)
    assert event is not None
    assert (event.kind, event.by, event.at) == (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CLOCK, OVER)


def test_without_an_answer_the_order_is_cancelled_where_the_restaurant_says_so() -> None:
    order = asked(IfUnanswered.CANCEL)

    event = lapse_adjustment(order, now=OVER)

    assert (order.state, order.total.minor) == (OrderState.CANCELLED, 3450)
    assert order.reason == "There was no answer to the restaurant’s change in time."
    assert order.adjustments[0].state is AdjustmentState.LAPSED
    assert event is not None
    assert (event.kind, event.by) == (OrderEventKind.CANCELLED, Actor.CLOCK)


@pytest.mark.parametrize("if_unanswered", list(IfUnanswered))
def test_until_the_last_moment_nothing_happens_and_after_it_only_once(if_unanswered: IfUnanswered) -> None:
    order = asked(if_unanswered)

    assert lapse_adjustment(order, now=LAST_MOMENT) is None
    assert lapse_adjustment(order, now=OVER) is not None
    assert lapse_adjustment(order, now=OVER + timedelta(hours=1)) is None
    assert order.version == 3


def test_who_has_asked_for_more_time_has_it() -> None:
    order = asked(IfUnanswered.CANCEL)
    by_customer.ask_for_more_time(order, 1, 1, now=LAST_MOMENT)

    assert lapse_adjustment(order, now=OVER) is None
    assert lapse_adjustment(order, now=OVER + timedelta(minutes=10)) is not None


def test_what_was_announced_counts_and_not_what_the_restaurant_has_changed_its_rule_to() -> None:
    order = asked(IfUnanswered.GO_AHEAD, minutes=3)
    order.restaurant.if_unanswered, order.restaurant.answer_minutes = IfUnanswered.CANCEL, 60

    lapse_adjustment(order, now=EVENING + timedelta(minutes=3, seconds=1))

    assert order.state is OrderState.CONFIRMED


def test_a_newer_adjustment_starts_the_time_anew() -> None:
    order = asked(IfUnanswered.CANCEL)
    an_adjustment(order, a_change(45), now=LAST_MOMENT)

    assert lapse_adjustment(order, now=OVER) is None
    assert [each.state for each in order.adjustments] == [AdjustmentState.REPLACED, AdjustmentState.OPEN]


def test_what_is_not_asked_does_not_lapse() -> None:
    order = asked(IfUnanswered.CANCEL)
    by_restaurant.confirm_order(order, None, actor_name="bob@example.com", now=EVENING)

    assert lapse_adjustment(order, now=OVER) is None
    assert lapse_adjustment(an_order(), now=OVER) is None
