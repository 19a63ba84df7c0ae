"""A restaurant confirms or rejects an order, and moves the promised time."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.builders import EVENING, a_change, an_adjustment, an_own_order
from tracker.orders.event_details import PromiseMoved, Rejected
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.by_restaurant import MAX_REASON_LENGTH, MAX_STATUS_LENGTH
from tracker.orders.progress import Step
from tracker.orders.refusals import NothingChanged, NotNow, NotPossible
from tracker.orders.states import Actor, AdjustmentState, OrderEventKind, OrderState

LATER = EVENING + timedelta(minutes=5)
SEVEN = EVENING + timedelta(hours=1)
BOB = "bob@example.com"


def confirmed_order(order: Order | None = None, promised_at: datetime | None = SEVEN) -> Order:
    order = order or an_own_order()
    by_restaurant.confirm_order(order, promised_at, actor_name=BOB, now=EVENING)
    return order


def test_an_order_is_confirmed_with_the_time_at_which_the_food_will_be_there() -> None:
    order = an_own_order()

    event = by_restaurant.confirm_order(order, SEVEN, actor_name=BOB, now=LATER)

    assert (order.state, order.step, order.confirmed_at) == (OrderState.CONFIRMED, Step.CONFIRMED, LATER)
    assert order.promised_at == SEVEN
    assert (event.kind, event.by, event.actor_name, event.at) == (
        OrderEventKind.CONFIRMED,
        Actor.RESTAURANT,
        BOB,
        LATER,
    )
    assert event.number == order.version == 2


def test_a_confirmation_without_a_time_leaves_the_time_open() -> None:
    assert confirmed_order(promised_at=None).promised_at is None


def test_an_advance_order_confirmed_without_a_time_is_promised_for_the_requested_time() -> None:
    order = an_own_order(is_advance=True, requested_for=SEVEN)

    assert confirmed_order(order, None).promised_at == SEVEN


def test_confirming_withdraws_an_adjustment_that_the_customer_has_not_answered() -> None:
    order = an_own_order()
    adjustment = an_adjustment(order)

    by_restaurant.confirm_order(order, SEVEN, actor_name=BOB, now=LATER)

    assert (adjustment.state, adjustment.ended_at, adjustment.ended_by) == (
        AdjustmentState.WITHDRAWN,
        LATER,
        Actor.RESTAURANT,
    )
    assert order.open_adjustment is None
    assert not any(line.is_left_out for line in order.lines)


def test_an_order_is_rejected_with_a_reason_for_the_customer() -> None:
    order = an_own_order()

    event = by_restaurant.reject_order(order, " The oven\tis\ncold. \x00", actor_name=BOB, now=LATER)

    assert (order.state, order.ended_at, order.reason) == (OrderState.REJECTED, LATER, "The oven is cold.")
    assert (event.by, event.details) == (Actor.RESTAURANT, Rejected(reason="The oven is cold."))


def test_an_order_can_be_rejected_without_a_reason_and_while_it_is_being_made() -> None:
    order = confirmed_order()

    by_restaurant.reject_order(order, " ", actor_name=BOB, now=LATER)

    assert (order.state, order.reason) == (OrderState.REJECTED, None)


def test_rejecting_withdraws_an_adjustment_that_the_customer_has_not_answered() -> None:
    order = an_own_order()
    adjustment = an_adjustment(order)

    by_restaurant.reject_order(order, "We are closing soon.", actor_name=BOB, now=LATER)

    assert (order.state, adjustment.state) == (OrderState.REJECTED, AdjustmentState.WITHDRAWN)


def test_a_promised_time_is_moved_and_the_history_has_both_times() -> None:
    order = confirmed_order()

    event = by_restaurant.move_promise(order, SEVEN + timedelta(minutes=20), actor_name=BOB, now=LATER)

    assert order.promised_at == SEVEN + timedelta(minutes=20)
    assert event.details == PromiseMoved(before=SEVEN, after=SEVEN + timedelta(minutes=20))


def test_an_open_time_is_promised_later() -> None:
    event = by_restaurant.move_promise(confirmed_order(promised_at=None), SEVEN, actor_name=BOB, now=LATER)

    assert event.details == PromiseMoved(before=None, after=SEVEN)


def test_promising_the_same_time_again_is_refused() -> None:
    order = confirmed_order()

    with pytest.raises(NothingChanged, match="The customer has been given this time already"):
        by_restaurant.move_promise(order, SEVEN, actor_name=BOB, now=LATER)


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [(-1, "That time is over already."), (0, "That time is over already."), (366 * 1440 + 1, "more than a year away")],
)
def test_food_cannot_be_promised_for_the_past_or_for_more_than_a_year_ahead(minutes: int, sentence: str) -> None:
    moment, order = EVENING + timedelta(minutes=minutes), an_own_order()

    with pytest.raises(NotPossible, match=sentence):
        by_restaurant.confirm_order(order, moment, actor_name=BOB, now=EVENING)
    with pytest.raises(NotPossible, match=sentence):
        by_restaurant.adjust_order(order, a_change(minutes), actor_name=BOB, now=EVENING)
    with pytest.raises(NotPossible, match=sentence):
        by_restaurant.move_promise(confirmed_order(), moment, actor_name=BOB, now=EVENING)

    assert (order.state, order.version) == (OrderState.PLACED, 1)


def test_a_reason_and_a_status_have_a_greatest_length() -> None:
    order = confirmed_order()

    with pytest.raises(NotPossible, match="Use at most 500 characters here; these are 501"):
        by_restaurant.reject_order(order, "x" * (MAX_REASON_LENGTH + 1), actor_name=BOB, now=LATER)
    with pytest.raises(NotPossible, match="at most 200 characters"):
        by_restaurant.progress_order(order, "x" * (MAX_STATUS_LENGTH + 1), actor_name=BOB, now=LATER)
    with pytest.raises(NotPossible, match="Say how far the order is"):
        by_restaurant.progress_order(order, " \n", actor_name=BOB, now=LATER)
    with pytest.raises(NotPossible, match="at most 500"):
        by_restaurant.adjust_order(
            an_own_order(), a_change(reason="x" * 501, lines=("dolce",)), actor_name=BOB, now=LATER
        )


def ended_order(ending: OrderState) -> Order:
    """Return an order that ended five minutes after it was placed."""
    order = confirmed_order()
    match ending:
        case OrderState.COMPLETED:
            by_restaurant.progress_order(order, "Delivered", actor_name=BOB, now=LATER)
        case OrderState.REJECTED:
            by_restaurant.reject_order(order, None, actor_name=BOB, now=LATER)
    return order


@pytest.mark.parametrize(
    ("order", "sentence", "at"),
    [
        (ended_order(OrderState.COMPLETED), "The food has been handed over already.", LATER),
        (ended_order(OrderState.REJECTED), "The restaurant has rejected this order.", LATER),
    ],
    ids=["completed", "rejected"],
)
def test_an_order_that_has_ended_cannot_be_changed_by_the_restaurant(order: Order, sentence: str, at: datetime) -> None:
    operations: list[Callable[[], object]] = [
        lambda: by_restaurant.confirm_order(order, SEVEN, actor_name=BOB, now=LATER),
        lambda: by_restaurant.adjust_order(order, a_change(), actor_name=BOB, now=LATER),
        lambda: by_restaurant.reject_order(order, None, actor_name=BOB, now=LATER),
        lambda: by_restaurant.move_promise(order, SEVEN, actor_name=BOB, now=LATER),
        lambda: by_restaurant.progress_order(order, "Ready", actor_name=BOB, now=LATER),
    ]
    version = order.version

    for operation in operations:
        with pytest.raises(NotNow) as refusal:
            operation()
        assert (refusal.value.sentence, refusal.value.at) == (sentence, at)
    assert order.version == version


def test_a_confirmed_order_cannot_be_confirmed_again_or_adjusted() -> None:
    order = confirmed_order()

    operations: list[Callable[[], object]] = [
        lambda: by_restaurant.confirm_order(order, SEVEN, actor_name=BOB, now=LATER),
        lambda: by_restaurant.adjust_order(order, a_change(), actor_name=BOB, now=LATER),
    ]
    for operation in operations:
        with pytest.raises(NotNow) as refusal:
            operation()
        assert refusal.value.sentence == "The restaurant has taken this order on already."
        assert refusal.value.at == EVENING


def test_an_order_that_is_not_confirmed_has_no_progress_and_no_promise() -> None:
    placed, adjusted = an_own_order(), an_own_order()
    an_adjustment(adjusted)

    for order, sentence in (
        (placed, "has not taken this order on yet"),
        (adjusted, "has not answered the restaurant’s"),
    ):
        with pytest.raises(NotNow, match=sentence):
            by_restaurant.progress_order(order, "Ready", actor_name=BOB, now=LATER)
        with pytest.raises(NotNow, match=sentence):
            by_restaurant.move_promise(order, SEVEN, actor_name=BOB, now=LATER)
