"""The typed details of order events: one frozen type for each kind of event, and one JSON shape for each type.

The types are Pydantic models, not dataclasses: details with an unknown, missing or wrong field are refused both when
they are created and when they are read from the database. A dataclass would need a second description of its fields for
that. The type of the details determines the kind of the event, so an event cannot be recorded with details of another
kind.
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
"""Details as the database stores them: the JSON object of one of the types below."""


def _in_utc(value: Any) -> Any:
    """Return ISO 8601 text or an aware datetime as a datetime in UTC. Pass other values on to the next validator."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else moment


_Moment = Annotated[AwareDatetime, BeforeValidator(_in_utc), PlainSerializer(datetime.isoformat, when_used="json")]
_Names = Annotated[tuple[str, ...], Field(strict=False)]


class _Details(BaseModel):
    """Base class with the validation rules. Error messages omit the refused values, because these are personal data."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_by_name=True
    )


class _EventDetails(_Details):
    """Base class of the details of one kind of event."""

    kind: ClassVar[OrderEventKind]

    def stored(self) -> StoredDetails:
        """Return the details as the JSON object that the database stores."""
        return self.model_dump(mode="json", by_alias=True)


class LineChange(_Details):
    """The quantity of a line before and after a change."""

    name: str
    before: int = Field(validation_alias="from", serialization_alias="from")
    after: int = Field(validation_alias="to", serialization_alias="to")


_LineChanges = Annotated[tuple[LineChange, ...], Field(strict=False)]


class Placed(_EventDetails):
    """The order was placed."""

    kind = OrderEventKind.PLACED


class Confirmed(_EventDetails):
    """The restaurant has confirmed the order."""

    kind = OrderEventKind.CONFIRMED


class Adjusted(_EventDetails):
    """The restaurant has proposed an adjustment."""

    kind = OrderEventKind.ADJUSTED
    adjustment: int
    """The number of the adjustment within its order, from 1."""
    is_advance: bool
    minutes: int | None
    """The proposed time in minutes after the proposal. None for advance orders and if the time stays as it is."""
    promised_at: _Moment | None
    lines: _Names
    """The refs of the lines that the restaurant would leave out."""
    options: _Names
    reason: str | None


class TimeToAnswerExtended(_EventDetails):
    """The customer has asked for more time to answer an adjustment."""

    kind = OrderEventKind.TIME_TO_ANSWER_EXTENDED
    adjustment: int
    answer_by: _Moment


class AdjustmentAccepted(_EventDetails):
    """The order goes ahead with the adjustment. The totals are in minor units of the order's currency."""

    kind = OrderEventKind.ADJUSTMENT_ACCEPTED
    adjustment: int
    lines: _LineChanges
    total_from: int
    total_to: int


class Progressed(_EventDetails):
    """The order has reached a status. `step` is None if the status means no known step."""

    kind = OrderEventKind.PROGRESSED
    status: str
    step: Annotated[Step, Field(strict=False)] | None


class Completed(_EventDetails):
    """The food has been handed over."""

    kind = OrderEventKind.COMPLETED
    status: str


class Rejected(_EventDetails):
    """The restaurant has rejected the order, before or after it confirmed it."""

    kind = OrderEventKind.REJECTED
    reason: str | None


class Cancelled(_EventDetails):
    """The customer has cancelled the order, or the time to answer an adjustment was over."""

    kind = OrderEventKind.CANCELLED
    reason: str | None
    adjustment: int | None
    """The number of the adjustment that was rejected or lapsed. None if the order was cancelled without one."""


class PromiseMoved(_EventDetails):
    """The promised time has changed. None means that there is no promised time."""

    kind = OrderEventKind.PROMISE_MOVED
    before: _Moment | None = Field(validation_alias="from", serialization_alias="from")
    after: _Moment | None = Field(validation_alias="to", serialization_alias="to")


class ContentsChanged(_EventDetails):
    """The platform has changed its description of the order.

    The totals are in minor units. They are None in events recorded before totals were stored.
    """

    kind = OrderEventKind.CONTENTS_CHANGED
    total_from: int | None
    total_to: int | None
    lines: _LineChanges


class Refunded(_EventDetails):
    """Money was refunded. `minor` is the amount in minor units."""

    kind = OrderEventKind.REFUNDED
    minor: int


class TipChanged(_EventDetails):
    """The tip has changed. Both amounts are in minor units."""

    kind = OrderEventKind.TIP_CHANGED
    minor: int
    minor_before: int = Field(validation_alias="from", serialization_alias="from")


class Rated(_EventDetails):
    """The customer has rated the order. None means that the rating was removed."""

    kind = OrderEventKind.RATED
    rating: int | None


class Corrected(_EventDetails):
    """Earlier data was corrected. `reason` is why the order was rejected. It is None if the order was not rejected."""

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
DETAILS_OF_KIND: dict[OrderEventKind, type[EventDetails]] = {cls.kind: cls for cls in get_args(EventDetails)}


def read_details(kind: OrderEventKind, stored: StoredDetails) -> EventDetails:
    """Return stored details as the type for this kind of event.

    Raise ValueError if they have another shape. The error message does not contain their values.
    """
    try:
        return DETAILS_OF_KIND[kind].model_validate(stored, by_alias=True, by_name=False)
    except ValidationError as invalid:
        wrong = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in invalid.errors())
        raise ValueError(f"The details of {kind} are wrong: {wrong}") from None
