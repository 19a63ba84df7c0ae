"""Times on a restaurant's clock: from a day and a time of day, as people and the real-time contract write them, to a
moment, and back. Everything here is in a zone that is named; a moment is aware, and in UTC when it is given back.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MAX_MINUTES = 1_440
"""A day. What takes longer is an order for a certain time, not for as soon as possible."""
MAX_AHEAD = timedelta(days=366)
"""Further away than this, a date is a slip of the hand."""
EARLY_HOURS = 6
"""Before this hour a service may still belong to the day before."""

_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_TWELVE_HOUR_TIME = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*([ap])(?:m|\.m\.)", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LAST_HOUR = 29


class InvalidTime(ValueError):
    """There is no such time, or it can't be meant. The sentence says why to whoever wrote it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TimeOfDay(NamedTuple):
    """A time of day. The hours 24 to 29 are those after the midnight that ends the day: 25:15 is 1:15 AM."""

    hour: int
    minute: int


def parse_time_of_day(text: str) -> TimeOfDay:
    """The time of day in 9:45 PM (with or without space, in any case), 21:45, or 25:15. Raises InvalidTime.

    21:45 PM and 00:05 AM, which a program writes that takes the contract's "H:MM AM" by the letter, mean what they say.
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
    """The date in MM/DD/YYYY, with one or two digits for month and day, or in YYYY-MM-DD. Raises InvalidTime."""
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
    """The same number, if food can be promised in so many minutes. Raises InvalidTime."""
    if not 1 <= minutes <= MAX_MINUTES:
        raise InvalidTime(f"The minutes are from 1 to {MAX_MINUTES}, which is a day.")
    return minutes


def local_to_utc(day: date, at: time | TimeOfDay, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """The moment, in UTC, at which the clocks of the zone show this time on this day (its night, from 24 o'clock on).

    When clocks go back they show an hour twice: the first time is meant, or with `fold` 1 the second, for nobody is to
    come an hour after their food. Raises InvalidTime for a time that the clocks leave out when they go forward.
    """
    try:
        midnight = datetime.combine(day + timedelta(days=at.hour // 24), time(), zone)
        shown = midnight.replace(hour=at.hour % 24, minute=at.minute, fold=fold)
        moment = shown.replace(fold=0).astimezone(UTC)
        there = moment.astimezone(zone)
        if there.replace(tzinfo=None, fold=0) != shown.replace(tzinfo=None, fold=0):
            missing = f"{shown:%H:%M} does not exist on {_day(shown)}"
            raise InvalidTime(f"{missing}: the clocks go forward then. Say {_time_and_day(there)} instead.")
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
    """The moment, in UTC, that is meant by a new day, a new time of day, or both, for an order for a certain time.

    `previous` is when it was to be until now; the half that isn't said is taken from it. A day is the calendar's, so
    that 12:30 AM on the 5th is the night from the 4th to the 5th. Raises InvalidTime for what can't be meant (what is
    past, or more than a year ahead) and asks there, rather than guess, which night an hour after midnight is in.
    """
    if day is None and time_of_day is None:
        raise InvalidTime("Say the new day, the new time, or both.")
    if previous is None and (day is None or time_of_day is None):
        raise InvalidTime("This order has no time yet: say both the day and the time.")
    then = (previous or now).astimezone(zone)
    meant = time_of_day or TimeOfDay(then.hour, then.minute)
    on = day or _day_of(then, meant)
    earliest = max(placed_at, now)
    moment = local_to_utc(on, meant, zone, fold=fold if time_of_day else then.fold)
    if moment <= earliest:  # in the hour that clocks show twice, its second time may still be ahead
        moment = local_to_utc(on, meant, zone, fold=1)
    if moment <= earliest:
        _refuse_past(moment.astimezone(zone), meant, placed_at, now)
    if moment > now + MAX_AHEAD:
        raise InvalidTime(f"{_day(moment.astimezone(zone))} is more than a year ahead.")
    if day is None:
        _refuse_other_night(moment, then)
    return moment


def format_order_date(moment: datetime, zone: ZoneInfo) -> str:
    """The day on the zone's calendar as the real-time contract writes it: MM/DD/YYYY."""
    there = moment.astimezone(zone)
    return f"{there.month:02}/{there.day:02}/{there.year:04}"


def format_eta(moment: datetime, zone: ZoneInfo) -> str:
    """The time on the zone's clocks as the real-time contract writes it: 9:45 PM."""
    there = moment.astimezone(zone)
    return f"{there.hour % 12 or 12}:{there.minute:02} {'AM' if there.hour < 12 else 'PM'}"


def _time_of_day(hour: int, minute: int) -> TimeOfDay:
    if minute > 59:
        raise InvalidTime(f"There is no minute {minute} of an hour.")
    return TimeOfDay(hour, minute)


def _refuse_hour(hour: int) -> TimeOfDay:
    raise InvalidTime(f"There is no {hour} o’clock. The hours of a day are 0 to 23, and 24 to 29 those of its night.")


def _day_of(then: datetime, time_of_day: TimeOfDay) -> date:
    # Who writes 25:15 counts a night as part of the day before it; so must the day that it is counted from.
    return (then - timedelta(hours=EARLY_HOURS)).date() if time_of_day.hour >= 24 else then.date()


def _refuse_other_night(moment: datetime, then: datetime) -> None:
    there = moment.astimezone(then.tzinfo)
    if min(there.hour, then.hour) < EARLY_HOURS and abs(moment - then) > timedelta(hours=12):
        # From 11:45 PM to 12:15 AM is half an hour to who says it, and on the same date nearly a day back.
        raise InvalidTime(f"Say the day as well: {_time_and_day(there)} is another night than the time until now.")


def _refuse_past(there: datetime, time_of_day: TimeOfDay, placed_at: datetime, now: datetime) -> None:
    why = "was before this order was placed" if there <= placed_at else "is past"
    question = ""
    if time_of_day.hour < EARLY_HOURS and there + timedelta(days=1) > max(placed_at, now):
        question = f" Did you mean the night to {_day(there + timedelta(days=1))}? Then say that date."
    raise InvalidTime(f"{_time_and_day(there)} {why}.{question}")


def _day(there: datetime) -> str:
    return f"{there.day} {there:%B %Y}"


def _time_and_day(there: datetime) -> str:
    return f"{there:%H:%M} on {_day(there)}"
