"""Reading what somebody else's system sends: forgiving where platforms are known to be careless, and otherwise strict.

Null and missing are the same, unknown fields are ignored, a number may come as text. What cannot be read so is refused
with a sentence that names the field and never repeats what stood in it, for sentences end up in logs.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from tracker.accounts.email_addresses import InvalidEmailAddress, normalise_email
from tracker.orders.money import minor_units
from tracker.upstream.platform_events import InvalidPayload

_T = TypeVar("_T")

Number = int | Decimal

MAX_NUMBER = 10**12
"""No number on an order is this great."""

_NUMBERS = frozenset({int, Decimal})  # and not bool, which is an int
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
# Control characters (PostgreSQL refuses NUL), half surrogate pairs (nothing can store them), and what is not seen but
# reorders or hides other text. The joiner U+200D stays: families and flags are made with it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_UNSET_YEARS = (1, 9999)  # what .NET writes for a time that was never set; converting it overflows in half the zones


def clean_text(text: str, limit: int) -> str | None:
    """The text on one line, without what cannot be seen, at most `limit` characters; nothing if nothing is left."""
    if len(text) <= limit and text.isprintable() and "  " not in text:  # as nearly all are
        return text.strip(" ") or None
    line = " ".join(_INVISIBLE.sub("", text[: limit * 8]).split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or None


def parse_json_object(text: bytes | str, what: str = "The body") -> "JsonReader":
    """The JSON object in the text, its numbers exact. Raises InvalidPayload for anything else."""
    try:
        value = json.loads(
            text.decode("utf-8-sig") if isinstance(text, bytes) else text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise InvalidPayload(f"{what} is not UTF-8.") from None
    except json.JSONDecodeError:
        raise InvalidPayload(f"{what} is not JSON.") from None
    except RecursionError:
        raise InvalidPayload(f"{what} is nested too deeply.") from None
    except (ValueError, ArithmeticError):
        raise InvalidPayload(f"{what} holds a number that is too large.") from None
    if not isinstance(value, dict):
        raise InvalidPayload(f"{what} is not a JSON object.")
    return JsonReader(value)


def _refuse_constant(_: str) -> NoReturn:
    raise InvalidPayload("The body holds a number that JSON doesn't have (NaN or Infinity).")


class JsonReader:
    """One object as it was sent. Each reader takes a field as what it ought to be, and gives None for null or missing.

    All of them raise InvalidPayload, with the path of the field, for what cannot be read as that.
    """

    __slots__ = ("_path", "fields")

    def __init__(self, fields: Mapping[str, Any], path: str = "") -> None:
        self.fields = fields
        self._path = path

    def __bool__(self) -> bool:
        return bool(self.fields)

    def text(self, name: str, limit: int) -> str | None:
        """Text for people, cleaned and shortened; a number is taken as it is written."""
        value = self.fields.get(name)
        if value is None:
            return None
        text = str(value) if type(value) in _NUMBERS else self._typed(name, str, "text")
        return text and clean_text(text, limit)

    def exact_text(self, name: str) -> str | None:
        """Text that means something only as it is, such as an address: not a character is changed but space around."""
        text = self._typed(name, str, "text")
        return text and text.strip()

    def email(self, name: str) -> str | None:
        """An e-mail address in lower case; None also for text that is no address, for nobody could sign in with it."""
        try:
            return normalise_email(self.exact_text(name) or "")
        except InvalidEmailAddress:
            return None

    def number(self, name: str, below: int = MAX_NUMBER) -> Number | None:
        """An exact number, nearer to zero than `below`."""
        value = self.fields.get(name)
        number: Number | None = value if type(value) in _NUMBERS else self._number_in_text(name)
        if number is not None and not -below < number < below:
            self.refuse(name, "is too large a number")
        return number

    def integer(self, name: str, below: int = 2**31) -> int | None:
        """A whole number, nearer to zero than `below`; 3.0 is one."""
        number = self.number(name, below)
        if number is None or isinstance(number, int):
            return number
        if number != int(number):
            self.refuse(name, "is not a whole number")
        return int(number)

    def minor(self, name: str, currency: str) -> int | None:
        """An amount of money sent in major units, as minor units of the currency."""
        number = self.number(name)
        return None if number is None else minor_units(number, currency)

    def timestamp(self, name: str) -> datetime | None:
        """A point in time, in UTC. A time without a zone is UTC; a time that was never set is none."""
        if not (text := (self._typed(name, str, "a time") or "").strip()):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.refuse(name, "is not a time")
        if moment.year in _UNSET_YEARS:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def boolean(self, name: str) -> bool:
        """Whether it is said to be so; unsaid is no."""
        return bool(self._typed(name, bool, "true or false"))

    def object(self, name: str) -> "JsonReader":
        """The object in this field; an empty one for null or missing."""
        return JsonReader(self._typed(name, dict, "an object") or {}, f"{self._path}{name}.")

    def objects(self, name: str) -> list["JsonReader"]:
        """The objects listed in this field, without the nulls among them."""
        parts = []
        for number, entry in enumerate(self._typed(name, list, "a list") or ()):
            if isinstance(entry, dict):
                parts.append(JsonReader(entry, f"{self._path}{name}[{number}]."))
            elif entry is not None:
                self.refuse(f"{name}[{number}]", "is not an object")
        return parts

    def refuse(self, name: str, why: str) -> NoReturn:
        """Say that the field cannot be read, and why, without repeating it."""
        raise InvalidPayload(f"{self._path}{name} {why}.")

    def _typed(self, name: str, kind: type[_T], wanted: str) -> _T | None:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, kind):
            self.refuse(name, f"is not {wanted}")
        return value

    def _number_in_text(self, name: str) -> Decimal | None:
        text = (self._typed(name, str, "a number") or "").strip()
        if text and not _NUMBER.fullmatch(text):
            self.refuse(name, "is not a number")
        return Decimal(text) if text else None
