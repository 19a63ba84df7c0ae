"""Reports of a platform about an order that was adjusted in Tracker: the platform does not know the adjustment."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.builders import EVENING, a_change, an_adjustment, an_order, report, some_details
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_platform, by_restaurant
from tracker.orders.progress import Step
from tracker.orders.states import AdjustmentState, OrderEventKind, OrderState

BOB = "bob@example.com"
SEVEN = EVENING + timedelta(hours=1)


def tiramisu(order: Order) -> str:
    return next(line.ref for line in order.lines if line.name == "Tiramisu")


def adjusted_order() -> Order:
    """Return a platform's order with a proposal to leave out its tiramisu."""
    order = an_order()
    an_adjustment(order, a_change(lines=(tiramisu(order),)))
    return order


def accepted_order() -> Order:
    order = adjusted_order()
    by_customer.accept_adjustment(order, 1, now=EVENING)
    return order


def test_a_terminal_that_confirms_does_not_answer_for_the_customer() -> None:
    order = adjusted_order()

    event = by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)

    assert (order.state, order.step) == (OrderState.ADJUSTED, Step.PLACED)
    assert order.open_adjustment is not None
    assert event is not None
    assert event.came_late  # it is in the history but no news, because the customer has not answered yet


def test_the_customer_can_still_accept_or_reject_after_the_terminal_has_confirmed() -> None:
    accepted, rejected = adjusted_order(), adjusted_order()
    for order in (accepted, rejected):
        by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)

    by_customer.accept_adjustment(accepted, 1, now=EVENING)
    by_customer.reject_adjustment(rejected, 1, now=EVENING)

    assert (accepted.state, accepted.step) == (OrderState.CONFIRMED, Step.CONFIRMED)
    assert rejected.state is OrderState.CANCELLED


def test_a_terminal_that_confirms_after_the_customer_has_accepted_does_not_restore_the_order() -> None:
    order = accepted_order()

    event = by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)

    assert event is not None
    assert event.came_late
    assert [line.name for line in order.lines if line.is_left_out] == ["Tiramisu"]


def test_an_adjustment_is_withdrawn_when_the_food_is_on_its_way() -> None:
    order = adjusted_order()

    by_platform.progress_order(
        order, status="Dispatched", step=Step.ON_THE_WAY, at=None, report=report(20), now=EVENING
    )

    assert (order.state, order.step) == (OrderState.CONFIRMED, Step.ON_THE_WAY)
    assert order.adjustments[0].state is AdjustmentState.WITHDRAWN
    assert not any(line.is_left_out for line in order.lines)


def test_a_couriers_status_that_means_no_step_leaves_the_adjustment_open() -> None:
    order = adjusted_order()

    by_platform.progress_order(order, status="Assigned", step=None, at=None, report=report(3), now=EVENING)

    assert order.open_adjustment is not None


@pytest.mark.parametrize("ending", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.COMPLETED])
def test_an_ending_reported_by_the_platform_withdraws_the_adjustment(ending: OrderState) -> None:
    order = adjusted_order()

    match ending:
        case OrderState.REJECTED:
            by_platform.reject_order(order, reason="Closed", at=None, report=report(4), now=EVENING)
        case OrderState.CANCELLED:
            by_platform.cancel_order(order, at=None, report=report(4), now=EVENING)
        case OrderState.COMPLETED:
            by_platform.progress_order(
                order, status="Delivered", step=Step.HANDED_OVER, at=None, report=report(4), now=EVENING
            )

    assert order.state is ending
    assert (order.adjustments[0].state, order.open_adjustment) == (AdjustmentState.WITHDRAWN, None)


def test_a_later_description_by_the_platform_does_not_bring_back_what_was_left_out() -> None:
    order = accepted_order()

    event = by_platform.change_details(order, some_details(note="Ring twice"), report=report(9), now=EVENING)

    line = next(line for line in order.lines if line.name == "Tiramisu")
    assert (line.ordered, line.quantity, line.is_left_out) == (1, 0, True)
    assert order.note == "Ring twice"
    assert event is None


def test_an_option_that_was_left_out_stays_left_out_after_a_later_description() -> None:
    order = an_order()
    an_adjustment(order, a_change(options=("Extra cocoa",)))
    by_customer.accept_adjustment(order, 1, now=EVENING)

    by_platform.change_details(order, some_details(), report=report(9), now=EVENING)

    line = next(line for line in order.lines if line.name == "Tiramisu")
    assert (line.quantity, line.options_left_out, line.unit_minor) == (1, ["Extra cocoa"], 650)


def test_the_total_that_the_platform_charges_in_the_end_is_shown() -> None:
    order, details = accepted_order(), some_details()

    cheaper = replace(details, bill=replace(details.bill, items=2300, charged=2600))
    event = by_platform.change_details(order, cheaper, report=report(9), now=EVENING)

    assert order.total.minor == 2800
    assert event is not None
    assert event.kind is OrderEventKind.CONTENTS_CHANGED


@pytest.mark.parametrize("platform_promise", [None, EVENING + timedelta(minutes=30)])
def test_a_platform_that_repeats_its_old_time_does_not_undo_an_agreed_time(
    platform_promise: datetime | None,
) -> None:
    details = some_details(promised_at=platform_promise)
    order = an_order(details=details)
    an_adjustment(order, a_change(60))
    by_customer.accept_adjustment(order, 1, now=EVENING)

    first = by_platform.change_details(order, replace(details, note="Ring"), report=report(5), now=EVENING)
    by_restaurant.move_promise(order, SEVEN + timedelta(minutes=5), actor_name=BOB, now=EVENING)
    second = by_platform.change_details(order, details, report=report(6), now=EVENING)

    assert order.promised_at == SEVEN + timedelta(minutes=5)
    assert (first, second) == (None, None)


def test_a_new_time_from_the_platform_replaces_the_restaurants_time() -> None:
    order = an_order(details=some_details(promised_at=EVENING + timedelta(minutes=30)))
    by_restaurant.confirm_order(order, SEVEN, actor_name=BOB, now=EVENING)

    moved = some_details(promised_at=SEVEN + timedelta(minutes=20))
    event = by_platform.change_details(order, moved, report=report(5), now=EVENING)
    by_platform.change_details(order, replace(moved, promised_at=SEVEN), report=report(6), now=EVENING)

    assert order.promised_at == SEVEN
    assert event is not None
    assert event.kind is OrderEventKind.PROMISE_MOVED


def test_an_older_status_from_the_platform_does_not_undo_the_restaurants_newer_one() -> None:
    order = an_order()
    by_restaurant.confirm_order(order, None, actor_name=BOB, now=EVENING)
    by_restaurant.progress_order(order, "Out for delivery", actor_name=BOB, now=EVENING + timedelta(minutes=20))

    late = by_platform.progress_order(
        order, status="Ready", step=Step.READY, at=None, report=report(15), now=EVENING + timedelta(minutes=21)
    )
    assert (order.step, order.status_text) == (Step.ON_THE_WAY, "Out for delivery")
    assert late is not None
    assert late.came_late

    by_platform.progress_order(
        order, status="At the gate", step=Step.ARRIVED, at=None, report=report(25), now=EVENING + timedelta(minutes=25)
    )
    assert (order.step, order.status_text) == (Step.ARRIVED, "At the gate")


@pytest.mark.parametrize(("minutes", "state"), [(1, OrderState.CANCELLED), (9, OrderState.REJECTED)])
def test_of_an_ending_here_and_one_at_the_platform_the_earlier_counts(minutes: float, state: OrderState) -> None:
    order = an_order()
    by_restaurant.reject_order(order, "Closed", actor_name=BOB, now=EVENING + timedelta(minutes=5))

    by_platform.cancel_order(order, at=None, report=report(minutes), now=EVENING + timedelta(minutes=10))

    assert order.state is state
