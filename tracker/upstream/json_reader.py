"""Read JSON from platforms: tolerant where platforms are known to be careless, otherwise strict.

Null and missing are the same, unknown fields are ignored, and a number may be sent as text. Any other value of a wrong
type is refused with a sentence that names the field but never its value, because the sentences end up in logs.
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
"""The bound of numbers. No real number on an order is this large."""

_NUMBER_TYPES = frozenset({int, Decimal})  # compared exactly, because bool is a subclass of int
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
# Control characters (PostgreSQL refuses NUL), lone surrogates (UTF-8 can't encode them), and invisible characters that
# reorder or hide other text. The joiner U+200D is kept, because emoji of families and flags contain it.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_UNSET_YEARS = (1, 9999)  # .NET's values for a time that was never set; converting them to some zones overflows


def clean_text(text: str, limit: int) -> str | None:
    """Return the text on one line, without invisible characters, cut to `limit` characters; None if it is empty."""
    if len(text) <= limit and text.isprintable() and "  " not in text:  # the quick way, for nearly all texts
        return text.strip(" ") or None
    line = " ".join(_INVISIBLE.sub("", text[: limit * 8]).split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or None


def parse_json_object(text: bytes | str, what: str = "The body") -> "JsonReader":
    """Parse a JSON object with exact numbers. Raises InvalidPayload, in which `what` names the text, for other text."""
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
    """One JSON object. Each method reads a field as the type that it should have.

    Methods return None (or an empty value) if the field is null or missing. They raise InvalidPayload, with the path of
    the field, if its value has another type.
    """

    __slots__ = ("_path", "fields")

    def __init__(self, fields: Mapping[str, Any], path: str = "") -> None:
        self.fields = fields
        self._path = path

    def __bool__(self) -> bool:
        return bool(self.fields)

    def text(self, name: str, limit: int) -> str | None:
        """Return text for people, cleaned and cut to `limit` characters. A number is converted to text."""
        value = self.fields.get(name)
        if value is None:
            return None
        text = str(value) if type(value) in _NUMBER_TYPES else self._typed(name, str, "text")
        return text and clean_text(text, limit)

    def exact_text(self, name: str) -> str | None:
        """Return text that must not be changed, such as an address, without the white space around it."""
        text = self._typed(name, str, "text")
        return text and text.strip()

    def email(self, name: str) -> str | None:
        """Return an e-mail address in lower case, or None if the text is no address: nobody could sign in with it."""
        try:
            return normalise_email(self.exact_text(name) or "")
        except InvalidEmailAddress:
            return None

    def number(self, name: str, below: int = MAX_NUMBER) -> Number | None:
        """Return an exact number between `-below` and `below`, both excluded."""
        value = self.fields.get(name)
        number: Number | None = value if type(value) in _NUMBER_TYPES else self._number_in_text(name)
        if number is not None and not -below < number < below:
            self.refuse(name, "is too large a number")
        return number

    def integer(self, name: str, below: int = 2**31) -> int | None:
        """Return a whole number between `-below` and `below`, both excluded. 3.0 counts as a whole number."""
        number = self.number(name, below)
        if number is None or isinstance(number, int):
            return number
        if number != int(number):
            self.refuse(name, "is not a whole number")
        return int(number)

    def minor(self, name: str, currency: str) -> int | None:
        """Return an amount of money in minor units of the currency. The field is in major units."""
        number = self.number(name)
        return None if number is None else minor_units(number, currency)

    def timestamp(self, name: str) -> datetime | None:
        """Return a point in time in UTC, or None for a time that was never set. A time without an offset is in UTC."""
        if not (text := (self._typed(name, str, "a time") or "").strip()):
            return None
        try:
            timestamp = datetime.fromisoformat(text)
        except ValueError:
            self.refuse(name, "is not a time")
        if timestamp.year in _UNSET_YEARS:
            return None
        return timestamp.astimezone(UTC) if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)

    def boolean(self, name: str) -> bool:
        """Return a truth value; False for null or missing."""
        return bool(self._typed(name, bool, "true or false"))

    def object(self, name: str) -> "JsonReader":
        """Return a reader of the object in this field; an empty one for null or missing."""
        return JsonReader(self._typed(name, dict, "an object") or {}, f"{self._path}{name}.")

    def objects(self, name: str) -> list["JsonReader"]:
        """Return readers of the objects in this field's list, without the nulls in it."""
        readers = []
        for number, entry in enumerate(self._typed(name, list, "a list") or ()):
            if isinstance(entry, dict):
                readers.append(JsonReader(entry, f"{self._path}{name}[{number}]."))
            elif entry is not None:
                self.refuse(f"{name}[{number}]", "is not an object")
        return readers

    def refuse(self, name: str, why: str) -> NoReturn:
        """Raise InvalidPayload with the path of the field and the reason, without the field's value."""
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
