"""What a new day, a new time of day or both mean for an advance order, and which of them are refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tracker.orders.times import InvalidTime, parse_day, parse_time_of_day, resolve_advance_time

DUBLIN, NEW_YORK = ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York")
EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""A Friday, 18:00 in Dublin."""
TOMORROW_AT_EIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def advance(day: str | None, clock: str | None, **changes: Any) -> datetime:
    """Return the new time of an order that was placed this evening for 20:00 tomorrow in Dublin."""
    usual: dict[str, Any] = {
        "placed_at": EVENING,
        "previous": TOMORROW_AT_EIGHT,
        "zone": DUBLIN,
        "day": parse_day(day) if day else None,
        "time_of_day": parse_time_of_day(clock) if clock else None,
        "now": EVENING + timedelta(minutes=5),
    }
    return resolve_advance_time(**usual | changes)


def test_a_day_and_a_time_together_are_the_new_time() -> None:
    assert advance("11/22/2026", "9:45 PM") == datetime(2026, 11, 22, 21, 45, tzinfo=UTC)


def test_a_missing_day_or_time_stays_as_it_was_on_the_restaurants_clock() -> None:
    in_new_york = {"zone": NEW_YORK, "previous": datetime(2026, 11, 22, 1, 0, tzinfo=UTC)}  # the 21st, 8 PM

    assert advance("11/22/2026", None, **in_new_york) == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert advance(None, "9:45 PM", **in_new_york) == datetime(2026, 11, 22, 2, 45, tzinfo=UTC)


def test_a_new_day_keeps_the_time_on_the_clock_across_a_change_of_the_clocks() -> None:
    before = {"now": datetime(2026, 3, 27, 12, tzinfo=UTC), "placed_at": datetime(2026, 3, 27, 11, tzinfo=UTC)}
    saturday_at_eight = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)

    assert advance("03/29/2026", None, previous=saturday_at_eight, **before) == saturday_at_eight + timedelta(hours=23)


def test_a_new_day_on_which_the_old_time_does_not_exist_is_refused() -> None:
    before = {"now": datetime(2026, 3, 27, 12, tzinfo=UTC), "placed_at": datetime(2026, 3, 27, 11, tzinfo=UTC)}
    in_the_night = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)

    with pytest.raises(InvalidTime, match="01:30 does not exist on 29 March 2026"):
        advance("03/29/2026", None, previous=in_the_night, **before)


def test_a_change_without_day_and_time_is_refused() -> None:
    with pytest.raises(InvalidTime, match="Say the new day, the new time, or both"):
        advance(None, None)


def test_an_order_without_a_time_needs_both_a_day_and_a_time() -> None:
    with pytest.raises(InvalidTime, match="say both the day and the time"):
        advance(None, "9:45 PM", previous=None)
    with pytest.raises(InvalidTime, match="say both the day and the time"):
        advance("11/21/2026", None, previous=None)

    assert advance("11/21/2026", "9:45 PM", previous=None) == datetime(2026, 11, 21, 21, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "sentence"),
    [
        ("11/20/2026", "5:00 PM", "17:00 on 20 November 2026 was before this order was placed."),
        ("11/20/2026", "6:04 PM", "18:04 on 20 November 2026 is in the past."),
        ("11/20/2026", "6:05 PM", "18:05 on 20 November 2026 is in the past."),
        ("11/18/2026", "12:30 AM", "00:30 on 18 November 2026 was before this order was placed."),
        ("11/20/2025", "8:00 PM", "20:00 on 20 November 2025 was before this order was placed."),
        ("11/22/2027", "8:00 PM", "22 November 2027 is more than a year ahead."),
        ("12/31/9999", "11:00 AM", "31 December 9999 is more than a year ahead."),
    ],
)
def test_a_time_in_the_past_or_absurdly_far_away_is_refused_with_a_sentence(
    day: str, clock: str, sentence: str
) -> None:
    with pytest.raises(InvalidTime) as refused:
        advance(day, clock)

    assert refused.value.sentence == sentence


def test_the_same_day_next_year_is_accepted() -> None:
    assert advance("11/20/2027", "8:00 PM") == datetime(2027, 11, 20, 20, 0, tzinfo=UTC)


def test_half_past_midnight_of_today_is_refused_with_a_question_instead_of_moved_to_tonight() -> None:
    with pytest.raises(InvalidTime) as refusal:
        advance("11/20/2026", "12:30 AM")

    assert refusal.value.sentence == (
        "00:30 on 20 November 2026 was before this order was placed. "
        "Did you mean the night to 21 November 2026? Then say that date."
    )
    assert advance("11/21/2026", "12:30 AM") == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    assert advance("11/20/2026", "24:30") == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


def test_half_past_midnight_of_today_is_refused_with_a_question_for_an_order_that_is_days_old() -> None:
    with pytest.raises(InvalidTime, match=r"is in the past\. Did you mean the night to 21 November 2026\?"):
        advance("11/20/2026", "12:30 AM", placed_at=EVENING - timedelta(days=3))


def test_six_in_the_morning_belongs_to_no_other_day() -> None:
    with pytest.raises(InvalidTime) as refused:
        advance("11/20/2026", "6:00 AM")

    assert refused.value.sentence == "06:00 on 20 November 2026 was before this order was placed."


@pytest.mark.parametrize(
    ("until_now", "clock", "sentence"),
    [
        ((21, 23, 45), "12:15 AM", "Say the day as well: 00:15 on 21 November 2026"),
        ((22, 0, 30), "11:45 PM", "Say the day as well: 23:45 on 22 November 2026"),
    ],
)
def test_a_new_time_on_the_other_side_of_midnight_needs_its_day(
    until_now: tuple[int, int, int], clock: str, sentence: str
) -> None:
    day, hour, minute = until_now
    previous = datetime(2026, 11, day, hour, minute, tzinfo=UTC)

    with pytest.raises(InvalidTime, match=sentence):
        advance(None, clock, previous=previous)


@pytest.mark.parametrize(
    ("until_now", "clock"), [((21, 23, 45), "25:15"), ((22, 0, 30), "25:15"), ((22, 0, 30), "1:15")]
)
def test_a_new_time_after_midnight_stays_in_the_same_night(until_now: tuple[int, int, int], clock: str) -> None:
    day, hour, minute = until_now
    previous = datetime(2026, 11, day, hour, minute, tzinfo=UTC)

    assert advance(None, clock, previous=previous) == datetime(2026, 11, 22, 1, 15, tzinfo=UTC)


def test_in_the_hour_that_clocks_show_twice_the_time_that_is_still_ahead_is_taken() -> None:
    first_half_past_one = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    night: dict[str, Any] = {
        "placed_at": datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
        "previous": datetime(2026, 10, 25, 2, 0, tzinfo=UTC),
    }

    before = advance("10/25/2026", "1:30 AM", now=first_half_past_one - timedelta(minutes=20), **night)
    between = advance("10/25/2026", "1:30 AM", now=first_half_past_one + timedelta(minutes=20), **night)

    assert (before, between) == (first_half_past_one, first_half_past_one + timedelta(hours=1))
    with pytest.raises(InvalidTime, match="is in the past"):
        advance("10/25/2026", "1:30 AM", now=first_half_past_one + timedelta(minutes=61), **night)


def test_the_second_half_past_one_stays_if_it_was_promised() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    placed_at = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)

    assert advance("10/25/2026", None, previous=second, placed_at=placed_at, now=placed_at) == second
    assert advance("10/25/2026", "1:30", previous=second, placed_at=placed_at, now=placed_at, fold=1) == second
