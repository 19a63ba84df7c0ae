"""Conversion between UTC and times on a restaurant's clock, in the formats of people and of Open Dining's "Real-time
Communication". Every function takes the zone explicitly. Datetimes are aware, and returned in UTC.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MAX_MINUTES = 1_440
"""One day. An order that takes longer is an advance order, not one for as soon as possible."""
MAX_AHEAD = timedelta(days=366)
"""A date further ahead than this is taken for a typing error."""
EARLY_HOURS = 6
"""Before this hour, a restaurant's evening may still belong to the previous day."""

_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_TWELVE_HOUR_TIME = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*([ap])(?:m|\.m\.)", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LAST_HOUR = 29


class InvalidTime(ValueError):
    """The time does not exist or is not plausible. The sentence tells the person who entered it why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TimeOfDay(NamedTuple):
    """A time of day. The hours 24 to 29 are after the midnight that ends the day: 25:15 is 1:15 AM."""

    hour: int
    minute: int


def parse_time_of_day(text: str) -> TimeOfDay:
    """Parse a time of day like 9:45 PM (with or without space, in any case), 21:45, or 25:15. Raise InvalidTime.

    21:45 PM and 00:05 AM are accepted as 21:45 and 00:05: programs that follow the contract's "H:MM AM" literally
    write such times.
    """
    text = text.strip()
    if match := _TIME_OF_DAY.fullmatch(text):
        hour, minute = int(match[1]), int(match[2])
        return _time_of_day(hour, minute) if hour <= _LAST_HOUR else _refuse_hour(hour)
    if not (match := _TWELVE_HOUR_TIME.fullmatch(text)):
        raise InvalidTime("A time of day is written like 9:45 PM or 21:45.")
    hour, minute, is_pm = int(match[1]), int(match[2] or 0), match[3].lower() == "p"
    if 1 <= hour <= 12:
        return _time_of_day(hour % 12 + 12 * is_pm, minute)
    if (is_pm and 12 < hour < 24) or (hour == 0 and not is_pm):
        return _time_of_day(hour, minute)
    raise InvalidTime(f"There is no {hour} o’clock {'PM' if is_pm else 'AM'}.")


def parse_day(text: str) -> date:
    """Parse a date in MM/DD/YYYY, with one or two digits for month and day, or in YYYY-MM-DD. Raise InvalidTime."""
    text = text.strip()
    if match := _MONTH_FIRST.fullmatch(text):
        month, day, year = map(int, match.groups())
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, match.groups())
    else:
        raise InvalidTime("A date is written MM/DD/YYYY, like 12/05/2026.")
    if not 1 <= month <= 12:
        raise InvalidTime(f"There is no month {month}. A date is written MM/DD/YYYY, the month first.")
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidTime(f"There is no such day as {month}/{day}/{year}.") from None


def validate_minutes(minutes: int) -> int:
    """Return the number of minutes unchanged. Raise InvalidTime unless it is from 1 to MAX_MINUTES."""
    if not 1 <= minutes <= MAX_MINUTES:
        raise InvalidTime(f"The minutes are from 1 to {MAX_MINUTES}, which is a day.")
    return minutes


def local_to_utc(day: date, at: time | TimeOfDay, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """Return the moment, in UTC, at which the clocks of the zone show this time. From 24:00 on, it is the night after
    the day.

    When clocks go back, they show an hour twice. The first time is used, or the second if `fold` is 1, so that nobody
    comes an hour after their food is ready. Raise InvalidTime for a time that is skipped when clocks go forward.
    """
    try:
        midnight = datetime.combine(day + timedelta(days=at.hour // 24), time(), zone)
        shown = midnight.replace(hour=at.hour % 24, minute=at.minute, fold=fold)
        moment = shown.replace(fold=0).astimezone(UTC)
        local = moment.astimezone(zone)
        if local.replace(tzinfo=None, fold=0) != shown.replace(tzinfo=None, fold=0):
            missing = f"{shown:%H:%M} does not exist on {_day(shown)}"
            raise InvalidTime(f"{missing}: the clocks go forward then. Say {_time_and_day(local)} instead.")
        return shown.astimezone(UTC)
    except OverflowError:
        raise InvalidTime("That day is too far away.") from None


def resolve_advance_time(
    *,
    placed_at: datetime,
    previous: datetime | None,
    zone: ZoneInfo,
    day: date | None,
    time_of_day: TimeOfDay | None,
    now: datetime,
    fold: int = 0,
) -> datetime:
    """Return the moment, in UTC, that a new day, a new time of day, or both mean for an advance order.

    `previous` is the order's time until now. A missing day or time of day is taken from it. A day is a calendar day:
    12:30 AM on the 5th is in the night from the 4th to the 5th. Raise InvalidTime if the moment is in the past or more
    than a year ahead. If it is unclear which night an hour after midnight belongs to, the error asks instead of
    guessing.
    """
    if day is None and time_of_day is None:
        raise InvalidTime("Say the new day, the new time, or both.")
    if previous is None and (day is None or time_of_day is None):
        raise InvalidTime("This order has no time yet: say both the day and the time.")
    previous_local = (previous or now).astimezone(zone)
    clock_time = time_of_day or TimeOfDay(previous_local.hour, previous_local.minute)
    calendar_day = day or _day_of(previous_local, clock_time)
    earliest = max(placed_at, now)
    moment = local_to_utc(calendar_day, clock_time, zone, fold=fold if time_of_day else previous_local.fold)
    if moment <= earliest:  # if clocks show this time twice, the second time may still be ahead
        moment = local_to_utc(calendar_day, clock_time, zone, fold=1)
    if moment <= earliest:
        _refuse_past(moment.astimezone(zone), clock_time, placed_at, now)
    if moment > now + MAX_AHEAD:
        raise InvalidTime(f"{_day(moment.astimezone(zone))} is more than a year ahead.")
    if day is None:
        _refuse_other_night(moment, previous_local)
    return moment


def format_order_date(moment: datetime, zone: ZoneInfo) -> str:
    """Return the zone's calendar day in the format of Open Dining's "Real-time Communication": MM/DD/YYYY."""
    local = moment.astimezone(zone)
    return f"{local.month:02}/{local.day:02}/{local.year:04}"


def format_eta(moment: datetime, zone: ZoneInfo) -> str:
    """Return the zone's time of day in the format of Open Dining's "Real-time Communication": 9:45 PM."""
    local = moment.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"


def _time_of_day(hour: int, minute: int) -> TimeOfDay:
    if minute > 59:
        raise InvalidTime(f"There is no minute {minute} of an hour.")
    return TimeOfDay(hour, minute)


def _refuse_hour(hour: int) -> TimeOfDay:
    raise InvalidTime(f"There is no {hour} o’clock. The hours of a day are 0 to 23, and 24 to 29 those of its night.")


def _day_of(previous_local: datetime, time_of_day: TimeOfDay) -> date:
    # A time like 25:15 counts the night as part of the day before it, so the previous time must be counted so, too.
    return (previous_local - timedelta(hours=EARLY_HOURS)).date() if time_of_day.hour >= 24 else previous_local.date()


def _refuse_other_night(moment: datetime, previous_local: datetime) -> None:
    local = moment.astimezone(previous_local.tzinfo)
    if min(local.hour, previous_local.hour) < EARLY_HOURS and abs(moment - previous_local) > timedelta(hours=12):
        # A restaurant that changes 11:45 PM to 12:15 AM means half an hour later; on the same date it is a day earlier.
        raise InvalidTime(f"Say the day as well: {_time_and_day(local)} is in another night than the present time.")


def _refuse_past(local: datetime, time_of_day: TimeOfDay, placed_at: datetime, now: datetime) -> None:
    why = "was before this order was placed" if local <= placed_at else "is in the past"
    question = ""
    if time_of_day.hour < EARLY_HOURS and local + timedelta(days=1) > max(placed_at, now):
        question = f" Did you mean the night to {_day(local + timedelta(days=1))}? Then say that date."
    raise InvalidTime(f"{_time_and_day(local)} {why}.{question}")


def _day(local: datetime) -> str:
    return f"{local.day} {local:%B %Y}"


def _time_and_day(local: datetime) -> str:
    return f"{local:%H:%M} on {_day(local)}"
