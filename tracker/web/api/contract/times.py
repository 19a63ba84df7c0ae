"""When something was, from the `time` of an `order_tracker`, whose form Open Dining's page doesn't say.

Its own times elsewhere are written on the restaurant's clock, with hours to twelve and without AM or PM. So each form
is read as all that it can mean, and what can be, between the order's placing and our hearing of it, decides.
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
"""So far apart may two clocks be; a time without seconds is as much too early."""
_FIRST_MILLISECONDS = 10**11  # as seconds that would be the year 5138
_EPOCH = re.compile(
    r"[0-9]{9,13}(\.[0-9]{1,9})?"
)  # and not fewer digits, which are no point in time but perhaps minutes
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9:.,]+)\s*(Z|z|[+-][0-9]{2}:?[0-9]{2})?")
_AMERICAN = re.compile(r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}),?\s+([0-9]{1,2}:[0-9]{2})(:[0-9]{2})?\s*([ap]\.?m\.?)?", re.I)


@dataclass(frozen=True, slots=True)
class TimeContext:
    """Where and between which moments something must have been."""

    zone: ZoneInfo
    received_at: datetime
    order_placed_at: datetime

    def is_plausible(self, moment: datetime) -> bool:
        """Whether it was after the order was placed and isn't still to come."""
        return self.order_placed_at - _SKEW <= moment <= self.received_at + _SKEW

    def clamp(self, moment: datetime) -> datetime:
        """The same moment, without what the clocks differ by."""
        return min(max(moment, self.order_placed_at), self.received_at)


def read_time(value: object, context: TimeContext) -> tuple[datetime | None, bool]:
    """The moment, in UTC, as far as it can be read, and whether there is doubt about it.

    There is doubt when not exactly one of several candidates is plausible, when none is (the future, or before the
    order was placed), and when something was said that is no time at all. Then go by when it was received.
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
    with suppress(ValueError, OverflowError):  # it only looks like a time: an impossible date, or beyond all calendars
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
    else:  # programs that leave out the zone mean their own clock's, and many a server's clock is in UTC
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
    """Both times at which clocks show it when they go back; none when they go forward and leave it out."""
    for fold in (0, 1):
        with suppress(InvalidTime):
            yield local_to_utc(day, shown, zone, fold=fold) + after
