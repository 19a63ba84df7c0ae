"""Running an operation that may raise a refusal."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from tracker.orders.refusals import Refusal

Result = TypeVar("Result")


def attempt(session: Session, operation: Callable[[], Result]) -> Result | Refusal:
    """Run the operation. Return its result, or the refusal if it raises one.

    The operation runs in a savepoint, so a refused operation leaves no changes. Earlier changes of the session are kept
    and committed: the finder of the order may have lapsed an adjustment, and the refusal may be about that.
    """
    try:
        with session.begin_nested():
            return operation()
    except Refusal as refusal:
        return refusal
