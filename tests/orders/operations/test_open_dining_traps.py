"""Ambiguities of Open Dining's "Real-time Communication". Each test is named after the right behaviour.

The numbers are those of our list of its ambiguities: A15 to A18 are about the value of an adjustment and its messages,
A27 and A28 about acts of two people at the same time.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import EVENING, a_change, an_adjustment, an_order, an_own_order, report, some_details
from tests.live.messages import to_customer, to_restaurant
from tracker.live.wire import messages_of
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_platform, by_restaurant
from tracker.orders.progress import Step
from tracker.orders.refusals import ChangedMeanwhile, NotNow
from tracker.orders.snapshot import order_snapshot
from tracker.orders.states import OrderEventKind, OrderState

LATER = EVENING + timedelta(minutes=5)
BOB = "bob@example.com"


def test_a15_an_unknown_total_is_not_invented() -> None:
    order = an_order()
    ref = order.lines[0].ref

    adjustment = an_adjustment(order, a_change(lines=(ref,)))

    assert adjustment.difference is None
    by_customer.accept_adjustment(order, 1, now=LATER)
    assert order.total.minor == 3450  # until its platform reports another total


def test_a15_a_known_difference_is_given() -> None:
    order = an_own_order()

    assert an_adjustment(order).difference == -650


@pytest.mark.parametrize("first", [0, 1])
def test_a16_an_application_that_receives_only_one_of_two_messages_can_still_fetch_the_proposal(first: int) -> None:
    order = an_own_order()
    an_adjustment(order, a_change(45, lines=("dolce",)))
    event = order.events[-1]

    received = [to_customer(event)[first]]

    assert [name for name, _ in to_customer(event)] == ["order_confirmation", "order_adjustment"]
    assert received[0] in [
        ("order_confirmation", {"confirmation": 2}),
        ("order_adjustment", {"time": 45, "items": ["dolce"], "options": []}),
    ]
    assert (
        order.open_adjustment is not None
    )  # every page that fetches the order again shows the adjustment, whichever message it received


def test_a17_an_answer_that_is_sent_twice_changes_the_order_once() -> None:
    order = an_own_order()
    an_adjustment(order, a_change(lines=("dolce",)))
    by_customer.accept_adjustment(order, 1, now=LATER)
    shown = order_snapshot(order)

    assert by_customer.accept_adjustment(order, 1, now=LATER) is None
    assert order_snapshot(order) == shown


def a_completed_order() -> Order:
    """Return an order that was placed, adjusted twice, accepted after an extension, completed, tipped and rated."""
    order = an_own_order()
    an_adjustment(order)
    an_adjustment(order, a_change(45))
    by_customer.ask_for_more_time(order, 2, 1, now=LATER)
    by_customer.accept_adjustment(order, 2, now=LATER)
    by_restaurant.move_promise(order, EVENING + timedelta(hours=1), actor_name=BOB, now=LATER)
    for status in ("Out for delivery", "Delivered"):
        by_restaurant.progress_order(order, status, actor_name=BOB, now=LATER)
    by_customer.change_tip(order, 500, order.version, now=LATER)
    by_customer.rate_order(order, 5, order.version, now=LATER)
    return order


def test_a18_messages_to_the_restaurant_have_the_order_id_and_messages_to_the_customer_do_not() -> None:
    order = a_completed_order()

    for event in order.events:
        assert all("order_id" not in data for _, data in to_customer(event))
        assert {data["order_id"] for _, data in to_restaurant(event)} == {order.id}
        assert {message.channel for message in messages_of(event)} == {
            f"private-o-{order.id}",
            f"presence-r-{order.restaurant_id}",
        }


def test_a27_a_customer_who_does_not_know_of_the_confirmation_cannot_cancel_the_order() -> None:
    order = an_own_order()
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=LATER)

    with pytest.raises(NotNow, match="The restaurant has taken this order on already") as refusal:
        by_customer.cancel_order(order, 1, now=LATER)

    assert (order.state, refusal.value.at) == (OrderState.CONFIRMED, LATER)


def test_a27_a_customer_can_reject_an_adjustment_or_cancel_the_order() -> None:
    rejecting, cancelling = an_own_order(), an_own_order()
    an_adjustment(rejecting)
    an_adjustment(cancelling)

    by_customer.reject_adjustment(rejecting, 1, now=LATER)
    by_customer.cancel_order(cancelling, 2, now=LATER)

    assert {rejecting.state, cancelling.state} == {OrderState.CANCELLED}
    codes = [
        data["confirmation"] for order in (rejecting, cancelling) for _, data in to_restaurant(order.events[-1])[:1]
    ]
    assert codes == [3, 3]


def test_a27_a_customer_cannot_cancel_before_they_have_seen_the_adjustment() -> None:
    order = an_own_order()
    an_adjustment(order)

    with pytest.raises(ChangedMeanwhile):
        by_customer.cancel_order(order, 1, now=LATER)


def test_a28_a_status_that_arrives_after_the_rejection_does_not_revive_the_order() -> None:
    order = an_order(details=some_details())
    by_restaurant.reject_order(order, "Closed", actor_name=BOB, now=EVENING)

    status = by_platform.progress_order(
        order, status="Ready", step=Step.READY, at=None, report=report(9), now=EVENING + timedelta(minutes=9)
    )
    confirmation = by_platform.confirm_order(order, at=None, report=report(8), now=EVENING + timedelta(minutes=9))

    assert (order.state, order.reason) == (OrderState.REJECTED, "Closed")
    assert confirmation is None  # the status has confirmed the order already
    assert status is not None
    assert status.came_late
    assert [name for name, _ in to_customer(status)] == ["order_changed"]
    assert OrderEventKind.PROGRESSED in [event.kind for event in order.events]


def test_a28_an_order_that_has_ended_here_is_not_rejected_cancelled_or_progressed() -> None:
    order = a_completed_order()
    version = order.version

    operations: list[Callable[[], object]] = [
        lambda: by_restaurant.reject_order(order, None, actor_name=BOB, now=LATER),
        lambda: by_restaurant.progress_order(order, "Ready", actor_name=BOB, now=LATER),
        lambda: by_customer.cancel_order(order, version, now=LATER),
    ]
    for operation in operations:
        with pytest.raises(NotNow, match="The food has been handed over already"):
            operation()

    assert (order.state, order.version) == (OrderState.COMPLETED, version)
