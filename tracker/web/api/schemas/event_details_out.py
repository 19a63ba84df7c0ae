"""Response models of the details that each kind of event has."""

from datetime import datetime

from pydantic import Field

from tracker.orders.progress import Step
from tracker.web.api.schemas.response_model import ResponseModel

_ADJUSTMENT = "The number of the adjustment; the first of an order is 1."


class NoDetails(ResponseModel):
    """This kind of event has no details."""


class LineChangeDetails(ResponseModel):
    """The quantity of a line before and after the event."""

    name: str
    before: int = Field(alias="from")
    after: int = Field(alias="to")


class AdjustedDetails(ResponseModel):
    """The change that the restaurant proposed."""

    adjustment: int = Field(description=_ADJUSTMENT)
    is_advance: bool = Field(description="Whether the order was for a certain time when this was proposed.")
    minutes: int | None = Field(description="The new time in minutes; only for an order for as soon as possible.")
    promised_at: datetime | None = Field(description="The new time; null if the time stays.")
    lines: list[str] = Field(description="The ids of the lines to leave out.")
    options: list[str] = Field(description="The names of the options to leave out.")
    reason: str | None


class TimeToAnswerExtendedDetails(ResponseModel):
    """The new time until which the customer may answer."""

    adjustment: int = Field(description=_ADJUSTMENT)
    answer_by: datetime


class AdjustmentAcceptedDetails(ResponseModel):
    """The changes that the adjustment made to the order."""

    adjustment: int = Field(description=_ADJUSTMENT)
    lines: list[LineChangeDetails] = Field(description="At most ten of the lines that have changed.")
    total_from: str = Field(description="In major units, with the tip.")
    total_to: str = Field(description="In major units, with the tip.")


class ProgressedDetails(ResponseModel):
    """The status that the order got."""

    status: str
    step: Step | None = Field(description="The step that the status means; null if it means none.")


class CompletedDetails(ResponseModel):
    """The status in the words of the restaurant or the platform."""

    status: str


class ReasonDetails(ResponseModel):
    """Why the order was rejected."""

    reason: str | None = Field(description="Null if no reason was given, or the order is not rejected.")


class CancelledDetails(ResponseModel):
    """Why the order was cancelled."""

    reason: str | None
    adjustment: int | None = Field(
        description="The number of the adjustment that was rejected or not answered, if any."
    )


class PromiseMovedDetails(ResponseModel):
    """The promised time before and after the event."""

    before: datetime | None = Field(alias="from", description="Null if no time was promised.")
    after: datetime | None = Field(alias="to", description="Null if the promise was withdrawn.")


class ContentsChangedDetails(ResponseModel):
    """The changes to the order's contents."""

    total_from: str | None = Field(description="In major units, with the tip. Null if it is no longer known.")
    total_to: str | None = Field(description="In major units, with the tip. Null if it is no longer known.")
    lines: list[LineChangeDetails] = Field(description="At most ten of the lines that have changed.")


class RefundedDetails(ResponseModel):
    """The amount that was refunded."""

    amount: str = Field(description="In major units.")


class TipChangedDetails(ResponseModel):
    """The tip before and after the event."""

    before: str = Field(alias="from", description="In major units.")
    after: str = Field(alias="to", description="In major units.")


class RatedDetails(ResponseModel):
    """The customer's rating."""

    rating: int | None = Field(description="Null if the customer has withdrawn the rating.")
