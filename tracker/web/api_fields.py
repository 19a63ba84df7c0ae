"""The forms that fields of the API have: what is taken, and what the document says of it, in one place."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from tracker.orders.times import MOST_MINUTES
from tracker.upstream.platforms.open_dining import MOST_NAMES

MOST_MONEY = 10_000_000
"""In major units: what costs more is a slip of the hand."""

_DAY = r"^ *([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})? *$"
_HALF = r" ?([AaPp][Mm]|[AaPp]\.[Mm]\.)"
_CLOCK = rf"^ *([0-9]{{1,2}}:[0-9]{{2}}({_HALF})?|[0-9]{{1,2}}{_HALF})? *$"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"


def said_so(sentence: str) -> WrapValidator:
    """One sentence for a field that takes several forms, instead of one for each form that it hasn't."""

    def read(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise ValueError(sentence) from None

    return WrapValidator(read)


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 45.0 is as whole as 45."""
    is_whole = isinstance(value, Decimal) and abs(value) < 10**15 and value == int(value)
    return int(value) if is_whole else value


def _exact(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Whole = Annotated[int, BeforeValidator(_whole)]
Quantity = Annotated[Whole, Field(ge=1, le=999)]
Minutes = Annotated[Whole, Field(ge=1, le=MOST_MINUTES)]

_AMOUNT = {"type": "number", "minimum": 0, "maximum": MOST_MONEY}
_ANY_AMOUNT = {"type": "number", "minimum": -MOST_MONEY, "maximum": MOST_MONEY}

Amount = Annotated[
    Annotated[
        Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=MOST_MONEY), WithJsonSchema(_AMOUNT)]
        | Annotated[str, Field(pattern=r"^[0-9]{1,7}(\.[0-9]{1,4})?$")],
        said_so("must be an amount of money, such as 12.50"),
    ],
    AfterValidator(Decimal),
    Field(description="In major units, best as text (“12.50”); with no more decimals than the currency has."),
]
AnyAmount = Annotated[
    Annotated[
        Annotated[Decimal, BeforeValidator(_exact), Field(ge=-MOST_MONEY, le=MOST_MONEY), WithJsonSchema(_ANY_AMOUNT)]
        | Annotated[str, Field(pattern=r"^-?[0-9]{1,7}(\.[0-9]{1,4})?$")],
        said_so("must be an amount of money, such as 1.50 or -0.50"),
    ],
    AfterValidator(Decimal),
    Field(description="In major units, as the others; below zero where it makes the line cheaper."),
]
"""The same, and it may be below zero."""

Moment = Annotated[
    Annotated[str, Field(pattern=f"^{_MOMENT}$")],
    said_so("must be a time, such as 2026-12-05T21:45 or 2026-12-05T21:45:00+01:00"),
]
MomentOrClock = Annotated[
    Annotated[str, Field(pattern=f"^{_MOMENT}$")] | Annotated[str, Field(pattern=_CLOCK)],
    said_so("must be a time, such as 2026-12-05T21:45 or 9:45 PM"),
]
SomeTime = Annotated[
    Annotated[str, Field(max_length=60)] | Whole | Annotated[Decimal, WithJsonSchema({"type": "number"})],
    said_so("must be text or a number"),
]
"""The real-time contract doesn't say what form it has; what can't be read leaves the time open."""

# What follows is forgiving, for the clients of the real-time contract are: null and blank say nothing, and numbers may
# come as text.
LenientMinutes = Annotated[
    Minutes | Annotated[str, Field(pattern=r"^ *([0-9]{1,4})? *$")] | None,
    said_so(f"must be a whole number of minutes, from 1 to {MOST_MINUTES}"),
]
LenientDay = Annotated[
    Annotated[str, Field(pattern=_DAY)] | None, said_so("must be a date as MM/DD/YYYY, such as 12/05/2026")
]
LenientClock = Annotated[
    Annotated[str, Field(pattern=_CLOCK)] | None, said_so("must be a time of day, such as 9:45 PM")
]
_Ref = Annotated[str, Field(max_length=24)] | Annotated[Whole, Field(ge=0, le=10**15)] | None
_OptionName = Annotated[str, Field(max_length=300)] | Annotated[Whole, Field(ge=0, le=10**15)] | None
_PLACE = r"^[0-9]{1,4}$"
LenientRefs = Annotated[
    Annotated[list[_Ref], Field(max_length=MOST_NAMES)]
    | Annotated[dict[Annotated[str, Field(pattern=_PLACE)], _Ref], Field(max_length=MOST_NAMES)]
    | _Ref,
    said_so("must be a list of ids of the order’s lines"),
]
LenientOptions = Annotated[
    Annotated[list[_OptionName], Field(max_length=MOST_NAMES)]
    | Annotated[dict[Annotated[str, Field(pattern=_PLACE)], _OptionName], Field(max_length=MOST_NAMES)]
    | _OptionName,
    said_so("must be a list of names of options"),
]
Reason = Annotated[str, Field(max_length=500)]
