"""What customers do with their orders unasked: cancel, tip, rate; by what they were shown, or refused in words."""

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


def asked() -> Order:
    """An order that would come without its tiramisu; the customer has ten minutes to answer."""
    order = an_own_order()
    an_adjustment(order)
    return order


def confirmed() -> Order:
    order = an_own_order()
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=EVENING)
    return order


def completed() -> Order:
    order = confirmed()
    by_restaurant.progress_order(order, "Delivered", actor_name=BOB, now=EVENING)
    return order


@pytest.mark.parametrize("order", [an_own_order(), asked()], ids=["placed", "asked"])
def test_an_order_that_has_not_been_taken_on_is_cancelled_and_cancelled_once(order: Order) -> None:
    event = by_customer.cancel_order(order, order.version, now=LATER)

    assert (order.state, order.ended_at, order.open_adjustment) == (OrderState.CANCELLED, LATER, None)
    assert event is not None
    assert (event.kind, event.by) == (OrderEventKind.CANCELLED, Actor.CUSTOMER)
    assert by_customer.cancel_order(order, 1, now=LATER) is None


def test_an_order_that_the_clock_has_cancelled_was_not_cancelled_by_its_customer() -> None:
    order = asked()
    lapse_adjustment(order, now=OVER)

    with pytest.raises(NotNow, match="This order was cancelled") as refusal:
        by_customer.cancel_order(order, 2, now=OVER)

    assert refusal.value.at == OVER


def test_who_cancels_without_having_seen_the_restaurants_change_is_shown_it_first() -> None:
    order = asked()

    with pytest.raises(ChangedMeanwhile, match="has proposed a change meanwhile"):
        by_customer.cancel_order(order, 1, now=LATER)

    assert order.state is OrderState.ADJUSTED


def test_a_tip_and_stars_are_given_when_the_food_is_there_and_can_be_changed() -> None:
    order = completed()

    tip = by_customer.change_tip(order, 500, 3, now=LATER)
    stars = by_customer.rate_order(order, 4, 4, now=LATER)
    by_customer.change_tip(order, 0, 5, now=LATER)
    by_customer.rate_order(order, 5, 6, now=LATER)

    assert (order.bill.tip, order.rating, order.version) == (0, 5, 7)
    assert tip is not None
    assert tip.details == TipChanged(minor=500, minor_before=200)
    assert stars is not None
    assert (stars.by, stars.details) == (Actor.CUSTOMER, Rated(rating=4))


def test_the_same_tip_and_the_same_stars_again_are_no_news() -> None:
    order = completed()
    by_customer.rate_order(order, 4, 3, now=LATER)

    assert by_customer.change_tip(order, 200, 1, now=LATER) is None
    assert by_customer.rate_order(order, 4, 1, now=LATER) is None


def test_a_tip_or_stars_given_in_another_window_meanwhile_are_not_overwritten_unseen() -> None:
    order = completed()
    by_customer.change_tip(order, 500, 3, now=LATER)
    by_customer.rate_order(order, 4, 3, now=LATER)

    with pytest.raises(ChangedMeanwhile, match="Your tip was changed meanwhile, maybe in another window"):
        by_customer.change_tip(order, 300, 3, now=LATER)
    with pytest.raises(ChangedMeanwhile, match="Your rating was changed meanwhile, maybe in another window"):
        by_customer.rate_order(order, 1, 4, now=LATER)

    assert (order.bill.tip, order.rating) == (500, 4)


@pytest.mark.parametrize("minor", [-1, 100_000_01])
@pytest.mark.parametrize("stars", [0, 6, -1])
def test_a_tip_is_not_below_nothing_and_a_rating_is_one_to_five_stars(minor: int, stars: int) -> None:
    with pytest.raises(NotPossible, match=r"A tip is nothing or more|That is more than a tip can be"):
        by_customer.change_tip(completed(), minor, 3, now=LATER)
    with pytest.raises(NotPossible, match="A rating is one to five stars"):
        by_customer.rate_order(completed(), stars, 3, now=LATER)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (an_own_order(), "The restaurant has not taken this order on yet."),
        (asked(), "The customer has not answered the restaurant’s change yet."),
        (confirmed(), "The food has not been handed over yet."),
    ],
    ids=["placed", "asked", "confirmed"],
)
def test_nobody_tips_or_rates_what_they_have_not_got(order: Order, sentence: str) -> None:
    for act in (by_customer.change_tip, by_customer.rate_order):
        with pytest.raises(NotNow) as refusal:
            act(order, 5, order.version, now=LATER)
        assert refusal.value.sentence == sentence
