"""Reader for the `time` of an `order_tracker`, whose format Open Dining's "Real-time Communication" does not specify.

Other times in Open Dining's contract are in the restaurant's local time, with hours up to twelve and without AM or PM.
The reader therefore collects every moment that the text can mean, and keeps those between the placing of the order and
our receiving of the message.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tracker.orders.times import InvalidTime, TimeOfDay, local_to_utc, parse_day, parse_time_of_day

_SKEW = timedelta(minutes=1)
"""The difference allowed between two clocks. A time without seconds can be too early by as much."""
_FIRST_MILLISECONDS = 10**11  # in seconds, this would be the year 5138
# A number with fewer digits is not read as a point in time: it may be a number of minutes.
_EPOCH = re.compile(r"[0-9]{9,13}(\.[0-9]{1,9})?")
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9:.,]+)\s*(Z|z|[+-][0-9]{2}:?[0-9]{2})?")
_AMERICAN = re.compile(r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}),?\s+([0-9]{1,2}:[0-9]{2})(:[0-9]{2})?\s*([ap]\.?m\.?)?", re.I)


@dataclass(frozen=True, slots=True)
class TimeContext:
    """The time zone of an order, and the two moments between which its event must have happened."""

    zone: ZoneInfo
    received_at: datetime
    order_placed_at: datetime

    def is_plausible(self, moment: datetime) -> bool:
        """Return whether the moment is after the placing of the order and not in the future."""
        return self.order_placed_at - _SKEW <= moment <= self.received_at + _SKEW

    def clamp(self, moment: datetime) -> datetime:
        """Return the moment, moved by at most _SKEW into the time between placing and receiving."""
        return min(max(moment, self.order_placed_at), self.received_at)


def read_time(value: object, context: TimeContext) -> tuple[datetime | None, bool]:
    """Return the moment in UTC, or None if the value can't be read, and whether the moment is ambiguous.

    It is ambiguous when several candidates are plausible, when none is (in the future, or before the order was placed),
    and when the value is not a time. The caller should then use the time at which the message was received.
    """
    candidates = set(_candidates(value, context.zone))
    possible = [moment for moment in candidates if context.is_plausible(moment)]
    if len(possible) == 1:
        return context.clamp(possible[0]), False
    nearest = min(possible or candidates, key=lambda moment: abs(moment - context.received_at), default=None)
    return nearest, bool(value.strip() if isinstance(value, str) else value is not None)


def _candidates(value: object, zone: ZoneInfo) -> Iterator[datetime]:
    if isinstance(value, int | float | Decimal):
        value = str(value)
    if not isinstance(value, str):
        return
    text = value.strip()
    with suppress(ValueError, OverflowError):  # an impossible date, or one beyond the calendar
        if _EPOCH.fullmatch(text):
            yield _since_1970(Decimal(text))
        elif match := _ISO.fullmatch(text):
            yield from _iso(*match.groups(), zone=zone)
        elif match := _AMERICAN.fullmatch(text):
            yield from _american(*match.groups(), zone=zone)


def _since_1970(number: Decimal) -> datetime:
    return datetime.fromtimestamp(float(number if number < _FIRST_MILLISECONDS else number / 1000), UTC)


def _iso(day: str, clock: str, offset: str | None, *, zone: ZoneInfo) -> Iterator[datetime]:
    moment = datetime.fromisoformat(f"{day}T{clock}{(offset or '').upper()}")
    if moment.tzinfo:
        yield moment.astimezone(UTC)
    else:  # a program that leaves out the zone means its local time, and many servers run in UTC
        seconds = timedelta(seconds=moment.second, microseconds=moment.microsecond)
        yield from _local_times(moment.date(), moment.time(), seconds, zone)
        yield moment.replace(tzinfo=UTC)


def _american(day: str, clock: str, seconds: str | None, half: str | None, *, zone: ZoneInfo) -> Iterator[datetime]:
    shown = parse_time_of_day(f"{clock} {half}" if half else clock)
    could_be_either = half is None and 1 <= shown.hour <= 12
    for hour in (shown.hour % 12, shown.hour % 12 + 12) if could_be_either else (shown.hour,):
        after = timedelta(seconds=int((seconds or ":0")[1:]))
        yield from _local_times(parse_day(day), TimeOfDay(hour, shown.minute), after, zone)


def _local_times(day: date, shown: time | TimeOfDay, after: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the UTC moments of a local time: two of them when clocks go back over it, none when they skip it."""
    for fold in (0, 1):
        with suppress(InvalidTime):
            yield local_to_utc(day, shown, zone, fold=fold) + after
