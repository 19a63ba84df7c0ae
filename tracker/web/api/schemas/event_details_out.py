"""What the API says of each kind of event beside when it happened and who did it."""

from datetime import datetime

from pydantic import Field

from tracker.orders.progress import Step
from tracker.web.api.schemas.response_model import ResponseModel

_ADJUSTMENT = "The number of the adjustment; the first of an order is 1."


class NoDetails(ResponseModel):
    """There is nothing more to say of it."""


class LineChangeDetails(ResponseModel):
    """How many of a line there were, and how many there are."""

    name: str
    before: int = Field(alias="from")
    after: int = Field(alias="to")


class AdjustedDetails(ResponseModel):
    """What the restaurant proposed."""

    adjustment: int = Field(description=_ADJUSTMENT)
    is_advance: bool = Field(description="The order was ordered for a certain time then.")
    minutes: int | None = Field(description="The new time in minutes; of an order for as soon as possible.")
    promised_at: datetime | None = Field(description="The new time; null: the time stays.")
    lines: list[str] = Field(description="The ids of the lines that would be left out.")
    options: list[str] = Field(description="The names of the options that would be left out.")
    reason: str | None


class TimeToAnswerExtendedDetails(ResponseModel):
    """Until when the customer may answer now."""

    adjustment: int = Field(description=_ADJUSTMENT)
    answer_by: datetime


class AdjustmentAcceptedDetails(ResponseModel):
    """What the adjustment has changed."""

    adjustment: int = Field(description=_ADJUSTMENT)
    lines: list[LineChangeDetails] = Field(description="The first ten that have changed.")
    total_from: str = Field(description="In major units, with the tip.")
    total_to: str = Field(description="In major units, with the tip.")


class ProgressedDetails(ResponseModel):
    """How far the order was."""

    status: str
    step: Step | None = Field(description="What the status means; null: its words mean no known step.")


class CompletedDetails(ResponseModel):
    """What the restaurant or the platform called it."""

    status: str


class ReasonDetails(ResponseModel):
    """Why the order was rejected."""

    reason: str | None = Field(description="Null: nobody said, or the order is not rejected.")


class CancelledDetails(ResponseModel):
    """Why the order was cancelled."""

    reason: str | None
    adjustment: int | None = Field(description="The adjustment that was rejected or not answered, if there was one.")


class PromiseMovedDetails(ResponseModel):
    """Which time was promised, and which is."""

    before: datetime | None = Field(alias="from", description="Null: none was promised.")
    after: datetime | None = Field(alias="to", description="Null: the promise was taken back.")


class ContentsChangedDetails(ResponseModel):
    """What has changed of the order."""

    total_from: str | None = Field(description="In major units, with the tip. Null: not known any more.")
    total_to: str | None = Field(description="In major units, with the tip. Null: not known any more.")
    lines: list[LineChangeDetails] = Field(description="The first ten that have changed.")


class RefundedDetails(ResponseModel):
    """How much was given back."""

    amount: str = Field(description="In major units.")


class TipChangedDetails(ResponseModel):
    """What the tip was, and what it is."""

    before: str = Field(alias="from", description="In major units.")
    after: str = Field(alias="to", description="In major units.")


class RatedDetails(ResponseModel):
    """What the customer thinks of it."""

    rating: int | None = Field(description="Null: the customer has taken the rating back.")
