"""Response models of an order's events, one for each kind, told apart by `kind`."""

from datetime import datetime
from typing import Annotated, Any, Literal, assert_never

from pydantic import Field, TypeAdapter

from tracker.orders.event_details import (
    Adjusted,
    AdjustmentAccepted,
    Cancelled,
    Completed,
    Confirmed,
    ContentsChanged,
    Corrected,
    EventDetails,
    Placed,
    Progressed,
    PromiseMoved,
    Rated,
    Refunded,
    Rejected,
    TimeToAnswerExtended,
    TipChanged,
)
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
    """The fields that all kinds of events have."""

    number: int = Field(description="The number of the event, which is also the order’s version after it.")
    by: Actor
    actor_name: str | None = Field(description="The staff member’s e-mail address, or “API” for a program.")
    at: datetime
    recorded_at: datetime


class PlacedEvent(_Event):
    """The order was placed."""

    kind: Literal[OrderEventKind.PLACED]
    details: NoDetails


class ConfirmedEvent(_Event):
    """The restaurant confirmed the order."""

    kind: Literal[OrderEventKind.CONFIRMED]
    details: NoDetails


class AdjustedEvent(_Event):
    """The restaurant proposed a change."""

    kind: Literal[OrderEventKind.ADJUSTED]
    details: AdjustedDetails


class TimeToAnswerExtendedEvent(_Event):
    """The customer asked for more time to answer."""

    kind: Literal[OrderEventKind.TIME_TO_ANSWER_EXTENDED]
    details: TimeToAnswerExtendedDetails


class AdjustmentAcceptedEvent(_Event):
    """The adjustment was accepted, by the customer or because nobody answered in time, and was applied to the order."""

    kind: Literal[OrderEventKind.ADJUSTMENT_ACCEPTED]
    details: AdjustmentAcceptedDetails


class ProgressedEvent(_Event):
    """The order got a new status."""

    kind: Literal[OrderEventKind.PROGRESSED]
    details: ProgressedDetails


class CompletedEvent(_Event):
    """The food was handed over."""

    kind: Literal[OrderEventKind.COMPLETED]
    details: CompletedDetails


class RejectedEvent(_Event):
    """The restaurant rejected the order, before or after confirming it."""

    kind: Literal[OrderEventKind.REJECTED]
    details: ReasonDetails


class CancelledEvent(_Event):
    """The order was cancelled, by the customer or because nobody answered an adjustment in time."""

    kind: Literal[OrderEventKind.CANCELLED]
    details: CancelledDetails


class PromiseMovedEvent(_Event):
    """The promised time changed."""

    kind: Literal[OrderEventKind.PROMISE_MOVED]
    details: PromiseMovedDetails


class ContentsChangedEvent(_Event):
    """The platform changed the contents of the order."""

    kind: Literal[OrderEventKind.CONTENTS_CHANGED]
    details: ContentsChangedDetails


class RefundedEvent(_Event):
    """Money was refunded."""

    kind: Literal[OrderEventKind.REFUNDED]
    details: RefundedDetails


class TipChangedEvent(_Event):
    """The tip changed."""

    kind: Literal[OrderEventKind.TIP_CHANGED]
    details: TipChangedDetails


class RatedEvent(_Event):
    """The customer rated the order, or withdrew the rating."""

    kind: Literal[OrderEventKind.RATED]
    details: RatedDetails


class CorrectedEvent(_Event):
    """The details of the order were corrected; nothing new happened."""

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
    """Return the response model of the event, for the restaurant of the order."""
    common = {name: getattr(event, name) for name in ("kind", *_Event.model_fields)}
    return _EVENT.validate_python(common | {"details": _details(order, event.details)})


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
        case (
            Placed()
            | Confirmed()
            | Adjusted()
            | TimeToAnswerExtended()
            | Progressed()
            | Completed()
            | Rejected()
            | Cancelled()
            | PromiseMoved()
            | Rated()
            | Corrected()
        ):
            return fields
        case _:
            assert_never(details)
