"""The traps of Open Dining's real-time contract, by their numbers.

Each test is named after the mistake that it excludes. The traps of statuses (A11 and A12) are in test_statuses.py, and
those of names (from A13 on) in test_names.py.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.builders import EVENING
from tests.web.api.contract.orders import DUBLIN, EMPTY, LATER, NEW_YORK, an_order_here, messages_by_name, status_at
from tracker.live.wire import Confirmation
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.times import InvalidTime, TimeOfDay
from tracker.web.api.contract.vocabulary import read_adjustment

TOMORROW_AT_EIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def promised(data, *, is_advance=True, placed_at=EVENING, previous=TOMORROW_AT_EIGHT, zone=DUBLIN, now=LATER):
    """Return the promised time of an adjustment with this data."""
    message = read_adjustment(data, is_advance=is_advance)
    return message.promised_at(placed_at=placed_at, previous=previous, zone=zone, now=now)


def test_a01_confirmed_adjusted_and_rejected_have_the_codes_one_two_and_three():
    confirmed = by_restaurant.confirm_order(an_order_here(), None, actor_name=None, now=LATER)
    adjusted = by_restaurant.adjust_order(
        an_order_here(), ProposedChange(LATER + timedelta(hours=1)), actor_name=None, now=LATER
    )
    rejected = by_restaurant.reject_order(an_order_here(), None, actor_name=None, now=LATER)

    codes = [messages_by_name(event)["order_confirmation"]["confirmation"] for event in (confirmed, adjusted, rejected)]
    assert codes == [1, 2, 3]
    assert codes == [Confirmation.CONFIRMED, Confirmation.ADJUSTED, Confirmation.REJECTED]


def test_a02_a_customer_accepts_with_code_one_and_cancels_with_code_three():
    order = an_order_here()
    by_restaurant.adjust_order(order, ProposedChange(LATER + timedelta(hours=1)), actor_name=None, now=LATER)

    accepted = by_customer.accept_adjustment(order, 1, now=LATER)
    cancelled = by_customer.cancel_order(an_order_here(), 1, now=LATER)

    assert messages_by_name(accepted)["order_user_confirmation"]["confirmation"] == 1
    assert messages_by_name(cancelled)["order_user_confirmation"]["confirmation"] == 3


def test_a03_minutes_and_points_in_time_are_never_taken_for_each_other():
    minutes = read_adjustment({"time": 45}, is_advance=False).minutes

    assert minutes == 45
    assert status_at(45) == (None, True)
    with pytest.raises(ValueError, match="time is not a whole number of minutes"):
        read_adjustment({"time": "2026-11-20T18:05:00Z"}, is_advance=False)


@pytest.mark.parametrize("eta", [2145, 21.75, True, ["9:45 PM"], {"hour": 9}])
def test_a04_an_eta_that_is_not_text_is_refused(eta):
    with pytest.raises(ValueError, match="eta is not a time of day in text"):
        read_adjustment({"eta": eta}, is_advance=True)


def test_a05_minutes_count_from_now_and_not_from_the_earlier_promise():
    order = an_order_here()
    order.promised_at = EVENING + timedelta(minutes=30)

    new_time = promised({"time": 45}, is_advance=False, previous=order.promised_at)
    event = by_restaurant.adjust_order(order, ProposedChange(promised_at=new_time), actor_name=None, now=LATER)

    assert new_time == LATER + timedelta(minutes=45)
    assert messages_by_name(event)["order_adjustment"] == {"time": 45, "items": [], "options": []}


def test_a06_a_time_is_read_in_the_zone_of_the_restaurant():
    data = {"order_date": "11/21/2026", "eta": "9:45 PM"}

    assert promised(data, zone=NEW_YORK) == datetime(2026, 11, 22, 2, 45, tzinfo=UTC)
    assert promised(data, zone=ZoneInfo("Asia/Tokyo")) == datetime(2026, 11, 21, 12, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "data", "missing"),
    [
        (DUBLIN, {"order_date": "03/29/2026", "eta": "1:30 AM"}, "01:30 does not exist on 29 March 2026"),
        (NEW_YORK, {"order_date": "03/08/2026", "eta": "2:30 AM"}, "02:30 does not exist on 8 March 2026"),
        (NEW_YORK, {"order_date": "03/07/2026", "eta": "26:30"}, "02:30 does not exist on 8 March 2026"),
    ],
)
def test_a06_a_time_that_the_clocks_leave_out_is_refused(zone, data, missing):
    days_before = datetime(2026, 3, 5, 12, tzinfo=UTC)

    with pytest.raises(InvalidTime, match=missing):
        promised(data, zone=zone, placed_at=days_before, now=days_before)


@pytest.mark.parametrize(
    ("zone", "data", "first"),
    [
        (DUBLIN, {"order_date": "10/25/2026", "eta": "1:30 AM"}, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (NEW_YORK, {"order_date": "11/01/2026", "eta": "1:30 AM"}, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a06_of_a_time_that_the_clocks_show_twice_the_first_is_promised(zone, data, first):
    days_before = datetime(2026, 10, 20, 12, tzinfo=UTC)

    assert promised(data, zone=zone, placed_at=days_before, now=days_before) == first


@pytest.mark.parametrize("order_date", ["12/05/2026", "12/5/2026", "2026-12-05"])
@pytest.mark.parametrize("eta", ["4:30 PM", "04:30 pm", "4:30PM", "16:30"])
def test_a07_a_date_without_its_zero_or_a_time_without_its_space_is_understood(order_date, eta):
    assert promised({"order_date": order_date, "eta": eta}) == datetime(2026, 12, 5, 16, 30, tzinfo=UTC)


def test_a07_five_past_midnight_stays_five_past_midnight():
    message = read_adjustment({"eta": "12:05 AM"}, is_advance=True)

    assert message.time_of_day == TimeOfDay(0, 5)


@pytest.mark.parametrize("order_date", ["02/30/2026", "31/12/2026", "00/10/2026", "2/29/2027"])
def test_a07_an_impossible_date_is_refused(order_date):
    with pytest.raises(InvalidTime, match="There is no"):
        read_adjustment({"order_date": order_date}, is_advance=True)


@pytest.mark.parametrize("empty", EMPTY)
def test_a08_a_new_time_alone_keeps_the_day_and_a_new_day_alone_keeps_the_time(empty):
    in_new_york = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)  # there it is the 21st, 8 PM

    only_time = promised({"eta": "9:45 PM", "order_date": empty}, previous=in_new_york, zone=NEW_YORK)
    only_day = promised({"order_date": "11/23/2026", "eta": empty}, previous=in_new_york, zone=NEW_YORK)

    assert only_time == datetime(2026, 11, 22, 2, 45, tzinfo=UTC)
    assert only_day == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("empty", EMPTY)
def test_a08_empty_fields_leave_the_promise_as_it_is(empty):
    message = read_adjustment({"time": empty, "order_date": empty, "eta": empty, "items": ["a"]}, is_advance=True)

    assert (message.minutes, message.day, message.time_of_day, message.refs) == (None, None, None, ("a",))
    assert promised({"items": ["a"]}) is None
    assert promised({"items": ["a"]}, is_advance=False, previous=None) is None


def test_a09_an_order_for_later_takes_date_and_eta_and_one_for_now_takes_minutes():
    both = {"time": 45, "order_date": "11/21/2026", "eta": "9:45 PM"}

    advance, soon = (read_adjustment(both, is_advance=is_advance) for is_advance in (True, False))

    assert (advance.minutes, advance.day, advance.time_of_day) == (None, date(2026, 11, 21), TimeOfDay(21, 45))
    assert advance.ignored == ("time",)
    assert (soon.minutes, soon.day, soon.time_of_day) == (45, None, None)
    assert soon.ignored == ("order_date", "eta")
    with pytest.raises(ValueError, match="send order_date and eta instead of time"):
        read_adjustment({"time": 45}, is_advance=True)


def test_a09_a_new_time_of_an_order_for_later_is_published_as_date_and_eta():
    order = an_order_here(is_advance=True, requested_for=TOMORROW_AT_EIGHT)
    new_time = promised({"time": 45, "order_date": "11/22/2026", "eta": "9:05 PM"})

    event = by_restaurant.adjust_order(order, ProposedChange(promised_at=new_time), actor_name=None, now=LATER)

    message = messages_by_name(event)["order_adjustment"]
    assert message == {"order_date": "11/22/2026", "eta": "9:05 PM", "items": [], "options": []}


def test_a09_fields_for_the_other_kind_of_order_are_ignored_even_if_malformed():
    advance = read_adjustment({"time": "soon", "eta": "9:45 PM"}, is_advance=True)
    soon = read_adjustment({"time": 45, "eta": "later", "order_date": 5}, is_advance=False)

    assert (advance.time_of_day, soon.minutes) == (TimeOfDay(21, 45), 45)


def test_a09_an_order_for_as_soon_as_possible_can_be_moved_to_tomorrow():
    data = {"order_date": "11/21/2026", "eta": "6:00 PM"}

    assert promised(data, is_advance=False, previous=None) == datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def test_a10_half_past_midnight_on_the_day_before_is_refused_with_a_question():
    with pytest.raises(InvalidTime, match=r"Did you mean the night to 21 November 2026\?"):
        promised({"order_date": "11/20/2026", "eta": "12:30 AM"})

    assert promised({"order_date": "11/21/2026", "eta": "12:30 AM"}) == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    assert promised({"order_date": "11/20/2026", "eta": "24:30"}) == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
