"""The adjustments that a restaurant can propose, what they change of the total, and that the bill follows them."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import EVENING, a_change, a_line, a_restaurant, an_adjustment, an_order, an_own_order, some_details
from tracker.accounts.model import IfUnanswered
from tracker.orders.bill import Bill, LineOption
from tracker.orders.event_details import Adjusted
from tracker.orders.model import Order
from tracker.orders.operations.adjustments import ProposedChange, total_difference
from tracker.orders.operations.by_customer import accept_adjustment
from tracker.orders.operations.by_restaurant import adjust_order
from tracker.orders.refusals import NothingChanged, NothingLeft, Refusal, Unknown
from tracker.orders.states import Actor, AdjustmentState, OrderEventKind, OrderState

BOB = "bob@example.com"
LATER = EVENING + timedelta(minutes=5)
CHEESE, HOT, MILD = (
    LineOption(name="Extra: Cheese", minor=120),
    LineOption(name="Sauce: Hot", minor=30),
    LineOption(name="Dip: Hot", minor=80),
)


def a_big_order() -> Order:
    """Return three pizzas with cheese and hot sauce, two wings with cheese and hot dip, and two lemonades."""
    lines = (
        a_line("Margherita", ref="pizza", quantity=3, unit_minor=1300, options=(CHEESE, HOT)),
        a_line("Wings", ref="wings", quantity=2, unit_minor=780, options=(MILD, CHEESE)),
        a_line("Lemonade", ref="drink", quantity=2, unit_minor=350),
    )
    bill = Bill(items=6160, delivery=300, charged=6460, tip=300)
    return an_own_order(lines=lines, bill=bill)


def adjusted_order(order: Order, change: ProposedChange) -> Order:
    an_adjustment(order, change)
    accept_adjustment(order, order.adjustments[-1].number, now=LATER)
    return order


def test_a_proposal_is_stored_with_everything_that_the_customer_has_to_know() -> None:
    order = an_own_order(a_restaurant(answer_minutes=7, if_unanswered=IfUnanswered.GO_AHEAD))

    change = ProposedChange(EVENING + timedelta(minutes=50), ("dolce",), (), " The mascarpone\nhas run out. ")
    event = adjust_order(order, change, actor_name=BOB, now=EVENING)

    (adjustment,) = order.adjustments
    assert (adjustment.number, adjustment.state, adjustment.minutes) == (1, AdjustmentState.OPEN, 50)
    assert (adjustment.lines, adjustment.reason) == (["dolce"], "The mascarpone has run out.")
    assert (adjustment.difference, adjustment.if_unanswered) == (-650, IfUnanswered.GO_AHEAD)
    assert adjustment.answer_by == EVENING + timedelta(minutes=7)
    assert (order.state, order.adjustment_count, order.total.minor) == (OrderState.ADJUSTED, 1, 3450)
    assert (event.kind, event.by, event.actor_name) == (OrderEventKind.ADJUSTED, Actor.RESTAURANT, BOB)
    names = ("minutes", "promised_at", "reason")
    stored = {name: getattr(adjustment, name) for name in names} | {"lines": ("dolce",), "options": ()}
    assert event.details == Adjusted(adjustment=1, is_advance=False, **stored)


def test_an_advance_order_gets_a_new_day_and_time_and_no_minutes() -> None:
    order = an_own_order(is_advance=True, requested_for=EVENING + timedelta(days=1))

    adjustment = an_adjustment(order, a_change(26 * 60))

    assert (adjustment.minutes, adjustment.promised_at) == (None, EVENING + timedelta(hours=26))
    assert getattr(order.events[-1].details, "is_advance", None)


def test_a_newer_adjustment_takes_the_place_of_the_older_one() -> None:
    order = an_own_order()
    older = an_adjustment(order)

    newer = an_adjustment(order, a_change(40), now=LATER)

    assert (older.state, older.ended_at, older.ended_by) == (AdjustmentState.REPLACED, LATER, Actor.RESTAURANT)
    assert (newer.number, order.open_adjustment, order.adjustment_count) == (2, newer, 2)
    assert newer.answer_by == LATER + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("change", "refusal", "sentence"),
    [
        (a_change(lines=("pizza", "dolce")), NothingLeft, "Nothing would be left of this order. Reject it instead."),
        (a_change(lines=("pasta",)), Unknown, "This order has no line pasta, or no longer."),
        (a_change(options=("Garlic",)), Unknown, "No line of this order has the option Garlic, or no longer."),
        (
            a_change(lines=("dolce",), options=("Extra cocoa",)),
            Unknown,
            "No line of this order has the option Extra cocoa, or no longer.",
        ),
        (ProposedChange(reason="Sorry"), NothingChanged, "This would change nothing of the order. Confirm it instead."),
    ],
)
def test_an_impossible_adjustment_is_refused_and_nothing_is_changed(
    change: ProposedChange, refusal: type[Refusal], sentence: str
) -> None:
    order = an_own_order()

    with pytest.raises(refusal) as refused:
        adjust_order(order, change, actor_name=BOB, now=EVENING)

    assert refused.value.sentence == sentence
    assert (order.state, order.version, order.adjustments) == (OrderState.PLACED, 1, [])


def test_the_time_that_is_promised_already_cannot_be_proposed() -> None:
    order = an_own_order(promised_at=EVENING + timedelta(minutes=30))

    with pytest.raises(NothingChanged):
        adjust_order(order, a_change(30), actor_name=BOB, now=EVENING)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_change(45), 0),
        (a_change(lines=("drink",)), -700),
        (a_change(lines=("pizza",)), -3900),
        (a_change(options=("Sauce: Hot",)), -90),
        (a_change(options=("Cheese",)), -3 * 120 - 2 * 120),
        (a_change(options=("Hot",)), -3 * 30 - 2 * 80),
        (a_change(lines=("wings",), options=("Cheese", "Hot")), -2 * 780 - 3 * 150),
        (a_change(lines=("drink", "drink"), options=("Cheese", "Extra: Cheese")), -700 - 600),
    ],
    ids=[
        "time",
        "line",
        "dearest line",
        "option",
        "option of two lines",
        "one name of two groups",
        "all",
        "twice said",
    ],
)
def test_the_total_changes_by_the_difference_that_is_shown(change: ProposedChange, expected: int) -> None:
    order = a_big_order()
    before = order.total.minor

    adjustment = an_adjustment(order, change)
    accept_adjustment(order, 1, now=LATER)

    assert adjustment.difference == expected == order.total.minor - before
    assert order.bill.items == sum(line.quantity * line.unit_minor for line in order.lines)
    assert (order.bill.other, order.bill.delivery, order.bill.tip) == (0, 300, 300)


REFS, NAMES = ["pizza", "wings", "drink"], ["Extra: Cheese", "Cheese", "Sauce: Hot", "Dip: Hot", "Hot"]
CHANGES = st.builds(
    a_change, lines=st.lists(st.sampled_from(REFS)).map(tuple), options=st.lists(st.sampled_from(NAMES)).map(tuple)
)


@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_the_lines_add_up_to_the_bill_after_every_adjustment(changes: list[ProposedChange]) -> None:
    order = a_big_order()
    total = order.total.minor

    for change in changes:
        with suppress(Refusal):
            adjust_order(order, change, actor_name=BOB, now=EVENING)
    proposed = order.open_adjustment
    if proposed:
        accept_adjustment(order, proposed.number, now=LATER)

    assert order.total.minor - total == (proposed.difference if proposed else 0)
    assert order.bill.items == sum(line.quantity * line.unit_minor for line in order.lines)
    assert order.bill.other == 0


def test_the_difference_for_an_order_of_a_platform_is_unknown() -> None:
    order = an_order()
    ref = next(line.ref for line in order.lines if line.name == "Tiramisu")

    adjustment = an_adjustment(order, a_change(lines=(ref,)))
    accept_adjustment(order, 1, now=LATER)

    assert (adjustment.difference, order.total.minor) == (None, 3450)
    assert [line.name for line in order.lines if line.is_left_out] == ["Tiramisu"]


def test_the_difference_for_an_order_with_a_voucher_is_unknown() -> None:
    order = an_own_order(bill=Bill(items=2950, delivery=300, discount=-500, charged=2750), voucher="SAVE5")

    adjustment = an_adjustment(order)
    accept_adjustment(order, 1, now=LATER)

    assert (adjustment.difference, order.total.minor) == (None, 2750)


def test_a_new_time_alone_never_changes_the_total() -> None:
    assert total_difference(an_order(), a_change(45)) == 0
    assert total_difference(an_own_order(bill=Bill(items=2950, discount=-50, charged=2900)), a_change(45)) == 0


def test_an_option_is_left_out_of_every_line_that_has_it_and_the_other_options_stay() -> None:
    order = adjusted_order(a_big_order(), a_change(options=("Cheese",)))

    assert {line.ref: (line.quantity, line.unit_minor, line.options_left_out) for line in order.lines} == {
        "pizza": (3, 1180, ["Extra: Cheese"]),
        "wings": (2, 660, ["Extra: Cheese"]),
        "drink": (2, 350, []),
    }
    assert [option["name"] for option in order.lines[0].options] == ["Extra: Cheese", "Sauce: Hot"]


def test_an_option_name_means_every_group_that_has_it_and_a_name_with_its_group_only_that_group() -> None:
    both = an_adjustment(a_big_order(), a_change(options=("Hot",)))
    single = an_adjustment(a_big_order(), a_change(options=("Dip: Hot",)))

    assert (both.options, single.options) == (["Dip: Hot", "Sauce: Hot"], ["Dip: Hot"])


def test_a_line_that_is_left_out_is_left_out_with_its_options() -> None:
    order = adjusted_order(a_big_order(), a_change(lines=("wings",), options=("Cheese",)))

    wings = next(line for line in order.lines if line.ref == "wings")
    assert (wings.quantity, wings.is_left_out, wings.options_left_out, wings.unit_minor) == (0, True, [], 780)
    assert order.bill.items == 3 * 1180 + 2 * 350


def test_what_was_left_out_before_cannot_be_left_out_again() -> None:
    order = an_order()  # an order of a platform, which still describes it with what was left out
    tiramisu = next(line for line in order.lines if line.name == "Tiramisu")
    tiramisu.options_left_out = ["Extra cocoa"]
    pizza = next(line for line in order.lines if line.name == "Margherita")
    pizza.quantity, pizza.is_left_out = 0, True

    for change in (a_change(options=("Extra cocoa",)), a_change(lines=(pizza.ref,))):
        with pytest.raises(Unknown, match="or no longer"):
            adjust_order(order, change, actor_name=BOB, now=EVENING)


def test_an_order_without_known_lines_can_get_a_new_time() -> None:
    order = an_order(details=some_details(lines=(), is_reference_only=True))

    assert an_adjustment(order, a_change(45)).minutes == 45
    with pytest.raises(Unknown):
        adjust_order(order, a_change(options=("Cheese",)), actor_name=BOB, now=EVENING)
