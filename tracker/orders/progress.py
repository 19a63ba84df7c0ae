"""The steps of an order for each fulfilment, and the statuses that restaurants name them by."""

from enum import StrEnum
from typing import TypedDict

from tracker.translation import gettext_noop


class Fulfilment(StrEnum):
    """How the food reaches the customer."""

    COLLECTION = "collection"
    DELIVERY = "delivery"
    TABLE = "table"


class Step(StrEnum):
    """How far the order has come. The members are in the order in which an order reaches them."""

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
"""The steps that are always shown. READY of a delivery and ARRIVED are shown only after they have happened."""

HANDED_OVER_NAMES = {
    Fulfilment.COLLECTION: gettext_noop("Collected"),
    Fulfilment.DELIVERY: gettext_noop("Delivered"),
    Fulfilment.TABLE: gettext_noop("Served"),
}
"""The default names of the last step."""


class Status(TypedDict):
    """A restaurant's own name for a step, and the step."""

    name: str
    step: str


MAX_STATUSES = 6
"""The largest number of statuses that a restaurant may have for each fulfilment."""
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
"""The statuses of a restaurant that has not set its own. The last one always means that food was handed over."""

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
    """Return the step that a restaurant's free text means. Return None if it means no known step."""
    return _STEP_OF_TEXT.get(" ".join(status.lower().split()))
