"""The source versions of an order: for each separately reported field, the version of the report that is in effect."""

from enum import StrEnum

from sqlalchemy import JSON, Dialect
from sqlalchemy.types import TypeDecorator


class ReportedField(StrEnum):
    """A field that is reported separately. Of two reports, the one with the greater version is taken."""

    FIRST_DESCRIPTION = "first_description"
    """The platform's earliest description of the order, which says what was ordered."""
    DESCRIPTION = "description"
    """The platform's newest description of the order, which says what is part of it now."""
    TIP = "tip"
    RATING = "rating"
    STATUS = "status"
    STEP = "step"
    REASON = "reason"
    """Why the order was rejected. For this field, the earliest report is taken."""
    COMPLETED = "completed"
    """The order was completed. For this and the two other endings, the earliest report is taken."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class SourceVersions(TypeDecorator[dict[ReportedField, str]]):
    """A column type that stores the version of the report for each reported field as a JSON object."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: dict[ReportedField, str] | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else {ReportedField(field).value: version for field, version in value.items()}

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> dict[ReportedField, str] | None:
        return None if value is None else {ReportedField(field): version for field, version in value.items()}
