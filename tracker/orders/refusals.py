"""The refusals: exceptions of operations that the order's state does not allow. Customers may read the sentences."""

from datetime import datetime


class Refusal(Exception):
    """The order does not allow the operation, and nothing was changed.

    `at` is the time of the event that prevents it. It is None if there is no such event.
    """

    def __init__(self, sentence: str, *, at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.at = at


class NotNow(Refusal):
    """The order's state does not allow the operation."""


class AlreadyAnswered(Refusal):
    """The adjustment was already answered."""


class TooLate(Refusal):
    """The time for the operation is over, such as the time to answer an adjustment."""


class ChangedMeanwhile(Refusal):
    """The order has changed since the customer was shown it."""


class NothingLeft(Refusal):
    """The order would have no lines."""


class NothingChanged(Refusal):
    """The operation would change nothing."""


class Unknown(Refusal):
    """The request names a line, an option or an adjustment that the order does not have."""


class NotPossible(Refusal):
    """A number or a text is outside the permitted range."""


class IdempotencyKeyReused(Refusal):
    """The idempotency key of the request was already used to place another order."""
