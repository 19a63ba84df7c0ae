"""How new each thing is that a platform, or one of our own doors, has reported of an order."""

from enum import StrEnum

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator


class ReportedField(StrEnum):
    """What is reported of an order by itself, so that of two reports the one with the greater version holds."""

    FIRST_DESCRIPTION = "first_description"
    """The earliest description of the order by its platform; it says what was ordered."""
    DESCRIPTION = "description"
    """The newest description that was taken over; it says what is part of the order now."""
    TIP = "tip"
    RATING = "rating"
    STATUS = "status"
    STEP = "step"
    REASON = "reason"
    """Why the order was rejected: of this one the earliest report holds."""
    COMPLETED = "completed"
    """That the order ended so: of the endings, too, the earliest holds."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class SourceVersions(TypeDecorator[dict[ReportedField, str]]):
    """A JSON object that has the version of a report for each field that was reported."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: dict[ReportedField, str] | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else {ReportedField(field).value: version for field, version in value.items()}

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> dict[ReportedField, str] | None:
        return None if value is None else {ReportedField(field): version for field, version in value.items()}
