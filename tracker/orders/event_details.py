"""What is kept of each kind of event: one frozen type a kind, and one shape a type.

The types are Pydantic models, not dataclasses: details with an unknown, missing or wrong field are refused where they
are made and where they are read from the database, and a dataclass would need a second description of its fields for
that. The kind of an event follows from the type of its details, so no event can be recorded with those of another kind.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    ValidationError,
)

from tracker.orders.progress import Step
from tracker.orders.states import OrderEventKind

StoredDetails = dict[str, JsonValue]
"""The details as the database keeps them: the JSON object of one type below."""


def _in_utc(value: Any) -> Any:
    """Return the moment that ISO 8601 text means, in UTC; leave anything else to the validator that follows."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else moment


_Moment = Annotated[AwareDatetime, BeforeValidator(_in_utc), PlainSerializer(datetime.isoformat, when_used="json")]
_Names = Annotated[tuple[str, ...], Field(strict=False)]


class _Details(BaseModel):
    """The rules that all types share. Error messages leave out the refused values, for these are people's data."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_by_name=True
    )


class _EventDetails(_Details):
    """The details of one kind of event."""

    kind: ClassVar[OrderEventKind]

    def stored(self) -> StoredDetails:
        """Return the details as the database keeps them."""
        return self.model_dump(mode="json", by_alias=True)


class LineChange(_Details):
    """How many there were of a line, and how many there are."""

    name: str
    before: int = Field(validation_alias="from", serialization_alias="from")
    after: int = Field(validation_alias="to", serialization_alias="to")


_LineChanges = Annotated[tuple[LineChange, ...], Field(strict=False)]


class Placed(_EventDetails):
    """The order has come in."""

    kind = OrderEventKind.PLACED


class Confirmed(_EventDetails):
    """The restaurant has taken the order on."""

    kind = OrderEventKind.CONFIRMED


class Adjusted(_EventDetails):
    """The restaurant has proposed a change."""

    kind = OrderEventKind.ADJUSTED
    adjustment: int
    """The number of the adjustment, as in the other types: the first of an order is 1."""
    is_advance: bool
    minutes: int | None
    """The new time of an order for as soon as possible, in minutes from when it was proposed."""
    promised_at: _Moment | None
    lines: _Names
    """The refs of the lines that would be left out."""
    options: _Names
    reason: str | None


class TimeToAnswerExtended(_EventDetails):
    """The customer has asked for more time to answer an adjustment."""

    kind = OrderEventKind.TIME_TO_ANSWER_EXTENDED
    adjustment: int
    answer_by: _Moment


class AdjustmentAccepted(_EventDetails):
    """The order goes ahead as the adjustment says. The totals are in minor units of the order's currency."""

    kind = OrderEventKind.ADJUSTMENT_ACCEPTED
    adjustment: int
    lines: _LineChanges
    total_from: int
    total_to: int


class Progressed(_EventDetails):
    """The order has come to a status; `step` is None where its words mean no known step."""

    kind = OrderEventKind.PROGRESSED
    status: str
    step: Annotated[Step, Field(strict=False)] | None


class Completed(_EventDetails):
    """The food has changed hands."""

    kind = OrderEventKind.COMPLETED
    status: str


class Rejected(_EventDetails):
    """The restaurant has not taken the order on, or no longer does."""

    kind = OrderEventKind.REJECTED
    reason: str | None


class Cancelled(_EventDetails):
    """The customer, or the clock in their place, has taken the order back."""

    kind = OrderEventKind.CANCELLED
    reason: str | None
    adjustment: int | None
    """The number of the adjustment that was rejected or lapsed by it, if there was one."""


class PromiseMoved(_EventDetails):
    """The promised time is another one; None stands for no promise."""

    kind = OrderEventKind.PROMISE_MOVED
    before: _Moment | None = Field(validation_alias="from", serialization_alias="from")
    after: _Moment | None = Field(validation_alias="to", serialization_alias="to")


class ContentsChanged(_EventDetails):
    """The platform describes the order in another way. The totals are in minor units, and None in events from before
    they were kept."""

    kind = OrderEventKind.CONTENTS_CHANGED
    total_from: int | None
    total_to: int | None
    lines: _LineChanges


class Refunded(_EventDetails):
    """Money was given back, in minor units."""

    kind = OrderEventKind.REFUNDED
    minor: int


class TipChanged(_EventDetails):
    """The tip is another one, in minor units."""

    kind = OrderEventKind.TIP_CHANGED
    minor: int
    minor_before: int = Field(validation_alias="from", serialization_alias="from")


class Rated(_EventDetails):
    """The customer has rated the order, or, with None, taken the rating back."""

    kind = OrderEventKind.RATED
    rating: int | None


class Corrected(_EventDetails):
    """Something is known more exactly; `reason` is why the order was rejected, where it was."""

    kind = OrderEventKind.CORRECTED
    reason: str | None


Ending = Completed | Rejected | Cancelled
EventDetails = (
    Placed
    | Confirmed
    | Adjusted
    | TimeToAnswerExtended
    | AdjustmentAccepted
    | Progressed
    | Ending
    | PromiseMoved
    | ContentsChanged
    | Refunded
    | TipChanged
    | Rated
    | Corrected
)
DETAILS_OF_KIND: dict[OrderEventKind, type[EventDetails]] = {each.kind: each for each in get_args(EventDetails)}


def read_details(kind: OrderEventKind, stored: StoredDetails) -> EventDetails:
    """Return the details of an event of this kind. Raises ValueError, without their values, for those of another
    shape."""
    try:
        return DETAILS_OF_KIND[kind].model_validate(stored, by_alias=True, by_name=False)
    except ValidationError as refused:
        wrong = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in refused.errors())
        raise ValueError(f"The details of {kind} are wrong: {wrong}") from None
