"""The traps of the contract's lists and texts: what is left out of an order, and why one is rejected.

Each test is named after the mistake that it excludes, with the number of the trap.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import EVENING, a_line
from tests.web.api.contract.orders import DUBLIN, EMPTY, LATER, an_order_here, messages_by_name
from tracker.live.wire import is_restaurant_channel, order_of_channel
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.refusals import Unknown
from tracker.orders.times import InvalidTime
from tracker.web.api.contract.vocabulary import (
    read_adjustment,
    read_minutes,
    read_options,
    read_refs,
    read_status,
)

WORDS = st.sampled_from(["1", "45", "9:45 PM", "25:15", "11/21/2026", "2026-11-21T18:00:00", "1795197900", "\x00", ""])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "1", "id"]), inner, max_size=3),
    max_leaves=5,
)
PROPERTIES = st.sampled_from(["confirmation", "reason", "time", "order_date", "eta", "items", "options", "status"])


def test_a13_the_id_of_a_menu_item_is_refused_and_the_id_of_a_line_removes_all_of_that_line():
    order = an_order_here()
    pizzas, dessert = order.lines

    with pytest.raises(Unknown):
        by_restaurant.adjust_order(
            order, ProposedChange(lines=read_refs(["4e57b5a2988d88ff0c000000"])), actor_name=None, now=LATER
        )
    event = by_restaurant.adjust_order(order, ProposedChange(lines=read_refs([pizzas.ref])), actor_name=None, now=LATER)
    by_customer.accept_adjustment(order, 1, now=LATER)

    assert messages_by_name(event)["order_adjustment"]["items"] == [pizzas.ref]
    assert (pizzas.ordered, pizzas.quantity, dessert.quantity) == (2, 0, 1)


@pytest.mark.parametrize("name", ["Extras: Extra Meat", "Extra Meat"])
def test_a14_an_option_is_found_by_its_bare_name_and_removed_from_every_line_that_has_it(name):
    meat = ({"name": "Extras: Extra Meat", "minor": 100},)
    order = an_order_here(lines=(a_line(options=meat), a_line("Calzone", options=meat), a_line("Salad")))

    event = by_restaurant.adjust_order(order, ProposedChange(options=read_options([name])), actor_name=None, now=LATER)
    by_customer.accept_adjustment(order, 1, now=LATER)

    assert messages_by_name(event)["order_adjustment"]["options"] == ["Extras: Extra Meat"]
    assert [line.options_left_out for line in order.lines].count(["Extras: Extra Meat"]) == 2


def test_a14_an_option_with_a_comma_in_its_name_is_one_option():
    assert read_options("Sauce: Salt, pepper") == ("Sauce: Salt, pepper",)


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        *((empty, ()) for empty in EMPTY),
        ("a", ("a",)),
        (5, ("5",)),
        (["a", "b"], ("a", "b")),
        (["a", None, "", " ", "a", 7], ("a", "7")),
        ({"0": "a", "2": "b"}, ("a", "b")),
        ([" Extra  Cheese\n"], ("Extra Cheese",)),
    ],
)
def test_a19_a_list_is_read_in_every_form_in_which_php_writes_it(sent, names):
    assert read_refs(sent) == read_options(sent) == names


@pytest.mark.parametrize(
    "sent", [True, False, 1.5, [True], [["a"]], [{"id": "a"}], {"id": "a"}, {"0": ["a"]}, ["a"] * 201, ["a" * 301]]
)
def test_a19_what_is_not_a_list_of_texts_is_refused(sent):
    with pytest.raises(ValueError, match=r"^items "):
        read_refs(sent)
    with pytest.raises(ValueError, match=r"^options "):
        read_options(sent)


def test_a19_an_id_that_is_too_long_is_refused_and_not_cut():
    with pytest.raises(ValueError, match=r"^items has an entry of more than 24 characters\.$"):
        read_refs(["52a7289e96ba1c6209000003f"])


@pytest.mark.parametrize(
    ("sent", "minutes"), [(45, 45), ("45", 45), (" 45 ", 45), ("045", 45), (45.0, 45), (1440, 1440)]
)
def test_a19_minutes_may_be_a_number_or_a_number_in_text(sent, minutes):
    assert read_minutes(sent) == minutes


@pytest.mark.parametrize(
    "sent", [True, False, 1.5, "1.5", "45 min", "soon", "\u0664", float("nan"), float("inf"), [45], {"0": 45}, "9" * 40]
)
def test_a19_what_is_not_a_whole_number_of_minutes_is_refused(sent):
    with pytest.raises(ValueError, match="time is not a whole number of minutes"):
        read_minutes(sent)


@pytest.mark.parametrize("sent", [0, "0", -45, "-45", 1441, 10**9])
def test_a19_minutes_below_one_or_beyond_a_day_are_refused(sent):
    with pytest.raises(InvalidTime, match="The minutes are from 1 to 1440, which is a day"):
        read_minutes(sent)


@pytest.mark.parametrize("blank", [None, "", "  ", "\u200b\x00"])
def test_a20_a_rejection_without_a_reason_is_published_with_an_empty_reason(blank):
    order = an_order_here()

    rejected = by_restaurant.reject_order(order, blank, actor_name=None, now=LATER)

    assert order.reason is None
    assert messages_by_name(rejected)["order_confirmation"] == {"confirmation": 3, "reason": ""}


def test_a20_a_confirmation_is_published_without_a_reason():
    confirmed = by_restaurant.confirm_order(an_order_here(), None, actor_name=None, now=LATER)

    assert messages_by_name(confirmed)["order_confirmation"] == {"confirmation": 1}


def test_a25_an_order_and_a_restaurant_with_the_same_id_have_different_channels():
    same = "52a7289e96ba1c6209000003"

    assert order_of_channel(f"private-o-{same}") == same
    assert order_of_channel(f"presence-r-{same}") is None
    assert is_restaurant_channel(f"presence-r-{same}")
    assert not is_restaurant_channel(f"private-o-{same}")
    assert order_of_channel(f"private-o-{same.upper()}") is None


@settings(deadline=None)
@given(st.dictionaries(PROPERTIES, ANYTHING), st.booleans())
def test_any_data_is_either_read_or_refused_with_a_sentence(data, is_advance):
    readers = (
        lambda data: read_adjustment(data, is_advance=is_advance),
        lambda data: read_status(data, DUBLIN, LATER, EVENING),
    )

    refusals = [refused for reader in readers if (refused := refusal_of(reader, data))]

    assert all(str(refused)[-1:] == "." for refused in refusals)


def refusal_of(reader, data):
    """Return the error of the reader, or None if the data can be read."""
    try:
        reader(data)
    except ValueError as refused:
        return refused
    return None
