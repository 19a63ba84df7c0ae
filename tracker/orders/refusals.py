"""How an order says no. Every refusal is a sentence that a customer may read."""

from datetime import datetime


class Refusal(Exception):
    """The order doesn't allow this; nothing was changed. `at` is when happened what stands in the way, if something
    did."""

    def __init__(self, sentence: str, *, at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.at = at


class NotNow(Refusal):
    """The order is in a state in which this can't be done, or no longer."""


class AlreadyAnswered(Refusal):
    """The adjustment has been answered, otherwise or by somebody else."""


class TooLate(Refusal):
    """The time to answer is over."""


class ChangedMeanwhile(Refusal):
    """What this was said to has changed since it was shown."""


class NothingLeft(Refusal):
    """The change would leave nothing of the order."""


class NothingChanged(Refusal):
    """The change would change nothing."""


class Unknown(Refusal):
    """A line, an option or a status is named that the order or the restaurant doesn't have."""


class NotPossible(Refusal):
    """A number or a text lies outside what can be."""


class IdempotencyKeyReused(Refusal):
    """The key under which an order is to be placed has placed another one."""
