"""The one clock. Everything that asks for the time takes it from here or is handed it, so that tests can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, in UTC, aware of its zone."""
    return datetime.now(UTC)
