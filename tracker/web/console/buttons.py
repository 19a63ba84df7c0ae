"""The console's buttons for an order. Each is a form of its own, so that it works without scripts."""

from dataclasses import dataclass, field
from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.operations.by_restaurant import effective_statuses
from tracker.orders.progress import Status, Step
from tracker.orders.states import OrderState
from tracker.web.order.formatting import Formatter

USUAL_MINUTES = (15, 20, 30, 45)
LATER_BY = (5, 10, 15, 30)
"""The minutes by which one press of a button postpones the promised time."""
_STEPS = tuple(Step)


@dataclass(frozen=True, slots=True)
class Button:
    """One button: its label, the route that it posts to, and the fields that it posts."""

    label: str
    to: str
    fields: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    """The style of the button: primary, back, or empty for the ordinary one."""
    hint: str = ""
    """Words before the label for users of screen readers, who do not see the context."""


def confirm_buttons(order: Order, now: datetime, formatter: Formatter) -> list[Button]:
    """Return buttons that confirm the order: for the requested time, or in each of the usual numbers of minutes."""
    due = order.promised_at or order.requested_for
    if order.is_advance and due and due > now:
        return [Button(f"Confirm for {formatter.format_moment(due)}", "confirm", kind="primary")]
    return [
        Button(f"{minutes} min", "confirm", {"minutes": str(minutes)}, "primary", "Confirm for in")
        for minutes in USUAL_MINUTES
    ]


def later_buttons(order: Order) -> list[Button]:
    """Return buttons that postpone the promised time of a confirmed order."""
    if order.state is not OrderState.CONFIRMED or not order.promised_at:
        return []
    return [Button(f"+{minutes} min", "promise", {"later": str(minutes)}, hint="Later by") for minutes in LATER_BY]


def next_button(order: Order) -> Button | None:
    """Return a button for the next status of a confirmed order, or None if there is none."""
    statuses = effective_statuses(order)
    following = _here(order, statuses) + 1
    if order.state is not OrderState.CONFIRMED or following >= len(statuses):
        return None
    name = statuses[following]["name"]
    return Button(name, "progress", {"status": name}, "primary")


def last_button(order: Order) -> Button:
    """Return a button for the last status, which means that the food has been handed over."""
    name = effective_statuses(order)[-1]["name"]
    return Button(name, "progress", {"status": name}, "primary")


def status_buttons(order: Order) -> list[Button]:
    """Return a button for each status of a confirmed order but the present one."""
    statuses = effective_statuses(order)
    here = _here(order, statuses)
    if order.state is not OrderState.CONFIRMED:
        return []
    return [_status_button(status, place, here) for place, status in enumerate(statuses) if place != here]


def is_at(order: Order, status: str) -> bool:
    """Return whether the order already has this status, so that a second press of a button has no effect."""
    return order.status_text is not None and order.status_text.casefold() == status.casefold()


def _status_button(status: Status, place: int, here: int) -> Button:
    name = status["name"]
    if place < here:
        return Button(f"← Back to: {name}", "progress", {"status": name}, "back")
    return Button(name, "progress", {"status": name}, "primary" if place == here + 1 else "")


def _here(order: Order, statuses: list[Status]) -> int:
    """Return the index of the order's status; without one, of the first status with the order's step, or of the last
    status with an earlier step, or -1."""
    for place, status in enumerate(statuses):
        if is_at(order, status["name"]):
            return place
    steps = [_STEPS.index(Step(status["step"])) for status in statuses]
    at = _STEPS.index(order.step)
    if at in steps:
        return steps.index(at)
    return max((place for place, step in enumerate(steps) if step < at), default=-1)
