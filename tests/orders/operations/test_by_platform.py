"""A platform's reports about an order, and that the order ends up the same in whichever order they arrive."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import EVENING, a_line, an_order, report, some_details
from tracker.orders.bill import Bill
from tracker.orders.event_details import ContentsChanged, LineChange, PromiseMoved
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_platform
from tracker.orders.progress import Step
from tracker.orders.reports import OrderDetails, Report
from tracker.orders.states import OrderEventKind, OrderState


def kinds(order: Order) -> list[OrderEventKind]:
    return [event.kind for event in order.events]


def test_a_new_order_is_placed_and_nothing_else() -> None:
    order = an_order()

    assert order.state is OrderState.PLACED
    assert kinds(order) == [OrderEventKind.PLACED]
    assert order.version == 1
    assert order.total.amount.to_eng_string() == "34.50"


def test_a_confirmed_order_has_the_time_of_its_confirmation() -> None:
    order = an_order()

    by_platform.confirm_order(order, at=EVENING + timedelta(minutes=3), report=report(3), now=EVENING)

    assert order.state is OrderState.CONFIRMED
    assert order.confirmed_at == EVENING + timedelta(minutes=3)


def test_a_confirmation_reported_twice_is_one_event() -> None:
    order = an_order()

    by_platform.confirm_order(order, at=None, report=report(3, "a"), now=EVENING)
    by_platform.confirm_order(order, at=None, report=report(4, "b"), now=EVENING)

    assert kinds(order) == [OrderEventKind.PLACED, OrderEventKind.CONFIRMED]


def test_a_confirmation_that_comes_after_the_rejection_is_history_and_no_news() -> None:
    order = an_order()
    by_platform.reject_order(order, reason="Too busy", at=None, report=report(5), now=EVENING)

    event = by_platform.confirm_order(order, at=None, report=report(3), now=EVENING)

    assert order.state is OrderState.REJECTED
    assert event is not None
    assert event.came_late


def test_an_order_that_was_delivered_cannot_be_rejected_afterwards() -> None:
    order = an_order()
    by_platform.progress_order(
        order, status="Delivered", step=Step.HANDED_OVER, at=None, report=report(40), now=EVENING
    )

    by_platform.reject_order(order, reason="Too busy", at=None, report=report(50), now=EVENING)

    assert order.state is OrderState.COMPLETED
    assert order.reason is None


def test_of_two_endings_the_one_reported_first_counts() -> None:
    order = an_order()
    by_platform.reject_order(order, reason="Too busy", at=None, report=report(9), now=EVENING)

    by_platform.cancel_order(order, at=None, report=report(7), now=EVENING)

    assert order.state is OrderState.CANCELLED
    assert order.reason is None


def test_a_courier_on_the_way_means_that_the_restaurant_has_confirmed() -> None:
    order = an_order()

    by_platform.progress_order(
        order, status="Out for delivery", step=Step.ON_THE_WAY, at=None, report=report(20), now=EVENING
    )

    assert order.state is OrderState.CONFIRMED
    assert kinds(order) == [OrderEventKind.PLACED, OrderEventKind.CONFIRMED, OrderEventKind.PROGRESSED]


def test_a_status_that_means_no_step_is_shown_but_does_not_move_the_order() -> None:
    order = an_order()
    by_platform.progress_order(
        order, status="Out for delivery", step=Step.ON_THE_WAY, at=None, report=report(20), now=EVENING
    )

    by_platform.progress_order(order, status="Dave waves", step=None, at=None, report=report(21), now=EVENING)

    assert order.status_text == "Dave waves"
    assert order.step is Step.ON_THE_WAY


def test_an_order_may_go_back_a_step() -> None:
    order = an_order()
    by_platform.progress_order(
        order, status="Out for delivery", step=Step.ON_THE_WAY, at=None, report=report(20), now=EVENING
    )

    by_platform.progress_order(order, status="Ready", step=Step.READY, at=None, report=report(25), now=EVENING)

    assert order.step is Step.READY


def test_a_refund_reported_twice_is_counted_once() -> None:
    order = an_order()

    by_platform.refund_order(order, 200, ref="r1", report=report(60), now=EVENING)
    by_platform.refund_order(order, 200, ref="r1", report=report(60), now=EVENING)

    assert order.refunded.minor == 200
    assert len(order.refunds) == 1


def test_several_part_refunds_add_up() -> None:
    order = an_order()

    by_platform.refund_order(order, 200, ref="r1", report=report(60, "a"), now=EVENING)
    by_platform.refund_order(order, 300, ref="r2", report=report(61, "b"), now=EVENING)

    assert order.refunded.minor == 500


def test_the_platforms_own_sum_of_refunds_beats_ours() -> None:
    order = an_order()
    by_platform.refund_order(order, 200, ref="r1", report=report(60), now=EVENING)

    by_platform.change_details(order, some_details(refunded_minor=900), report=report(60), now=EVENING)
    by_platform.refund_order(order, 100, ref="r2", report=report(70), now=EVENING)

    assert order.refunded.minor == 1000


def test_a_line_missing_in_a_later_description_is_shown_as_removed() -> None:
    order = an_order()
    without_dessert = some_details(lines=(a_line(),), bill=Bill(items=2300, delivery=300, charged=2600, tip=200))

    event = by_platform.change_details(order, without_dessert, report=report(5), now=EVENING)

    assert event is not None
    lines = (LineChange(name="Tiramisu", before=1, after=0),)
    assert event.details == ContentsChanged(total_from=3450, total_to=2800, lines=lines)
    assert [(line.name, line.quantity, line.is_removed) for line in order.lines] == [
        ("Margherita", 2, False),
        ("Tiramisu", 0, True),
    ]


def test_a_change_lists_reduced_lines_first_and_at_most_ten_lines() -> None:
    order = an_order(details=some_details(lines=tuple(a_line(f"Old dish {number}") for number in range(8))))
    others = tuple(a_line(f"New dish {number}", quantity=1) for number in range(8))

    event = by_platform.change_details(order, some_details(lines=others), report=report(5), now=EVENING)

    assert event is not None
    assert isinstance(event.details, ContentsChanged)
    counts = [(change.before, change.after) for change in event.details.lines]
    assert counts == [(2, 0)] * 8 + [(0, 1)] * 2


def test_a_line_keeps_its_ref_when_the_order_is_described_again() -> None:
    order = an_order()
    refs = [line.ref for line in order.lines]

    by_platform.change_details(order, some_details(note="Ring twice"), report=report(5), now=EVENING)

    assert [line.ref for line in order.lines] == refs


def test_what_was_ordered_is_learnt_even_when_the_first_description_comes_last() -> None:
    order = an_order(details=some_details(lines=(a_line(quantity=1),)))

    by_platform.change_details(order, some_details(lines=(a_line(quantity=3),)), report=report(-5), now=EVENING)

    assert [(line.ordered, line.quantity) for line in order.lines] == [(3, 1)]


def test_a_moved_promise_has_the_old_and_the_new_time() -> None:
    first, second = EVENING + timedelta(minutes=40), EVENING + timedelta(minutes=55)
    order = an_order(details=some_details(promised_at=first))

    event = by_platform.change_details(order, some_details(promised_at=second), report=report(9), now=EVENING)

    assert event is not None
    assert event.details == PromiseMoved(before=first, after=second)


def test_an_old_description_does_not_move_the_promise_back() -> None:
    second = EVENING + timedelta(minutes=55)
    order = an_order()
    by_platform.change_details(order, some_details(promised_at=second), report=report(9), now=EVENING)

    by_platform.change_details(order, some_details(promised_at=EVENING), report=report(4), now=EVENING)

    assert order.promised_at == second


def test_an_old_description_does_not_take_back_what_was_refunded_since() -> None:
    order = an_order()
    by_platform.change_details(order, some_details(refunded_minor=900), report=report(9), now=EVENING)

    by_platform.change_details(order, some_details(refunded_minor=200), report=report(4), now=EVENING)

    assert order.refunded.minor == 900


def test_the_tip_of_an_event_beats_the_tip_of_an_outdated_description() -> None:
    order = an_order()
    by_platform.change_tip(order, 500, report=report(10), now=EVENING)

    by_platform.change_details(order, some_details(), report=report(11), now=EVENING)

    assert order.bill.tip == 500
    assert order.total.minor == 3750


def test_the_refunded_sum_of_an_older_description_counts_if_the_newer_one_has_none() -> None:
    order = an_order()
    by_platform.change_details(order, some_details(), report=report(20), now=EVENING)

    by_platform.change_details(order, some_details(refunded_minor=500), report=report(10), now=EVENING)

    assert order.refunded.minor == 500


def test_an_order_was_placed_at_the_earliest_time_that_the_platform_reports() -> None:
    order = an_order(details=some_details(placed_at=None))

    by_platform.change_details(
        order, some_details(placed_at=EVENING + timedelta(minutes=2)), report=report(9), now=EVENING
    )
    by_platform.change_details(
        order, some_details(placed_at=EVENING + timedelta(minutes=1)), report=report(4), now=EVENING
    )

    assert order.placed_at == EVENING + timedelta(minutes=1)
    assert order.events[0].at == order.placed_at


def test_a_new_promise_and_new_contents_in_one_description_are_two_events() -> None:
    order = an_order(details=some_details(promised_at=EVENING))
    other = some_details(promised_at=EVENING + timedelta(minutes=9), lines=(a_line(),))

    by_platform.change_details(order, other, report=report(5), now=EVENING)

    assert kinds(order)[1:] == [OrderEventKind.PROMISE_MOVED, OrderEventKind.CONTENTS_CHANGED]


STEPS = {
    "confirm": lambda order, when: by_platform.confirm_order(order, at=None, report=when, now=EVENING),
    "busy": lambda order, when: by_platform.reject_order(order, reason="Busy", at=None, report=when, now=EVENING),
    "cancel": lambda order, when: by_platform.cancel_order(order, at=None, report=when, now=EVENING),
    "courier": lambda order, when: by_platform.progress_order(
        order, status="Out for delivery", step=Step.ON_THE_WAY, at=None, report=when, now=EVENING
    ),
    "ready": lambda order, when: by_platform.progress_order(
        order, status="Ready", step=Step.READY, at=None, report=when, now=EVENING
    ),
    "there": lambda order, when: by_platform.progress_order(
        order, status="Delivered", step=Step.HANDED_OVER, at=None, report=when, now=EVENING
    ),
    "refund": lambda order, when: by_platform.refund_order(
        order, 100, ref=when.source_version, report=when, now=EVENING
    ),
    "tip": lambda order, when: by_platform.change_tip(order, when.at.minute, report=when, now=EVENING),
    "rating": lambda order, when: by_platform.rate_order(order, when.at.minute % 6, report=when, now=EVENING),
    "silent": lambda order, when: by_platform.reject_order(order, reason=None, at=None, report=when, now=EVENING),
    "smaller": lambda order, when: by_platform.change_details(order, description_at(when), report=when, now=EVENING),
}


def description_at(when: Report) -> OrderDetails:
    """Return a description that differs from minute to minute."""
    minute = when.at.minute
    return replace(
        some_details(),
        lines=(a_line(quantity=1), a_line(f"Dish of minute {minute % 3}", quantity=minute % 2 + 1)),
        short_code=str(minute),
        promised_at=when.at if minute % 2 else None,
        refunded_minor=minute * 10 if minute % 3 == 0 else None,
        placed_at=EVENING if minute % 4 else None,
        note=f"Minute {minute}",
    )


def visible_state(order: Order) -> dict[str, object]:
    """Return everything visible of an order except what depends on the order of the reports."""
    skipped = {"id", "version", "restaurant_id", "customer_id", "platform_account_id"}
    columns = {column.key: getattr(order, column.key) for column in Order.__mapper__.column_attrs}
    lines = [(line.name, line.ordered, line.quantity, line.position) for line in order.lines]
    lines.sort(key=lambda line: (line[3], line[0]))
    return {key: value for key, value in columns.items() if key not in skipped} | {
        "bill": order.bill,
        "lines": lines,
        "refunded": order.refunded,
        "happened": sorted(
            (event.kind, event.at, _text_of(event))
            for event in order.events
            if event.kind not in (OrderEventKind.CONTENTS_CHANGED, OrderEventKind.PROMISE_MOVED)
        ),
    }


def _text_of(event: OrderEvent) -> str:
    return str(getattr(event.details, "reason", None) or getattr(event.details, "status", None))


def order_after(platform_events: list[tuple[int, str]]) -> Order:
    order = an_order()
    for minute, name in platform_events:
        STEPS[name](order, report(minute, name))
    return order


@given(st.data())
def test_whatever_the_order_of_arrival_the_order_ends_up_the_same(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
    chronological = list(enumerate(names, start=1))

    shuffled = data.draw(st.permutations(chronological))

    assert visible_state(order_after(shuffled)) == visible_state(order_after(chronological))
