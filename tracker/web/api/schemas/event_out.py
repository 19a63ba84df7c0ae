"""What the API says of each event of an order: `kind` says which details it has."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from tracker.orders.event_details import AdjustmentAccepted, ContentsChanged, EventDetails, Refunded, TipChanged
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import Actor, OrderEventKind
from tracker.web.api.schemas.event_details_out import (
    AdjustedDetails,
    AdjustmentAcceptedDetails,
    CancelledDetails,
    CompletedDetails,
    ContentsChangedDetails,
    NoDetails,
    ProgressedDetails,
    PromiseMovedDetails,
    RatedDetails,
    ReasonDetails,
    RefundedDetails,
    TimeToAnswerExtendedDetails,
    TipChangedDetails,
)
from tracker.web.api.schemas.response_model import ResponseModel, amount_text


class _Event(ResponseModel):
    """Something that happened to the order."""

    number: int = Field(description="The order’s version after it.")
    by: Actor
    actor_name: str | None = Field(description="The staff member’s address, or API.")
    at: datetime
    recorded_at: datetime


class PlacedEvent(_Event):
    """The order has come in."""

    kind: Literal[OrderEventKind.PLACED]
    details: NoDetails


class ConfirmedEvent(_Event):
    """The restaurant has taken the order on."""

    kind: Literal[OrderEventKind.CONFIRMED]
    details: NoDetails


class AdjustedEvent(_Event):
    """The restaurant has proposed a change."""

    kind: Literal[OrderEventKind.ADJUSTED]
    details: AdjustedDetails


class TimeToAnswerExtendedEvent(_Event):
    """The customer has asked for more time to answer."""

    kind: Literal[OrderEventKind.TIME_TO_ANSWER_EXTENDED]
    details: TimeToAnswerExtendedDetails


class AdjustmentAcceptedEvent(_Event):
    """The order goes ahead as the adjustment says."""

    kind: Literal[OrderEventKind.ADJUSTMENT_ACCEPTED]
    details: AdjustmentAcceptedDetails


class ProgressedEvent(_Event):
    """The order has come to a status."""

    kind: Literal[OrderEventKind.PROGRESSED]
    details: ProgressedDetails


class CompletedEvent(_Event):
    """The food has changed hands."""

    kind: Literal[OrderEventKind.COMPLETED]
    details: CompletedDetails


class RejectedEvent(_Event):
    """The restaurant has not taken the order on, or no longer does."""

    kind: Literal[OrderEventKind.REJECTED]
    details: ReasonDetails


class CancelledEvent(_Event):
    """The customer, or the clock in their place, has taken the order back."""

    kind: Literal[OrderEventKind.CANCELLED]
    details: CancelledDetails


class PromiseMovedEvent(_Event):
    """The promised time is another one."""

    kind: Literal[OrderEventKind.PROMISE_MOVED]
    details: PromiseMovedDetails


class ContentsChangedEvent(_Event):
    """The platform describes the order in another way."""

    kind: Literal[OrderEventKind.CONTENTS_CHANGED]
    details: ContentsChangedDetails


class RefundedEvent(_Event):
    """Money was given back."""

    kind: Literal[OrderEventKind.REFUNDED]
    details: RefundedDetails


class TipChangedEvent(_Event):
    """The tip is another one."""

    kind: Literal[OrderEventKind.TIP_CHANGED]
    details: TipChangedDetails


class RatedEvent(_Event):
    """The customer has rated the order, or taken the rating back."""

    kind: Literal[OrderEventKind.RATED]
    details: RatedDetails


class CorrectedEvent(_Event):
    """Something is known more exactly; nothing new has happened."""

    kind: Literal[OrderEventKind.CORRECTED]
    details: ReasonDetails


EventResponse = Annotated[
    PlacedEvent
    | ConfirmedEvent
    | AdjustedEvent
    | TimeToAnswerExtendedEvent
    | AdjustmentAcceptedEvent
    | ProgressedEvent
    | CompletedEvent
    | RejectedEvent
    | CancelledEvent
    | PromiseMovedEvent
    | ContentsChangedEvent
    | RefundedEvent
    | TipChangedEvent
    | RatedEvent
    | CorrectedEvent,
    Field(discriminator="kind"),
]


_EVENT: TypeAdapter[EventResponse] = TypeAdapter(EventResponse)


def event_shown(order: Order, event: OrderEvent) -> EventResponse:
    """Return the event as its restaurant sees it."""
    same = {name: getattr(event, name) for name in ("kind", *_Event.model_fields)}
    return _EVENT.validate_python(same | {"details": _details(order, event.details)})


def _details(order: Order, details: EventDetails) -> dict[str, Any]:
    """Return the fields of the details, with their amounts in major units of the order's currency."""
    fields = details.model_dump()
    match details:
        case Refunded(minor=minor):
            return {"amount": amount_text(order, minor)}
        case TipChanged(minor=minor, minor_before=minor_before):
            return {"before": amount_text(order, minor_before), "after": amount_text(order, minor)}
        case AdjustmentAccepted() | ContentsChanged():
            totals = {"total_from": details.total_from, "total_to": details.total_to}
            return fields | {
                name: None if minor is None else amount_text(order, minor) for name, minor in totals.items()
            }
    return fields
