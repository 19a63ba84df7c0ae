"""Types for the fields of the API: each combines the validation of a form with its schema in the document."""

import re
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from tracker.ids import ID_PATTERN
from tracker.orders.times import MAX_MINUTES
from tracker.web.api.contract.vocabulary import MAX_NAMES

MAX_MONEY = 10_000_000
"""In major units. A larger amount is certainly a mistake."""

ID = f"^{ID_PATTERN}$"
"""The pattern of Tracker's identifiers."""

_DAY = r"^ *([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})? *$"
_HALF = r" ?([AaPp][Mm]|[AaPp]\.[Mm]\.)"
_TIME_OF_DAY = rf"^ *([0-9]{{1,2}}:[0-9]{{2}}({_HALF})?|[0-9]{{1,2}}{_HALF})? *$"
_TIMESTAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"


def with_message(sentence: str) -> WrapValidator:
    """Return a validator that replaces Pydantic's errors, one for each form that did not match, by one sentence."""

    def read(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise ValueError(sentence) from None

    return WrapValidator(read)


def to_integer(value: Any) -> Any:
    """Return an int for a whole Decimal such as 45.0, because JSON has only one kind of number; else the value."""
    is_whole = isinstance(value, Decimal) and abs(value) < 10**15 and value == int(value)
    return int(value) if is_whole else value


def _to_decimal(in_text: str, value: Any) -> Any:
    """Return a Decimal for an int, or for text that matches the pattern; else the value. A bool is not a number."""
    is_number = re.fullmatch(in_text, value) if isinstance(value, str) else isinstance(value, int)
    return Decimal(value) if is_number and not isinstance(value, bool) else value


Integer = Annotated[int, BeforeValidator(to_integer)]
# Field comes before BeforeValidator: only in this order does Pydantic write the limits as minimum and maximum.
Quantity = Annotated[int, Field(ge=1, le=999), BeforeValidator(to_integer)]
Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES), BeforeValidator(to_integer)]
_Number = Annotated[int, Field(ge=0, le=10**15), BeforeValidator(to_integer)]

_LIMITS = {"minimum": -MAX_MONEY, "maximum": MAX_MONEY}
_IN_TEXT, _IN_SIGNED_TEXT = r"^[0-9]{1,7}(\.[0-9]{1,4})?$", r"^-?[0-9]{1,7}(\.[0-9]{1,4})?$"

Amount = Annotated[
    Decimal,
    Field(
        ge=0,
        le=MAX_MONEY,
        description="In major units, preferably as text, such as “12.50”, with at most the currency’s decimals.",
    ),
    BeforeValidator(partial(_to_decimal, _IN_TEXT)),
    with_message("must be an amount of money, such as 12.50"),
    WithJsonSchema({"anyOf": [{"type": "number"} | _LIMITS | {"minimum": 0}, {"type": "string", "pattern": _IN_TEXT}]}),
]
SignedAmount = Annotated[
    Decimal,
    Field(
        ge=-MAX_MONEY,
        le=MAX_MONEY,
        description="In major units, as for other amounts; below zero if the option makes the line cheaper.",
    ),
    BeforeValidator(partial(_to_decimal, _IN_SIGNED_TEXT)),
    with_message("must be an amount of money, such as 1.50 or -0.50"),
    WithJsonSchema({"anyOf": [{"type": "number"} | _LIMITS, {"type": "string", "pattern": _IN_SIGNED_TEXT}]}),
]

Timestamp = Annotated[
    Annotated[str, Field(pattern=f"^{_TIMESTAMP}$")],
    with_message("must be a time, such as 2026-12-05T21:45 or 2026-12-05T21:45:00+01:00"),
]
TimestampOrTimeOfDay = Annotated[
    Annotated[str, Field(pattern=f"^{_TIMESTAMP}$")] | Annotated[str, Field(pattern=_TIME_OF_DAY)],
    with_message("must be a time, such as 2026-12-05T21:45 or 9:45 PM"),
]
LenientTimestamp = Annotated[
    Annotated[str, Field(max_length=60)] | Integer | Annotated[Decimal, WithJsonSchema({"type": "number"})],
    with_message("must be text or a number"),
]
"""Open Dining's contract does not specify the form. A time that can't be read is ignored."""

# The following types are lenient for the sake of programs of the real-time contract: null and blank text mean that the
# field is empty, and numbers may come as text.
LenientMinutes = Annotated[
    Minutes | Annotated[str, Field(pattern=r"^ *([0-9]{1,4})? *$")] | None,
    with_message(f"must be a whole number of minutes, from 1 to {MAX_MINUTES}"),
]
LenientDay = Annotated[
    Annotated[str, Field(pattern=_DAY)] | None, with_message("must be a date as MM/DD/YYYY, such as 12/05/2026")
]
LenientTimeOfDay = Annotated[
    Annotated[str, Field(pattern=_TIME_OF_DAY)] | None, with_message("must be a time of day, such as 9:45 PM")
]
_Ref = Annotated[str, Field(max_length=24)] | _Number | None
_OptionName = Annotated[str, Field(max_length=300)] | _Number | None
_ArrayKey = Annotated[str, Field(pattern="^[0-9]{1,4}$")]
"""A key of a PHP array that is encoded as an object because an entry was removed from it."""
_NO_OTHER_KEYS: dict[str, JsonValue] = {"additionalProperties": False}
LenientRefs = Annotated[
    Annotated[list[_Ref], Field(max_length=MAX_NAMES)]
    | Annotated[dict[_ArrayKey, _Ref], Field(max_length=MAX_NAMES, json_schema_extra=_NO_OTHER_KEYS)]
    | _Ref,
    with_message("must be a list of ids of the order’s lines"),
]
LenientOptions = Annotated[
    Annotated[list[_OptionName], Field(max_length=MAX_NAMES)]
    | Annotated[dict[_ArrayKey, _OptionName], Field(max_length=MAX_NAMES, json_schema_extra=_NO_OTHER_KEYS)]
    | _OptionName,
    with_message("must be a list of names of options"),
]
Reason = Annotated[str, Field(max_length=500)]
