"""The messages about an adjustment and its outcome, with the properties of the real-time contract."""

import json
from typing import Any

import pytest

from tests.builders import an_order, some_details
from tests.event_samples import SAMPLES, a_sample
from tests.live.messages import broadcasts, to_customer, to_restaurant
from tests.live.orders_that_move import an_event
from tracker.orders.event_details import Cancelled
from tracker.orders.model import Order
from tracker.orders.states import Actor, OrderEventKind


def adjusted(order: Order | None = None, **data: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the messages to the customer about an adjustment."""
    details = a_sample(OrderEventKind.ADJUSTED, **{"lines": [], "options": []} | data)
    event = an_event(details, by=Actor.RESTAURANT, order=order)
    return to_customer(event)


def test_an_adjustment_of_an_order_for_now_says_minutes_and_what_is_left_out() -> None:
    messages = adjusted(lines=["dolce"], options=["Sauce: Hot"], reason="The mascarpone has run out.")

    assert messages == [
        ("order_confirmation", {"confirmation": 2}),
        ("order_adjustment", {"time": 45, "items": ["dolce"], "options": ["Sauce: Hot"]}),
    ]


@pytest.mark.parametrize(
    ("zone", "date", "eta"), [("Europe/Dublin", "11/20/2026", "6:00 PM"), ("Pacific/Auckland", "11/21/2026", "7:00 AM")]
)
def test_an_adjustment_of_an_advance_order_says_day_and_time_on_the_clock_of_the_store(
    zone: str, date: str, eta: str
) -> None:
    order = an_order(details=some_details(zone=zone, is_advance=True))

    _, (_, data) = adjusted(order, is_advance=True, minutes=None)

    assert data == {"order_date": date, "eta": eta, "items": [], "options": []}


@pytest.mark.parametrize("is_advance", [True, False])
def test_an_adjustment_that_keeps_the_time_says_no_time(is_advance: bool) -> None:
    _, (_, data) = adjusted(is_advance=is_advance, promised_at=None, minutes=None, lines=["dolce"])

    assert data == {"items": ["dolce"], "options": []}


def test_an_adjustment_with_more_in_it_than_a_message_holds_is_cut_and_published() -> None:
    lines, options = [f"{number:024x}" for number in range(200)], [f"{number} {'é' * 290}" for number in range(200)]

    _, (_, data) = adjusted(lines=lines, options=options)

    assert data["items"] == lines[: len(data["items"])]
    assert data["options"] == options[: len(data["options"])] != []
    assert len(json.dumps({"batch": [{"data": json.dumps(data)}]})) < 10_000


@pytest.mark.parametrize("by", [Actor.CUSTOMER, Actor.CLOCK])
def test_an_adjustment_that_is_accepted_reaches_the_restaurant_as_code_1(by: Actor) -> None:
    event = an_event(SAMPLES[OrderEventKind.ADJUSTMENT_ACCEPTED], by=by)

    assert to_customer(event) == [("order_changed", {"version": 2})]
    assert to_restaurant(event) == [
        ("order_user_confirmation", {"order_id": event.order.id, "confirmation": 1}),
        broadcasts(event),
    ]


def test_an_order_that_the_clock_cancels_is_over_for_both_sides() -> None:
    event = an_event(Cancelled(reason="There was no answer.", adjustment=1), by=Actor.CLOCK)

    assert to_customer(event) == [("order_confirmation", {"confirmation": 3, "reason": "There was no answer."})]
    assert to_restaurant(event) == [
        ("order_user_confirmation", {"order_id": event.order.id, "confirmation": 3}),
        broadcasts(event),
    ]
