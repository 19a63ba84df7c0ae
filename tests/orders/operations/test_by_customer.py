"""Customers answer an adjustment: once, in time, and only the one that they were shown. Other answers are refused."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.builders import EVENING, a_change, a_restaurant, an_adjustment, an_own_order
from tracker.accounts.model import IfUnanswered
from tracker.orders.event_details import AdjustmentAccepted, LineChange, TimeToAnswerExtended
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.operations.by_customer import MAX_EXTENSIONS
from tracker.orders.refusals import AlreadyAnswered, ChangedMeanwhile, NotPossible, TooLate, Unknown
from tracker.orders.states import Actor, AdjustmentState, OrderEventKind, OrderState

LATER = EVENING + timedelta(minutes=5)
OVER = EVENING + timedelta(minutes=10, seconds=1)
BOB = "bob@example.com"
Answer = Callable[..., OrderEvent | None]


def adjusted_order(if_unanswered: IfUnanswered = IfUnanswered.CANCEL) -> Order:
    """Return an order with a proposal to leave out its tiramisu. The customer has ten minutes to answer."""
    order = an_own_order(a_restaurant(if_unanswered=if_unanswered))
    an_adjustment(order)
    return order


def test_the_customer_accepts_and_the_order_goes_ahead_without_what_is_left_out() -> None:
    order = adjusted_order()

    event = by_customer.accept_adjustment(order, 1, now=LATER)

    assert (order.state, order.confirmed_at) == (OrderState.CONFIRMED, LATER)
    assert [line.name for line in order.lines if line.is_removed] == ["Tiramisu"]
    assert (order.adjustments[0].state, order.adjustments[0].ended_by) == (AdjustmentState.ACCEPTED, Actor.CUSTOMER)
    assert event is not None
    assert (event.kind, event.by, event.actor_name) == (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CUSTOMER, None)
    lines = (LineChange(name="Tiramisu", before=1, after=0),)
    assert event.details == AdjustmentAccepted(adjustment=1, lines=lines, total_from=3450, total_to=2800)


def test_the_customer_rejects_and_the_order_is_cancelled() -> None:
    order = adjusted_order()

    event = by_customer.reject_adjustment(order, 1, now=LATER)

    assert (order.state, order.ended_at, order.reason) == (OrderState.CANCELLED, LATER, None)
    assert order.adjustments[0].state is AdjustmentState.REJECTED
    assert not any(line.is_removed for line in order.lines)
    assert event is not None
    assert (event.kind, event.by) == (OrderEventKind.CANCELLED, Actor.CUSTOMER)


@pytest.mark.parametrize("answer", [by_customer.accept_adjustment, by_customer.reject_adjustment])
def test_the_same_answer_sent_twice_counts_once(answer: Answer) -> None:
    order = adjusted_order()
    answer(order, 1, now=LATER)
    version = order.version

    assert answer(order, 1, now=OVER) is None
    assert order.version == version


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (by_customer.accept_adjustment, by_customer.reject_adjustment, "You have accepted this change already."),
        (by_customer.reject_adjustment, by_customer.accept_adjustment, "and the order was cancelled."),
    ],
)
def test_of_two_different_answers_the_first_counts(first: Answer, second: Answer, sentence: str) -> None:
    order = adjusted_order()
    first(order, 1, now=LATER)

    with pytest.raises(AlreadyAnswered, match=sentence) as refusal:
        second(order, 1, now=OVER)
    with pytest.raises(AlreadyAnswered):
        by_customer.ask_for_more_time(order, 1, 1, now=LATER)

    assert refusal.value.at == LATER


def test_an_answer_to_a_replaced_adjustment_is_refused() -> None:
    order = adjusted_order()
    an_adjustment(order, a_change(45), now=LATER)

    for answer in (by_customer.accept_adjustment, by_customer.reject_adjustment):
        with pytest.raises(ChangedMeanwhile, match="has proposed something else meanwhile") as refusal:
            answer(order, 1, now=LATER)
        assert refusal.value.at == LATER
    with pytest.raises(ChangedMeanwhile):
        by_customer.ask_for_more_time(order, 1, 1, now=LATER)

    assert order.open_adjustment is order.adjustments[1]


def test_an_answer_to_an_adjustment_that_was_never_proposed_is_refused() -> None:
    with pytest.raises(Unknown, match="has proposed no such change"):
        by_customer.accept_adjustment(an_own_order(), 1, now=LATER)
    with pytest.raises(Unknown):
        by_customer.reject_adjustment(adjusted_order(), 2, now=LATER)


@pytest.mark.parametrize(
    ("if_unanswered", "sentence"),
    [
        (IfUnanswered.GO_AHEAD, "There was no answer in time, so the order went ahead with the change."),
        (IfUnanswered.CANCEL, "There was no answer in time, so the order was cancelled."),
    ],
)
def test_a_late_answer_is_refused_with_what_has_happened_instead(if_unanswered: IfUnanswered, sentence: str) -> None:
    order = adjusted_order(if_unanswered)
    lapse_adjustment(order, now=OVER)

    for answer in (by_customer.accept_adjustment, by_customer.reject_adjustment):
        with pytest.raises(TooLate) as refusal:
            answer(order, 1, now=OVER)
        assert (refusal.value.sentence, refusal.value.at) == (sentence, OVER)


def test_a_late_answer_is_refused_even_before_the_adjustment_has_lapsed() -> None:
    order = adjusted_order()

    by_customer.ask_for_more_time(
        adjusted_order(), 1, 1, now=order.adjustments[0].answer_by
    )  # allowed until the last moment
    with pytest.raises(TooLate, match="The time to answer is over") as refusal:
        by_customer.accept_adjustment(order, 1, now=OVER)

    assert refusal.value.at == order.adjustments[0].answer_by
    assert order.state is OrderState.ADJUSTED


def confirmed_and_delivered(order: Order, now: datetime) -> None:
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=now)
    by_restaurant.progress_order(order, "Delivered", actor_name=BOB, now=now)


@pytest.mark.parametrize(
    ("end_adjustment", "sentence"),
    [
        (
            lambda order: by_restaurant.confirm_order(order, None, actor_name=BOB, now=LATER),
            "has confirmed your order without",
        ),
        (lambda order: confirmed_and_delivered(order, LATER), "has confirmed your order without"),
        (
            lambda order: by_restaurant.reject_order(order, None, actor_name=BOB, now=LATER),
            "The order has ended, and with it",
        ),
        (lambda order: by_customer.cancel_order(order, 2, now=LATER), "The order has ended, and with it the change."),
    ],
    ids=["confirmed", "confirmed and delivered", "rejected", "cancelled"],
)
def test_an_answer_to_a_withdrawn_adjustment_is_refused_with_the_reason(
    end_adjustment: Callable[[Order], object], sentence: str
) -> None:
    order = adjusted_order()
    end_adjustment(order)

    with pytest.raises(ChangedMeanwhile, match=sentence) as refusal:
        by_customer.accept_adjustment(order, 1, now=LATER)

    assert refusal.value.at == LATER


def test_each_extension_adds_the_same_time_and_ten_are_possible() -> None:
    order = adjusted_order()

    for extension in range(1, MAX_EXTENSIONS + 1):
        event = by_customer.ask_for_more_time(order, 1, extension, now=LATER)
        assert event is not None
        assert event.kind is OrderEventKind.TIME_TO_ANSWER_EXTENDED

    assert order.adjustments[0].answer_by == EVENING + timedelta(minutes=110)
    assert event is not None
    assert event.details == TimeToAnswerExtended(adjustment=1, answer_by=EVENING + timedelta(minutes=110))
    with pytest.raises(NotPossible, match="can’t be extended any more"):
        by_customer.ask_for_more_time(order, 1, MAX_EXTENSIONS + 1, now=LATER)


def test_a_request_for_more_time_that_is_sent_twice_extends_once() -> None:
    order = adjusted_order()
    by_customer.ask_for_more_time(order, 1, 1, now=LATER)

    assert by_customer.ask_for_more_time(order, 1, 1, now=LATER) is None

    assert order.adjustments[0].answer_by == EVENING + timedelta(minutes=20)
    assert order.adjustments[0].extensions == 1
