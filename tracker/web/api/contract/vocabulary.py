"""Lenient readers for the events that a restaurant sends in Open Dining's real-time contract.

The contract's programs are old and were written by many people: a number may come as text, a list as null, as a single
text or as PHP's {"0": ...}. Each reader takes a property as it was sent, and raises ValueError with a sentence for the
sender if it can't be read. Each event has a reader of its own, because `time` is minutes in an adjustment and a point
in time in a status. See "Real-time Communication", http://docs.opendining.net/pages/pusher.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tracker.orders.times import TimeOfDay, parse_day, parse_time_of_day, resolve_advance_time, validate_minutes
from tracker.upstream.json_reader import clean_text
from tracker.web.api.contract.times import TimeContext, read_time

MAX_NAMES = 200
"""The largest number of lines, or of options, that one adjustment may leave out."""

_LONGEST = {"status": 200, "items": 24, "options": 300}
_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class AdjustmentMessage:
    """An `order_adjustment`: the proposed changes. An empty field changes nothing."""

    minutes: int | None
    """Minutes from the time of the proposal; not in addition to the time promised before."""
    day: date | None
    time_of_day: TimeOfDay | None
    refs: tuple[str, ...]
    """The ids of the order's lines (not of the menu's items) that are left out, each with its whole quantity."""
    options: tuple[str, ...]
    """The names of the options that are left out, of every line that has them."""
    ignored: tuple[str, ...] = ()
    """Properties that were sent but not read, because they don't apply to this kind of order."""

    def promised_at(
        self, *, placed_at: datetime, previous: datetime | None, zone: ZoneInfo, now: datetime
    ) -> datetime | None:
        """Return the proposed time in UTC, or None if the time stays as it is. Raise InvalidTime.

        `previous` is the time that the customer expects now: the promised one, or else the requested one.
        """
        if self.minutes is not None:
            return now + timedelta(minutes=self.minutes)
        if self.day is None and self.time_of_day is None:
            return None
        return resolve_advance_time(
            placed_at=placed_at, previous=previous, zone=zone, day=self.day, time_of_day=self.time_of_day, now=now
        )


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """An `order_tracker`: the order's status, in the restaurant's own words."""

    status: str
    at: datetime | None
    """When the order reached the status; None if the time could not be read."""
    is_ambiguous: bool
    """Whether the time that was sent is unclear or impossible, so that the time of receiving should be used."""


def read_adjustment(data: Mapping[str, object], *, is_advance: bool) -> AdjustmentMessage:
    """Read an `order_adjustment`. Raise ValueError for a property that can't be read.

    `order_date` and `eta` apply to advance orders, `time` (minutes) to orders for as soon as possible. If a message has
    both, those that do not apply to the order are not read, so that they can't make the message invalid.
    """
    minutes, moment = data.get("time"), (data.get("order_date"), data.get("eta"))
    ignored: tuple[str, ...] = ()
    if not _is_empty(minutes) and not all(map(_is_empty, moment)):
        ignored = ("time",) if is_advance else ("order_date", "eta")
        minutes, moment = (None, moment) if is_advance else (minutes, (None, None))
    if is_advance and not _is_empty(minutes):
        raise ValueError("This order is for a certain time: send order_date and eta instead of time.")
    return AdjustmentMessage(
        minutes=read_minutes(minutes),
        day=read_day(moment[0]),
        time_of_day=read_time_of_day(moment[1]),
        refs=read_refs(data.get("items")),
        options=read_options(data.get("options")),
        ignored=ignored,
    )


def read_status(
    data: Mapping[str, object], zone: ZoneInfo, received_at: datetime, order_placed_at: datetime
) -> StatusMessage:
    """Read an `order_tracker`. A time that can't be read is left out, because the status is worth having without it."""
    status = _text(data.get("status"), "status")
    if status is None:
        raise ValueError("status is missing.")
    at, is_ambiguous = read_time(data.get("time"), TimeContext(zone, received_at, order_placed_at))
    return StatusMessage(status, at, is_ambiguous)


def read_minutes(value: object) -> int | None:
    """Return the minutes, from 1 to those of a day, or None if the value is empty."""
    if _is_empty(value):
        return None
    number = _whole(value)
    if number is None:
        raise ValueError("time is not a whole number of minutes.")
    return validate_minutes(number)


def read_day(value: object) -> date | None:
    """Return the date of a text in MM/DD/YYYY, or None if it is empty."""
    text = _written(value, "order_date is not a date in text, such as 12/05/2026.")
    return parse_day(text) if text else None


def read_time_of_day(value: object) -> TimeOfDay | None:
    """Return the time of day of a text such as 9:45 PM, or None if it is empty."""
    text = _written(value, "eta is not a time of day in text, such as 9:45 PM.")
    return parse_time_of_day(text) if text else None


def read_refs(value: object) -> tuple[str, ...]:
    """Return the ids of the ordered items, each once, in the order in which they were sent."""
    return _names(value, "items")


def read_options(value: object) -> tuple[str, ...]:
    """Return the names of the options, each once, in the order in which they were sent."""
    return _names(value, "options")


def _names(value: object, what: str) -> tuple[str, ...]:
    entries = [] if value is None else value if isinstance(value, list) else [value]
    if isinstance(value, dict):  # PHP encodes an array from which an entry was removed as an object with numeric keys
        if not all(isinstance(key, str) and key.isdecimal() for key in value):
            raise ValueError(f"{what} is not a list of texts.")
        entries = list(value.values())
    if len(entries) > MAX_NAMES:
        raise ValueError(f"{what} has more than {MAX_NAMES} entries.")
    names = (_name(entry, what) for entry in entries)
    return tuple(dict.fromkeys(name for name in names if name))


def _name(entry: object, what: str) -> str | None:
    # A name that is too long is refused: cutting it could turn it into the name of another line or option.
    if isinstance(entry, bool) or not isinstance(entry, str | int | None):
        raise ValueError(f"{what} is not a list of texts.")
    text = str(entry) if isinstance(entry, int) else entry or ""
    if len(text) > _LONGEST[what]:
        raise ValueError(f"{what} has an entry of more than {_LONGEST[what]} characters.")
    return clean_text(text, _LONGEST[what])


def _text(value: object, what: str) -> str | None:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = str(value)
    text = _written(value, f"{what} is not text.")
    return clean_text(text, _LONGEST[what]) if text else None


def _whole(value: object) -> int | None:
    """Return the whole number, or None if the value is none. A bool is none, although Python treats True as 1."""
    if isinstance(value, str):
        text = value.strip()
        sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
        return sign * int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return int(value) if abs(value) < 10**_LONGEST_NUMBER and value == int(value) else None


def _written(value: object, sentence: str) -> str | None:
    if _is_empty(value):
        return None
    if not isinstance(value, str):
        raise ValueError(sentence)
    return value


def _is_empty(value: object) -> bool:
    """Return whether the value is one of PHP's forms of an empty value; 0 and false are not among them."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())
