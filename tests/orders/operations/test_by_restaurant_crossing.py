"""A restaurant acts after its customer, the clock or itself has acted. The refusal says what happened and by whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import EVENING, a_change, a_restaurant, an_adjustment, an_own_order
from tracker.accounts.model import IfUnanswered
from tracker.orders.model import OrderEvent
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.refusals import NothingChanged, NotNow
from tracker.orders.states import OrderState

LATER = EVENING + timedelta(minutes=5)
BOB = "bob@example.com"


@pytest.mark.parametrize(("time", "again"), [(40, 40), (40, 40.5), (None, None)])
def test_a_form_sent_twice_does_not_replace_the_adjustment_that_the_customer_is_answering(
    time: float | None, again: float | None
) -> None:
    order = an_own_order()
    an_adjustment(order, a_change(time, lines=("dolce",)))

    with pytest.raises(NothingChanged, match="The customer has been asked exactly this already") as refusal:
        an_adjustment(order, a_change(again, lines=("dolce",)), now=LATER)
    by_customer.accept_adjustment(order, 1, now=LATER)

    assert refusal.value.at == EVENING
    assert order.state is OrderState.CONFIRMED


@pytest.mark.parametrize("again", [42, None])
def test_a_proposal_with_another_time_or_none_is_a_new_adjustment(again: float | None) -> None:
    order = an_own_order()
    an_adjustment(order, a_change(40, lines=("dolce",)))

    newer = an_adjustment(order, a_change(again, lines=("dolce",)), now=LATER)

    assert (newer.number, order.open_adjustment) == (2, newer)


def test_food_proposed_in_less_than_a_minute_is_proposed_in_one_minute() -> None:
    order = an_own_order()

    adjustment = an_adjustment(order, a_change(0.3))

    assert adjustment.minutes == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (by_customer.accept_adjustment, "The customer has accepted the restaurant’s change already."),
        (by_customer.reject_adjustment, "This order was cancelled by the customer."),
    ],
    ids=["accepted", "rejected"],
)
def test_a_restaurant_that_adjusts_after_the_answer_reads_that_the_customer_has_answered(
    answer: Callable[..., OrderEvent | None], sentence: str
) -> None:
    order = an_own_order()
    an_adjustment(order)
    answer(order, 1, now=LATER)

    with pytest.raises(NotNow) as refusal:
        by_restaurant.adjust_order(order, a_change(40), actor_name=BOB, now=LATER)

    assert (refusal.value.sentence, refusal.value.at) == (sentence, LATER)


@pytest.mark.parametrize(
    ("if_unanswered", "sentence"),
    [
        (IfUnanswered.GO_AHEAD, "There was no answer in time, so the order went ahead with the change."),
        (IfUnanswered.CANCEL, "There was no answer in time, so the order was cancelled."),
    ],
)
def test_an_act_after_the_adjustment_has_lapsed_is_refused_with_that_reason(
    if_unanswered: IfUnanswered, sentence: str
) -> None:
    order, over = an_own_order(a_restaurant(if_unanswered=if_unanswered)), EVENING + timedelta(minutes=11)
    an_adjustment(order)
    lapse_adjustment(order, now=over)

    operations: list[Callable[[], object]] = [
        lambda: by_restaurant.confirm_order(order, None, actor_name=BOB, now=over),
        lambda: by_customer.cancel_order(order, order.version, now=over),
    ]
    for operation in operations:
        with pytest.raises(NotNow) as refusal:
            operation()
        assert (refusal.value.sentence, refusal.value.at) == (sentence, over)
