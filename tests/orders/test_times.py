"""Days and times of day as people and Open Dining's contract write them: what is accepted, and what is refused."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracker.orders.times import (
    MAX_MINUTES,
    InvalidTime,
    TimeOfDay,
    format_eta,
    format_order_date,
    local_to_utc,
    parse_day,
    parse_time_of_day,
    validate_minutes,
)

DUBLIN, NEW_YORK = ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("9:45 PM", 21, 45),
        ("9:45pm", 21, 45),
        ("09:45 Pm", 21, 45),
        ("9:45\u202fPM", 21, 45),
        (" 9:45 p.m. ", 21, 45),
        ("9 PM", 21, 0),
        ("21:45", 21, 45),
        ("21:45 PM", 21, 45),
        ("12:05 AM", 0, 5),
        ("00:05 AM", 0, 5),
        ("12:05 PM", 12, 5),
        ("12:05", 12, 5),
        ("0:05", 0, 5),
        ("9:45", 9, 45),
        ("25:15", 25, 15),
        ("24:00", 24, 0),
        ("29:59", 29, 59),
    ],
)
def test_a_time_of_day_is_understood_in_every_usual_spelling(text: str, hour: int, minute: int) -> None:
    assert parse_time_of_day(text) == TimeOfDay(hour, minute)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A time of day is written like 9:45 PM or 21:45."),
        ("soon", "A time of day is written like 9:45 PM or 21:45."),
        ("9", "A time of day is written like 9:45 PM or 21:45."),
        ("-9:45", "A time of day is written like 9:45 PM or 21:45."),
        ("9:45 PM!", "A time of day is written like 9:45 PM or 21:45."),
        ("\u0669:45", "A time of day is written like 9:45 PM or 21:45."),
        ("9:60", "There is no minute 60 of an hour."),
        ("9:60 PM", "There is no minute 60 of an hour."),
        ("30:00", "There is no 30 o’clock. The hours of a day are 0 to 23, and 24 to 29 those of its night."),
        ("13:00 AM", "There is no 13 o’clock AM."),
        ("0:30 PM", "There is no 0 o’clock PM."),
        ("25:15 PM", "There is no 25 o’clock PM."),
    ],
)
def test_an_impossible_time_of_day_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidTime) as refused:
        parse_time_of_day(text)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize("text", ["12/05/2013", "12/5/2013", " 12/05/2013 ", "2013-12-05"])
def test_a_date_starts_with_the_month_or_the_year(text: str) -> None:
    assert parse_day(text) == date(2013, 12, 5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("02/30/2026", "There is no such day as 2/30/2026."),
        ("2/29/2026", "There is no such day as 2/29/2026."),
        ("2026-02-29", "There is no such day as 2/29/2026."),
        ("1/1/0000", "There is no such day as 1/1/0."),
        ("31/12/2026", "There is no month 31. A date is written MM/DD/YYYY, the month first."),
        ("0/1/2026", "There is no month 0. A date is written MM/DD/YYYY, the month first."),
        ("12/5/26", "A date is written MM/DD/YYYY, like 12/05/2026."),
        ("tomorrow", "A date is written MM/DD/YYYY, like 12/05/2026."),
        ("", "A date is written MM/DD/YYYY, like 12/05/2026."),
    ],
)
def test_an_impossible_date_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidTime) as refused:
        parse_day(text)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize("minutes", [1, 45, MAX_MINUTES])
def test_food_can_be_promised_in_one_minute_up_to_a_day(minutes: int) -> None:
    assert validate_minutes(minutes) == minutes


@pytest.mark.parametrize("minutes", [0, -45, MAX_MINUTES + 1, 10**9])
def test_food_in_zero_minutes_or_in_more_than_a_day_is_refused_with_a_sentence(minutes: int) -> None:
    with pytest.raises(InvalidTime, match="from 1 to 1440, which is a day"):
        validate_minutes(minutes)


@pytest.mark.parametrize(
    ("moment", "zone", "order_date", "eta"),
    [
        (datetime(2026, 12, 6, 2, 45, tzinfo=UTC), NEW_YORK, "12/05/2026", "9:45 PM"),
        (datetime(2026, 1, 9, 0, 5, tzinfo=UTC), DUBLIN, "01/09/2026", "12:05 AM"),
        (datetime(2026, 1, 9, 12, 0, 59, tzinfo=UTC), DUBLIN, "01/09/2026", "12:00 PM"),
        (datetime(2026, 7, 9, 11, 30, tzinfo=UTC), DUBLIN, "07/09/2026", "12:30 PM"),
        (datetime(2026, 7, 9, 8, 3, tzinfo=UTC), DUBLIN, "07/09/2026", "9:03 AM"),
    ],
)
def test_a_moment_is_written_in_the_contracts_format(
    moment: datetime, zone: ZoneInfo, order_date: str, eta: str
) -> None:
    assert (format_order_date(moment, zone), format_eta(moment, zone)) == (order_date, eta)


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2037, 12, 31)),  # noqa: DTZ001  given UTC below
    st.sampled_from(ZONES),
)
def test_a_time_in_the_contracts_format_is_read_as_the_same_minute_in_every_zone(naive: datetime, name: str) -> None:
    zone, moment = ZoneInfo(name), naive.replace(second=0, microsecond=0, tzinfo=UTC)
    assume(moment.astimezone(zone).fold == 0)

    day, clock = parse_day(format_order_date(moment, zone)), parse_time_of_day(format_eta(moment, zone))

    assert local_to_utc(day, clock, zone) == moment
