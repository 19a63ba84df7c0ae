"""Converting a day and a time of day to a moment: zones, hours after midnight, and nights when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracker.orders.times import InvalidTime, TimeOfDay, local_to_utc, parse_time_of_day

DUBLIN, NEW_YORK, BERLIN = ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@pytest.mark.parametrize(
    ("zone", "day", "clock", "moment"),
    [
        (DUBLIN, date(2026, 1, 9), TimeOfDay(21, 45), datetime(2026, 1, 9, 21, 45, tzinfo=UTC)),
        (DUBLIN, date(2026, 7, 9), TimeOfDay(21, 45), datetime(2026, 7, 9, 20, 45, tzinfo=UTC)),
        (NEW_YORK, date(2026, 7, 9), TimeOfDay(21, 45), datetime(2026, 7, 10, 1, 45, tzinfo=UTC)),
        (ZoneInfo("Asia/Tokyo"), date(2026, 7, 9), TimeOfDay(0, 5), datetime(2026, 7, 8, 15, 5, tzinfo=UTC)),
        (ZoneInfo("America/Phoenix"), date(2026, 3, 8), TimeOfDay(2, 30), datetime(2026, 3, 8, 9, 30, tzinfo=UTC)),
        (ZoneInfo("Asia/Kathmandu"), date(2026, 3, 29), TimeOfDay(2, 30), datetime(2026, 3, 28, 20, 45, tzinfo=UTC)),
        (ZoneInfo("UTC"), date(2026, 3, 29), TimeOfDay(1, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_meant_on_the_restaurants_clock(
    zone: ZoneInfo, day: date, clock: TimeOfDay, moment: datetime
) -> None:
    assert local_to_utc(day, clock, zone) == moment
    assert local_to_utc(day, time(clock.hour, clock.minute), zone, fold=1) == moment


@pytest.mark.parametrize(
    ("zone", "day", "clock", "sentence"),
    [
        (BERLIN, date(2026, 3, 29), TimeOfDay(2, 30), "02:30 does not exist on 29 March 2026|03:30 on 29 March 2026"),
        (DUBLIN, date(2026, 3, 29), TimeOfDay(1, 0), "01:00 does not exist on 29 March 2026|02:00 on 29 March 2026"),
        (DUBLIN, date(2026, 3, 28), TimeOfDay(25, 59), "01:59 does not exist on 29 March 2026|02:59 on 29 March 2026"),
        (NEW_YORK, date(2026, 3, 8), TimeOfDay(2, 15), "02:15 does not exist on 8 March 2026|03:15 on 8 March 2026"),
        (NEW_YORK, date(2026, 3, 7), TimeOfDay(26, 15), "02:15 does not exist on 8 March 2026|03:15 on 8 March 2026"),
        (
            ZoneInfo("Pacific/Apia"),
            date(2011, 12, 30),
            TimeOfDay(12, 0),
            "12:00 does not exist on 30 December 2011|12:00 on 31 December 2011",
        ),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_the_clocks_skip_is_refused_with_the_time_to_use_instead(
    zone: ZoneInfo, day: date, clock: TimeOfDay, sentence: str, fold: int
) -> None:
    missing, instead = sentence.split("|")

    with pytest.raises(InvalidTime) as refused:
        local_to_utc(day, clock, zone, fold=fold)

    assert refused.value.sentence == f"{missing}: the clocks go forward then. Say {instead} instead."


@pytest.mark.parametrize(
    ("zone", "day", "clock", "first"),
    [
        (DUBLIN, date(2026, 10, 25), TimeOfDay(1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (DUBLIN, date(2026, 10, 24), TimeOfDay(25, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (NEW_YORK, date(2026, 11, 1), TimeOfDay(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_the_clocks_show_twice_is_the_first_one_by_default(
    zone: ZoneInfo, day: date, clock: TimeOfDay, first: datetime
) -> None:
    assert local_to_utc(day, clock, zone) == first
    assert local_to_utc(day, clock, zone, fold=1) == first + timedelta(hours=1)


def test_the_minutes_next_to_a_change_of_the_clocks_are_ordinary() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)

    assert local_to_utc(spring, TimeOfDay(0, 59), DUBLIN) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert local_to_utc(spring, TimeOfDay(2, 0), DUBLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert local_to_utc(autumn, TimeOfDay(0, 59), DUBLIN) == datetime(2026, 10, 24, 23, 59, tzinfo=UTC)
    assert local_to_utc(autumn, TimeOfDay(2, 0), DUBLIN) == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("clock", "same"), [("25:15", "1:15 AM"), ("24:00", "12:00 AM"), ("29:59", "5:59 AM")])
def test_an_hour_from_24_on_is_in_the_night_after_that_day(clock: str, same: str) -> None:
    new_years_eve = date(2026, 12, 31)

    assert local_to_utc(new_years_eve, parse_time_of_day(clock), DUBLIN) == local_to_utc(
        date(2027, 1, 1), parse_time_of_day(same), DUBLIN
    )


@pytest.mark.parametrize(
    ("day", "clock", "zone"),
    [
        (date.max, TimeOfDay(25, 0), DUBLIN),
        (date.max, TimeOfDay(22, 0), NEW_YORK),
        (date.min, TimeOfDay(0, 30), ZoneInfo("Asia/Tokyo")),
    ],
)
def test_a_day_at_the_end_of_the_calendar_is_refused_with_a_sentence(
    day: date, clock: TimeOfDay, zone: ZoneInfo
) -> None:
    with pytest.raises(InvalidTime, match=r"^That day is too far away\.$"):
        local_to_utc(day, clock, zone)


def is_shown(naive: datetime, zone: ZoneInfo) -> bool:
    """Return whether the clocks of the zone show this time at all, by converting it and back with each offset."""
    offsets = [naive.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    moments = [(naive - offset).replace(tzinfo=UTC) for offset in offsets]
    return any(moment.astimezone(zone).replace(tzinfo=None, fold=0) == naive for moment in moments)


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.builds(TimeOfDay, st.integers(0, 29), st.integers(0, 59)),
    st.sampled_from(ZONES),
    st.sampled_from([0, 1]),
)
def test_every_time_that_the_clocks_show_is_a_moment_at_which_they_show_it(
    day: date, clock: TimeOfDay, name: str, fold: int
) -> None:
    zone = ZoneInfo(name)
    naive = datetime.combine(day + timedelta(days=clock.hour // 24), time(clock.hour % 24, clock.minute))
    assume(is_shown(naive, zone))

    moment = local_to_utc(day, clock, zone, fold=fold)

    assert moment.tzinfo is UTC
    assert moment.astimezone(zone).replace(tzinfo=None, fold=0) == naive
