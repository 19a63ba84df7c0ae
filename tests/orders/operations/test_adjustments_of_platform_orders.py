"""What a platform says of an order that is adjusted here: it knows nothing of that, and takes none of it back."""

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


def asked() -> Order:
    """A platform's order that would come without its tiramisu."""
    order = an_order()
    an_adjustment(order, a_change(lines=(tiramisu(order),)))
    return order


def agreed() -> Order:
    order = asked()
    by_customer.accept_adjustment(order, 1, now=EVENING)
    return order


def test_a_terminal_that_accepts_does_not_answer_for_the_customer() -> None:
    order = asked()

    event = by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)

    assert (order.state, order.step) == (OrderState.ADJUSTED, Step.PLACED)
    assert order.open_adjustment is not None
    assert event is not None
    assert event.came_late  # in the history, and no news: the customer is still asked


def test_the_customer_may_still_say_either_after_the_terminal_has_accepted() -> None:
    accepted, turned_down = asked(), asked()
    for order in (accepted, turned_down):
        by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)

    by_customer.accept_adjustment(accepted, 1, now=EVENING)
    by_customer.reject_adjustment(turned_down, 1, now=EVENING)

    assert (accepted.state, accepted.step) == (OrderState.CONFIRMED, Step.CONFIRMED)
    assert turned_down.state is OrderState.CANCELLED


def test_a_terminal_that_accepts_after_the_customer_does_not_confirm_the_order_as_it_was() -> None:
    order = agreed()

    event = by_platform.confirm_order(order, at=None, report=report(2), now=EVENING)

    assert event is not None
    assert event.came_late
    assert [line.name for line in order.lines if line.is_left_out] == ["Tiramisu"]


def test_food_that_is_on_its_way_is_no_question_any_more() -> None:
    order = asked()

    by_platform.progress_order(
        order, status="Dispatched", step=Step.ON_THE_WAY, at=None, report=report(20), now=EVENING
    )

    assert (order.state, order.step) == (OrderState.CONFIRMED, Step.ON_THE_WAY)
    assert order.adjustments[0].state is AdjustmentState.WITHDRAWN
    assert not any(line.is_left_out for line in order.lines)


def test_words_of_a_courier_that_mean_no_step_leave_the_question_open() -> None:
    order = asked()

    by_platform.progress_order(order, status="Assigned", step=None, at=None, report=report(3), now=EVENING)

    assert order.open_adjustment is not None


@pytest.mark.parametrize("ending", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.COMPLETED])
def test_an_ending_that_the_platform_tells_ends_the_question_with_the_order(ending: OrderState) -> None:
    order = asked()

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


def test_a_later_description_of_the_platform_does_not_bring_back_what_was_left_out() -> None:
    order = agreed()

    event = by_platform.change_details(order, some_details(note="Ring twice"), report=report(9), now=EVENING)

    line = next(line for line in order.lines if line.name == "Tiramisu")
    assert (line.ordered, line.quantity, line.is_left_out) == (1, 0, True)
    assert order.note == "Ring twice"
    assert event is None


def test_an_option_that_was_left_out_stays_so_whatever_the_platform_says() -> None:
    order = an_order()
    an_adjustment(order, a_change(options=("Extra cocoa",)))
    by_customer.accept_adjustment(order, 1, now=EVENING)

    by_platform.change_details(order, some_details(), report=report(9), now=EVENING)

    line = next(line for line in order.lines if line.name == "Tiramisu")
    assert (line.quantity, line.options_left_out, line.unit_minor) == (1, ["Extra cocoa"], 650)


def test_what_the_platform_charges_in_the_end_is_what_is_shown() -> None:
    order, details = agreed(), some_details()

    cheaper = replace(details, bill=replace(details.bill, items=2300, charged=2600))
    event = by_platform.change_details(order, cheaper, report=report(9), now=EVENING)

    assert order.total.minor == 2800
    assert event is not None
    assert event.kind is OrderEventKind.CONTENTS_CHANGED


@pytest.mark.parametrize("said", [None, EVENING + timedelta(minutes=30)])
def test_a_time_that_was_agreed_here_is_not_taken_back_by_a_platform_that_says_its_old_one(
    said: datetime | None,
) -> None:
    details = some_details(promised_at=said)
    order = an_order(details=details)
    an_adjustment(order, a_change(60))
    by_customer.accept_adjustment(order, 1, now=EVENING)

    first = by_platform.change_details(order, replace(details, note="Ring"), report=report(5), now=EVENING)
    by_restaurant.move_promise(order, SEVEN + timedelta(minutes=5), actor_name=BOB, now=EVENING)
    second = by_platform.change_details(order, details, report=report(6), now=EVENING)

    assert order.promised_at == SEVEN + timedelta(minutes=5)
    assert (first, second) == (None, None)


def test_a_platform_that_says_another_time_after_that_is_believed() -> None:
    order = an_order(details=some_details(promised_at=EVENING + timedelta(minutes=30)))
    by_restaurant.confirm_order(order, SEVEN, actor_name=BOB, now=EVENING)

    moved = some_details(promised_at=SEVEN + timedelta(minutes=20))
    event = by_platform.change_details(order, moved, report=report(5), now=EVENING)
    by_platform.change_details(order, replace(moved, promised_at=SEVEN), report=report(6), now=EVENING)

    assert order.promised_at == SEVEN
    assert event is not None
    assert event.kind is OrderEventKind.PROMISE_MOVED


def test_what_a_platform_said_before_does_not_undo_how_far_the_restaurant_says_it_is() -> None:
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
def test_of_an_ending_here_and_one_at_the_platform_the_earlier_is_the_true_one(
    minutes: float, state: OrderState
) -> None:
    order = an_order()
    by_restaurant.reject_order(order, "Closed", actor_name=BOB, now=EVENING + timedelta(minutes=5))

    by_platform.cancel_order(order, at=None, report=report(minutes), now=EVENING + timedelta(minutes=10))

    assert order.state is state
