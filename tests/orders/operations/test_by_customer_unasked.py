"""Customers cancel, tip and rate their orders. What they did not know of is not overwritten."""

from datetime import timedelta

import pytest

from tests.builders import EVENING, an_adjustment, an_own_order
from tracker.orders.event_details import Rated, TipChanged
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.refusals import ChangedMeanwhile, NotNow, NotPossible
from tracker.orders.states import Actor, OrderEventKind, OrderState

LATER = EVENING + timedelta(minutes=5)
OVER = EVENING + timedelta(minutes=10, seconds=1)
BOB = "bob@example.com"


def adjusted_order() -> Order:
    """Return an order with a proposal to leave out its tiramisu. The customer has ten minutes to answer."""
    order = an_own_order()
    an_adjustment(order)
    return order


def confirmed_order() -> Order:
    order = an_own_order()
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=EVENING)
    return order


def completed_order() -> Order:
    order = confirmed_order()
    by_restaurant.progress_order(order, "Delivered", actor_name=BOB, now=EVENING)
    return order


@pytest.mark.parametrize("order", [an_own_order(), adjusted_order()], ids=["placed", "asked"])
def test_an_order_that_is_not_confirmed_can_be_cancelled_once(order: Order) -> None:
    event = by_customer.cancel_order(order, order.version, now=LATER)

    assert (order.state, order.ended_at, order.open_adjustment) == (OrderState.CANCELLED, LATER, None)
    assert event is not None
    assert (event.kind, event.by) == (OrderEventKind.CANCELLED, Actor.CUSTOMER)
    assert by_customer.cancel_order(order, 1, now=LATER) is None


def test_an_order_cancelled_by_the_clock_cannot_be_cancelled_by_its_customer() -> None:
    order = adjusted_order()
    lapse_adjustment(order, now=OVER)

    with pytest.raises(NotNow, match="the order was cancelled") as refusal:
        by_customer.cancel_order(order, 2, now=OVER)

    assert refusal.value.at == OVER


def test_a_customer_who_cancels_without_having_seen_the_adjustment_is_shown_it_first() -> None:
    order = adjusted_order()

    with pytest.raises(ChangedMeanwhile, match="has proposed a change meanwhile"):
        by_customer.cancel_order(order, 1, now=LATER)

    assert order.state is OrderState.ADJUSTED


def test_a_completed_order_can_be_tipped_and_rated_and_both_can_be_changed() -> None:
    order = completed_order()

    tip = by_customer.change_tip(order, 500, 3, now=LATER)
    stars = by_customer.rate_order(order, 4, 4, now=LATER)
    by_customer.change_tip(order, 0, 5, now=LATER)
    by_customer.rate_order(order, 5, 6, now=LATER)

    assert (order.bill.tip, order.rating, order.version) == (0, 5, 7)
    assert tip is not None
    assert tip.details == TipChanged(minor=500, minor_before=200)
    assert stars is not None
    assert (stars.by, stars.details) == (Actor.CUSTOMER, Rated(rating=4))


def test_the_same_tip_and_the_same_stars_again_change_nothing() -> None:
    order = completed_order()
    by_customer.rate_order(order, 4, 3, now=LATER)

    assert by_customer.change_tip(order, 200, 1, now=LATER) is None
    assert by_customer.rate_order(order, 4, 1, now=LATER) is None


def test_a_tip_or_rating_from_another_window_is_not_overwritten_unseen() -> None:
    order = completed_order()
    by_customer.change_tip(order, 500, 3, now=LATER)
    by_customer.rate_order(order, 4, 3, now=LATER)

    with pytest.raises(ChangedMeanwhile, match="Your tip was changed meanwhile, maybe in another window"):
        by_customer.change_tip(order, 300, 3, now=LATER)
    with pytest.raises(ChangedMeanwhile, match="Your rating was changed meanwhile, maybe in another window"):
        by_customer.rate_order(order, 1, 4, now=LATER)

    assert (order.bill.tip, order.rating) == (500, 4)


@pytest.mark.parametrize("minor", [-1, 100_000_01])
@pytest.mark.parametrize("stars", [0, 6, -1])
def test_a_tip_cannot_be_negative_or_huge_and_a_rating_is_one_to_five_stars(minor: int, stars: int) -> None:
    with pytest.raises(NotPossible, match=r"A tip cannot be less than nothing|That is more than a tip can be"):
        by_customer.change_tip(completed_order(), minor, 3, now=LATER)
    with pytest.raises(NotPossible, match="A rating is one to five stars"):
        by_customer.rate_order(completed_order(), stars, 3, now=LATER)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (an_own_order(), "The restaurant has not taken this order on yet."),
        (adjusted_order(), "The customer has not answered the restaurant’s change yet."),
        (confirmed_order(), "The food has not been handed over yet."),
    ],
    ids=["placed", "asked", "confirmed"],
)
def test_an_order_that_is_not_completed_cannot_be_tipped_or_rated(order: Order, sentence: str) -> None:
    for operation in (by_customer.change_tip, by_customer.rate_order):
        with pytest.raises(NotNow) as refusal:
            operation(order, 5, order.version, now=LATER)
        assert refusal.value.sentence == sentence
