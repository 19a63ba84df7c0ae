"""The only clock. All code reads the time here or receives it as an argument, so that tests can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present time in UTC, as an aware datetime."""
    return datetime.now(UTC)
