"""How far a confirmed order has come, and which steps there are for each way of handing food over."""

from enum import StrEnum
from typing import TypedDict

from tracker.translation import gettext_noop


class Fulfilment(StrEnum):
    """Where the food changes hands."""

    COLLECTION = "collection"
    DELIVERY = "delivery"
    TABLE = "table"


class Step(StrEnum):
    """One step of the way, in the order in which they are taken."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    READY = "ready"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    HANDED_OVER = "handed_over"


STEPS: dict[Fulfilment, tuple[Step, ...]] = {
    Fulfilment.COLLECTION: (Step.PLACED, Step.CONFIRMED, Step.READY, Step.HANDED_OVER),
    Fulfilment.DELIVERY: (Step.PLACED, Step.CONFIRMED, Step.ON_THE_WAY, Step.HANDED_OVER),
    Fulfilment.TABLE: (Step.PLACED, Step.CONFIRMED, Step.READY, Step.HANDED_OVER),
}
"""The steps that are always shown; READY of a delivery and ARRIVED appear only once they have happened."""

HANDED_OVER_NAMES = {
    Fulfilment.COLLECTION: gettext_noop("Collected"),
    Fulfilment.DELIVERY: gettext_noop("Delivered"),
    Fulfilment.TABLE: gettext_noop("Served"),
}
"""What the last step is called where nobody has another name for it."""


class Status(TypedDict):
    """One of a restaurant's own names for how far an order is, and the step that it means."""

    name: str
    step: str


MAX_STATUSES = 6
"""So many a restaurant may have for each way of fulfilment."""
DEFAULT_STATUSES: dict[Fulfilment, tuple[Status, ...]] = {
    Fulfilment.COLLECTION: (
        {"name": gettext_noop("Being made"), "step": "confirmed"},
        {"name": gettext_noop("Ready to collect"), "step": "ready"},
        {"name": gettext_noop("Collected"), "step": "handed_over"},
    ),
    Fulfilment.DELIVERY: (
        {"name": gettext_noop("Being made"), "step": "confirmed"},
        {"name": gettext_noop("Out for delivery"), "step": "on_the_way"},
        {"name": gettext_noop("Delivered"), "step": "handed_over"},
    ),
    Fulfilment.TABLE: (
        {"name": gettext_noop("Being made"), "step": "confirmed"},
        {"name": gettext_noop("Ready to serve"), "step": "ready"},
        {"name": gettext_noop("Served"), "step": "handed_over"},
    ),
}
"""What a restaurant that has not said otherwise calls it. The last one always means that food has changed hands."""

_STEP_OF_TEXT = {
    "ready": Step.READY,
    "ready to collect": Step.READY,
    "ready for collection": Step.READY,
    "ready for pickup": Step.READY,
    "out for delivery": Step.ON_THE_WAY,
    "on the way": Step.ON_THE_WAY,
    "dispatched": Step.ON_THE_WAY,
    "arrived": Step.ARRIVED,
    "arriving": Step.ARRIVED,
    "delivered": Step.HANDED_OVER,
    "collected": Step.HANDED_OVER,
    "picked up": Step.HANDED_OVER,
    "served": Step.HANDED_OVER,
}


def step_from_text(status: str) -> Step | None:
    """The step that a restaurant's free words mean, if they are among the few that mean one."""
    return _STEP_OF_TEXT.get(" ".join(status.lower().split()))
