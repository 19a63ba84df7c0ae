"""The real-time contract's traps that no reading of a text avoids, each named after what is done right.

The numbers are those of the list of its ambiguities: A15 to A18 are about what an adjustment is worth and how it is
told, A27 and A28 about who comes first.
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


def test_a15_a_total_that_nobody_knows_is_not_made_up() -> None:
    order = an_order()
    ref = order.lines[0].ref

    adjustment = an_adjustment(order, a_change(lines=(ref,)))

    assert adjustment.difference is None
    by_customer.accept_adjustment(order, 1, now=LATER)
    assert order.total.minor == 3450  # until its platform says another


def test_a15_a_total_that_is_known_is_said() -> None:
    order = an_own_order()

    assert an_adjustment(order).difference == -650


@pytest.mark.parametrize("first", [0, 1])
def test_a16_a_client_that_hears_only_one_of_two_messages_can_still_ask_what_is_proposed(first: int) -> None:
    order = an_own_order()
    an_adjustment(order, a_change(45, lines=("dolce",)))
    event = order.events[-1]

    heard = [to_customer(event)[first]]

    assert [name for name, _ in to_customer(event)] == ["order_confirmation", "order_adjustment"]
    assert heard[0] in [
        ("order_confirmation", {"confirmation": 2}),
        ("order_adjustment", {"time": 45, "items": ["dolce"], "options": []}),
    ]
    assert order.open_adjustment is not None  # what any page is shown that asks again, whichever it heard


def test_a17_an_answer_that_comes_twice_takes_no_second_line_out() -> None:
    order = an_own_order()
    an_adjustment(order, a_change(lines=("dolce",)))
    by_customer.accept_adjustment(order, 1, now=LATER)
    shown = order_snapshot(order)

    assert by_customer.accept_adjustment(order, 1, now=LATER) is None
    assert order_snapshot(order) == shown


def a_whole_life() -> Order:
    """An order that is placed, adjusted twice, extended, accepted, made and eaten, tipped and rated."""
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


def test_a18_a_restaurant_hears_the_number_of_the_order_and_a_customer_hears_none() -> None:
    order = a_whole_life()

    for event in order.events:
        assert all("order_id" not in data for _, data in to_customer(event))
        assert {data["order_id"] for _, data in to_restaurant(event)} == {order.id}
        assert {message.channel for message in messages_of(event)} == {
            f"private-o-{order.id}",
            f"presence-r-{order.restaurant_id}",
        }


def test_a27_an_order_that_is_confirmed_is_not_cancelled_by_a_customer_who_has_not_heard_of_it() -> None:
    order = an_own_order()
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=LATER)

    with pytest.raises(NotNow, match="The restaurant has taken this order on already") as refusal:
        by_customer.cancel_order(order, 1, now=LATER)

    assert (order.state, refusal.value.at) == (OrderState.CONFIRMED, LATER)


def test_a27_while_they_are_asked_a_customer_can_say_no_or_cancel() -> None:
    says_no, cancels = an_own_order(), an_own_order()
    an_adjustment(says_no)
    an_adjustment(cancels)

    by_customer.reject_adjustment(says_no, 1, now=LATER)
    by_customer.cancel_order(cancels, 2, now=LATER)

    assert {says_no.state, cancels.state} == {OrderState.CANCELLED}
    codes = [data["confirmation"] for order in (says_no, cancels) for _, data in to_restaurant(order.events[-1])[:1]]
    assert codes == [3, 3]


def test_a27_a_customer_can_not_cancel_what_was_changed_before_they_have_seen_the_change() -> None:
    order = an_own_order()
    an_adjustment(order)

    with pytest.raises(ChangedMeanwhile):
        by_customer.cancel_order(order, 1, now=LATER)


def test_a28_a_status_that_comes_after_the_rejection_does_not_revive_the_order() -> None:
    order = an_order(details=some_details())
    by_restaurant.reject_order(order, "Closed", actor_name=BOB, now=EVENING)

    status = by_platform.progress_order(
        order, status="Ready", step=Step.READY, at=None, report=report(9), now=EVENING + timedelta(minutes=9)
    )
    confirmation = by_platform.confirm_order(order, at=None, report=report(8), now=EVENING + timedelta(minutes=9))

    assert (order.state, order.reason) == (OrderState.REJECTED, "Closed")
    assert confirmation is None  # the status has told it already
    assert status is not None
    assert status.came_late
    assert [name for name, _ in to_customer(status)] == ["order_changed"]
    assert OrderEventKind.PROGRESSED in [event.kind for event in order.events]


def test_a28_what_is_over_here_is_not_rejected_cancelled_or_moved_any_more() -> None:
    order = a_whole_life()
    version = order.version

    acts: list[Callable[[], object]] = [
        lambda: by_restaurant.reject_order(order, None, actor_name=BOB, now=LATER),
        lambda: by_restaurant.progress_order(order, "Ready", actor_name=BOB, now=LATER),
        lambda: by_customer.cancel_order(order, version, now=LATER),
    ]
    for act in acts:
        with pytest.raises(NotNow, match="The food has been handed over already"):
            act()

    assert (order.state, order.version) == (OrderState.COMPLETED, version)
