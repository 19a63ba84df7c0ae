"""The traps of an `order_tracker`: the forms of its time, and the texts of its status.

Each test is named after the mistake that it excludes, with the number of the trap.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import EVENING
from tests.web.api.contract.orders import DUBLIN, EMPTY, LATER, NEW_YORK, an_order_here, messages_by_name, status_at
from tracker.orders.operations import by_restaurant
from tracker.orders.progress import Step, step_from_text
from tracker.web.api.contract.vocabulary import read_status

SIX_OH_FIVE = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "zone"),
    [
        ("2026-11-20T18:05:00Z", DUBLIN),
        ("2026-11-20T13:05:00-05:00", DUBLIN),
        ("2026-11-20T13:05:00 -0500", DUBLIN),
        ("2026-11-20 18:05:00.000 +00:00", NEW_YORK),
        ("2026-11-20T18:05:00", DUBLIN),
        ("2026-11-20 13:05", NEW_YORK),
        (1795197900, NEW_YORK),
        ("1795197900", NEW_YORK),
        (1795197900.0, NEW_YORK),
        (1795197900000, NEW_YORK),
        ("11/20/2026 6:05 PM", DUBLIN),
        ("11/20/2026, 6:05:00\u202fPM", DUBLIN),
        ("11/20/2026 06:05:00", DUBLIN),
        ("11/20/2026 18:05", DUBLIN),
        ("11/20/2026 01:05:00", NEW_YORK),
    ],
)
def test_a11_a_time_is_read_in_every_form_that_clients_write(time, zone):
    assert status_at(time, zone=zone) == (SIX_OH_FIVE, False)


def test_a11_a_time_with_neither_am_nor_pm_is_ambiguous_unless_the_order_decides_it():
    since_noon = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    since_the_night_before = EVENING - timedelta(days=1)

    assert status_at("11/20/2026 06:05", placed_at=since_noon) == (SIX_OH_FIVE, False)
    assert status_at("11/20/2026 06:05", placed_at=since_the_night_before) == (SIX_OH_FIVE, True)
    assert status_at("11/20/2026 12:35", placed_at=since_noon) == (since_noon + timedelta(minutes=5), False)


def test_a11_a_time_without_a_zone_is_ambiguous_if_it_could_be_in_utc_or_in_the_restaurants_zone():
    summer = datetime(2026, 7, 10, 18, 5, tzinfo=UTC)  # five past seven in Dublin

    both = status_at("2026-07-10T18:05:00", received_at=summer, placed_at=summer - timedelta(hours=2))
    one = status_at("2026-07-10T18:05:00", received_at=summer, placed_at=summer - timedelta(minutes=20))

    assert both == (summer, True)
    assert one == (summer, False)


@pytest.mark.parametrize("zone", ["Europe/Dublin", "America/New_York", "Asia/Kathmandu"])
def test_a11_the_time_that_we_publish_is_read_as_the_same_time(zone):
    order = an_order_here(zone=zone)
    by_restaurant.confirm_order(order, None, actor_name=None, now=SIX_OH_FIVE)

    event = by_restaurant.progress_order(order, "Being made", actor_name=None, now=SIX_OH_FIVE)

    assert status_at(messages_by_name(event)["order_tracker"]["time"]) == (SIX_OH_FIVE, False)


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("2026-11-20T19:05:00Z", SIX_OH_FIVE + timedelta(hours=1)),
        ("2026-11-20T17:05:00Z", SIX_OH_FIVE - timedelta(hours=1)),
        ("11/20/2016 6:05 PM", SIX_OH_FIVE.replace(year=2016)),
    ],
)
def test_a11_a_status_from_the_future_or_from_before_the_order_has_an_ambiguous_time(time, at):
    assert status_at(time) == (at, True)


def test_a11_a_slightly_fast_clock_or_one_without_seconds_leaves_a_status_in_order():
    placed_at = EVENING + timedelta(seconds=42)

    assert status_at("2026-11-20T18:10:30Z") == (LATER, False)
    assert status_at("11/20/2026 6:00 PM", placed_at=placed_at) == (placed_at, False)


@pytest.mark.parametrize(
    "time",
    [
        *("just now", "18:05", "11/20/2026", "2026-11-20", "02/30/2026 6:05 PM", "11/20/2026 6:75 PM"),
        *("11/20/2026 13:05 AM", "2026-13-01T18:05:00Z", "2026-11-20T18:65:00Z", "0001-01-01T00:00:00+14:00"),
        *(True, 45, -1795197900, 10**40, float("inf"), ["2026-11-20T18:05:00Z"], {"at": 1795197900}),
    ],
)
def test_a11_a_status_with_an_unreadable_time_is_kept_without_its_time(time):
    message = read_status({"status": "Out for Delivery", "time": time}, DUBLIN, LATER, EVENING)

    assert (message.status, message.at, message.is_ambiguous) == ("Out for Delivery", None, True)


@pytest.mark.parametrize("time", [None, "", " "])
def test_a11_a_missing_time_is_not_ambiguous(time):
    assert status_at(time) == (None, False)


def test_a11_a_time_that_the_clocks_show_twice_is_ambiguous_once_both_have_passed():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    night, hour = {"placed_at": first - timedelta(hours=2)}, timedelta(hours=1)

    during = status_at("10/25/2026 1:30 AM", received_at=first + timedelta(minutes=5), **night)
    after = status_at("10/25/2026 1:30 AM", received_at=first + hour + timedelta(minutes=5), **night)

    assert during == (first, False)
    assert after == (first + hour, True)


def test_a11_a_local_time_that_the_clocks_leave_out_is_ambiguous_and_not_moved():
    received_at = datetime(2026, 3, 29, 3, 0, tzinfo=UTC)
    night = {"received_at": received_at, "placed_at": received_at - timedelta(hours=4)}

    assert status_at("03/29/2026 1:30 AM", **night) == (None, True)
    assert status_at("2026-03-29T01:30:00", **night) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), False)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("Dave is making you a delicious sandwich.", "Dave is making you a delicious sandwich."),
        ("<b>Out</b> for\n Delivery\x00", "<b>Out</b> for Delivery"),
        ("x" * 201, "x" * 199 + "…"),
        (7, "7"),
    ],
)
def test_a12_a_free_status_is_cleaned_and_shortened_for_the_page(status, shown):
    assert read_status({"status": status}, DUBLIN, LATER, EVENING).status == shown


@pytest.mark.parametrize("status", [*EMPTY, "\x00", True, ["Delivered"], {"name": "Delivered"}])
def test_a12_a_status_without_words_is_refused(status):
    with pytest.raises(ValueError, match=r"^status is "):
        read_status({"status": status}, DUBLIN, LATER, EVENING)


def test_a12_a_free_status_never_moves_the_order_back_to_an_earlier_step():
    order = an_order_here()
    by_restaurant.confirm_order(order, None, actor_name=None, now=LATER)

    for words in ("OUT  for delivery", "Dave is making you a delicious sandwich.", "Ready"):
        by_restaurant.progress_order(order, words, actor_name=None, now=LATER)

    assert order.step is step_from_text("Out for Delivery") is Step.ON_THE_WAY
    assert order.status_text == "Ready"
