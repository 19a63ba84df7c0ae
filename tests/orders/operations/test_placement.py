"""Placing a restaurant's own orders: the bill must add up, and every line must have its own id."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import EVENING, a_customer, a_line, a_restaurant, an_own_order, some_details
from tracker.orders.bill import Bill
from tracker.orders.operations.placement import place_order
from tracker.orders.progress import Step
from tracker.orders.refusals import NothingLeft, NotPossible
from tracker.orders.states import Actor, OrderEventKind, OrderState


def test_an_own_order_is_placed_with_all_its_details() -> None:
    restaurant, customer = a_restaurant(), a_customer()

    order = an_own_order(restaurant, customer=customer, note="No onions", table_name="Table 4")

    assert (order.restaurant_id, order.customer_id, order.platform_account_id) == (restaurant.id, customer.id, None)
    assert (order.state, order.step, order.version, order.adjustment_count) == (OrderState.PLACED, Step.PLACED, 1, 0)
    assert (order.note, order.table_name, order.total.minor) == ("No onions", "Table 4", 3450)
    assert [(line.ref, line.ordered, line.quantity) for line in order.lines] == [("pizza", 2, 2), ("dolce", 1, 1)]
    assert order.is_own
    (event,) = order.events
    assert (event.kind, event.by, event.actor_name) == (OrderEventKind.PLACED, Actor.RESTAURANT, "API")


def test_an_order_without_a_time_of_placing_is_placed_now() -> None:
    order = an_own_order(placed_at=None)
    earlier = an_own_order(placed_at=EVENING - timedelta(minutes=3))

    assert order.placed_at == EVENING
    assert (earlier.placed_at, earlier.events[0].at) == (EVENING - timedelta(minutes=3),) * 2


@pytest.mark.parametrize(
    ("wrong", "refusal", "sentence"),
    [
        ({"lines": ()}, NothingLeft, "An order has at least one line."),
        ({"lines": (a_line(ref="a"), a_line("Tiramisu", ref="a"))}, NotPossible, "Every line needs an id of its own."),
        (
            {"bill": Bill(items=2950, charged=3000)},
            NotPossible,
            "The parts of the bill don’t add up to what is charged.",
        ),
    ],
    ids=["no lines", "the same id twice", "a bill that does not add up"],
)
def test_an_impossible_order_is_refused(wrong: dict[str, Any], refusal: type[Exception], sentence: str) -> None:
    details = replace(some_details(lines=(a_line(ref="a"),)), **wrong)

    with pytest.raises(refusal) as refused:
        place_order(a_restaurant(), details, customer=a_customer(), actor_name="API", now=EVENING)

    assert str(refused.value) == sentence
