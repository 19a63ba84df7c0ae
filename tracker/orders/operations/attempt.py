"""Trying an operation that the order may refuse."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from tracker.orders.refusals import Refusal

Result = TypeVar("Result")


def attempt(session: Session, operation: Callable[[], Result]) -> Result | Refusal:
    """Do the operation. Return its result, or the refusal if it raises one.

    The operation runs in a savepoint, so that nothing of a refused one remains. What the session has changed before
    stays and is committed: the finder of the order has done to it what was due by the clock, and a refusal may tell
    the caller of just that.
    """
    try:
        with session.begin_nested():
            return operation()
    except Refusal as refusal:
        return refusal
