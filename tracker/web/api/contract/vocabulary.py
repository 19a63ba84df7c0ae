"""What a restaurant's side says in the words of Open Dining's real-time contract, read forgivingly.

Its clients are old and of many hands: a number comes as text, a list as null, as one text or as PHP's {"0": ...}. Each
reader takes a property as it was sent and raises ValueError, with a sentence for who sent it, for what it can't be.
Each event is read by itself: `time` is minutes in an adjustment and a point in time in a status (see "Real-time
Communication", http://docs.opendining.net/pages/pusher.html).
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
"""So many lines, or options, may be left out at once."""

_LONGEST = {"status": 200, "items": 24, "options": 300}
_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class AdjustmentMessage:
    """An `order_adjustment`: what is to be otherwise. What is empty stays as it is."""

    minutes: int | None
    """In all, from when it is said; not in addition to what was promised."""
    day: date | None
    time_of_day: TimeOfDay | None
    refs: tuple[str, ...]
    """The ordered items (the order's lines, not the menu's items) that are left out, each with all its quantity."""
    options: tuple[str, ...]
    """The names of the options that are left out, on whichever lines have them."""
    ignored: tuple[str, ...] = ()
    """Properties that were sent, and not read because they don't belong to this kind of order. Worth a line of log."""

    def promised_at(
        self, *, placed_at: datetime, previous: datetime | None, zone: ZoneInfo, now: datetime
    ) -> datetime | None:
        """When the food would be there, in UTC; nothing where the time stays. Raises InvalidTime.

        `previous` is what the order's customer expects until now: what was promised, or else what they asked for.
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
    """An `order_tracker`: how far the order is, in the restaurant's own words."""

    status: str
    at: datetime | None
    """When that was, as far as it could be read."""
    is_ambiguous: bool
    """What was said for a time isn't clear, or can't be: go by when it was received."""


def read_adjustment(data: Mapping[str, object], *, is_advance: bool) -> AdjustmentMessage:
    """What is to be otherwise with an order that is for a certain time, or not (for as soon as possible).

    A day or a time of day makes it a certain time, minutes as soon as possible. Sent both, the order's own kind counts,
    and the others are not even read.
    """
    minutes, moment = data.get("time"), (data.get("order_date"), data.get("eta"))
    ignored: tuple[str, ...] = ()
    if not _is_empty(minutes) and not all(map(_is_empty, moment)):
        ignored = ("time",) if is_advance else ("order_date", "eta")
        minutes, moment = (None, moment) if is_advance else (minutes, (None, None))
    if is_advance and not _is_empty(minutes):
        raise ValueError("This order is for a certain time: say order_date and eta instead of time.")
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
    """How far the order is, and since when. A time that can't be read does not lose the news: it is left open."""
    status = _text(data.get("status"), "status")
    if status is None:
        raise ValueError("status is missing.")
    at, is_ambiguous = read_time(data.get("time"), TimeContext(zone, received_at, order_placed_at))
    return StatusMessage(status, at, is_ambiguous)


def read_minutes(value: object) -> int | None:
    """Minutes, from 1 to a day; nothing for empty."""
    if _is_empty(value):
        return None
    number = _whole(value)
    if number is None:
        raise ValueError("time is not a whole number of minutes.")
    return validate_minutes(number)


def read_day(value: object) -> date | None:
    """A date in MM/DD/YYYY; nothing for empty."""
    text = _written(value, "order_date is not a date in text, such as 12/05/2026.")
    return parse_day(text) if text else None


def read_time_of_day(value: object) -> TimeOfDay | None:
    """A time of day, like 9:45 PM; nothing for empty."""
    text = _written(value, "eta is not a time of day in text, such as 9:45 PM.")
    return parse_time_of_day(text) if text else None


def read_refs(value: object) -> tuple[str, ...]:
    """The ids of ordered items, each once, in the order in which they were sent."""
    return _names(value, "items")


def read_options(value: object) -> tuple[str, ...]:
    """The names of options, each once, in the order in which they were sent."""
    return _names(value, "options")


def _names(value: object, what: str) -> tuple[str, ...]:
    entries = [] if value is None else value if isinstance(value, list) else [value]
    if isinstance(value, dict):  # an array of PHP from which something was taken: its numbers are kept as names
        if not all(isinstance(key, str) and key.isdecimal() for key in value):
            raise ValueError(f"{what} is not a list of texts.")
        entries = list(value.values())
    if len(entries) > MAX_NAMES:
        raise ValueError(f"{what} has more than {MAX_NAMES} entries.")
    names = (_name(entry, what) for entry in entries)
    return tuple(dict.fromkeys(name for name in names if name))


def _name(entry: object, what: str) -> str | None:
    # Cut, one name would be another: too long a name is none of this order's, and is better refused.
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
    """The whole number that it is; nothing for what is none, such as true, which Python takes for 1."""
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
    """PHP says nothing in many ways; 0 and false are not among them."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())
