"""A restaurant reports the progress of an order: by its own statuses, of which the last completes it, or freely."""

from datetime import timedelta

import pytest

from tests.builders import EVENING, a_restaurant, an_order, an_own_order
from tracker.orders.event_details import Completed, Progressed
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.states import Actor, OrderEventKind, OrderState

LATER = EVENING + timedelta(minutes=5)
BOB = "bob@example.com"


def confirmed_order(order: Order | None = None) -> Order:
    order = order or an_own_order()
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=EVENING)
    return order


@pytest.mark.parametrize("fulfilment", list(Fulfilment))
def test_the_default_statuses_lead_to_the_end_and_the_last_one_completes_the_order(fulfilment: Fulfilment) -> None:
    order = confirmed_order(an_own_order(fulfilment=fulfilment))
    names = [status["name"] for status in by_restaurant.effective_statuses(order)]

    for name in names:
        event = by_restaurant.progress_order(order, name.upper(), actor_name=BOB, now=LATER)

    assert (order.state, order.step, order.ended_at) == (OrderState.COMPLETED, Step.HANDED_OVER, LATER)
    assert event.details == Completed(status=names[-1].upper())


OWN = [
    {"name": "Dough is resting", "step": "confirmed"},
    {"name": "In the oven", "step": "ready"},
    {"name": "Bea is on her bike", "step": "on_the_way"},
    {"name": "At your door", "step": "handed_over"},
]


def order_with_own_statuses() -> Order:
    return confirmed_order(an_own_order(a_restaurant(statuses={"delivery": OWN})))


def test_a_restaurants_own_statuses_move_its_orders_and_the_last_one_completes_them() -> None:
    order = order_with_own_statuses()

    steps = []
    for status in OWN:
        by_restaurant.progress_order(order, status["name"], actor_name=BOB, now=LATER)
        steps.append(order.step)

    assert steps == [Step.CONFIRMED, Step.READY, Step.ON_THE_WAY, Step.HANDED_OVER]
    assert (order.state, order.status_text) == (OrderState.COMPLETED, "At your door")


def test_an_own_status_can_set_an_order_back_and_that_is_shown() -> None:
    order = order_with_own_statuses()
    by_restaurant.progress_order(order, "Bea is on her bike", actor_name=BOB, now=LATER)

    event = by_restaurant.progress_order(order, "In the oven", actor_name=BOB, now=LATER)

    assert (order.step, order.status_text) == (Step.READY, "In the oven")
    assert event.details == Progressed(status="In the oven", step=Step.READY)


def test_free_words_are_shown_and_never_set_an_order_back() -> None:
    order = order_with_own_statuses()
    by_restaurant.progress_order(order, "Bea is on her bike", actor_name=BOB, now=LATER)

    for words in ("Stuck at the bridge", "Ready"):
        event = by_restaurant.progress_order(order, words, actor_name=BOB, now=LATER)
        assert (order.step, order.status_text) == (Step.ON_THE_WAY, words)
        assert event.details == Progressed(status=words, step=None)

    by_restaurant.progress_order(order, "arrived", actor_name=BOB, now=LATER)
    assert order.step is Step.ARRIVED


def test_changed_statuses_do_not_affect_an_order_that_has_used_one() -> None:
    order = order_with_own_statuses()
    by_restaurant.progress_order(order, "Dough is resting", actor_name=BOB, now=LATER)

    order.restaurant.statuses = {"delivery": [{"name": "Done", "step": "handed_over"}]}

    assert by_restaurant.effective_statuses(order) == OWN


@pytest.mark.parametrize(
    ("minutes", "counts"),
    [(3, 3), (5, 5), (6, 5), (-1, 5)],
    ids=["before", "now", "the future", "before it was placed"],
)
def test_the_time_of_a_status_can_be_given_if_it_is_possible(minutes: int, counts: int) -> None:
    order = confirmed_order()

    event = by_restaurant.progress_order(
        order, "Out for delivery", actor_name=BOB, now=LATER, at=EVENING + timedelta(minutes=minutes)
    )

    assert event.at == EVENING + timedelta(minutes=counts)
    assert event.recorded_at == LATER


def test_an_order_of_a_platform_can_be_confirmed_and_completed_here() -> None:
    order = confirmed_order(an_order())

    by_restaurant.progress_order(order, "Delivered", actor_name=BOB, now=LATER)

    assert [(event.kind, event.by) for event in order.events] == [
        (OrderEventKind.PLACED, Actor.PLATFORM),
        (OrderEventKind.CONFIRMED, Actor.RESTAURANT),
        (OrderEventKind.COMPLETED, Actor.RESTAURANT),
    ]
