"""What can be pressed on the console: each button says what it does, and is a form that works without scripts."""

from dataclasses import dataclass, field
from datetime import datetime

from tracker.orders.model import Order
from tracker.orders.operations.by_restaurant import effective_statuses
from tracker.orders.progress import Status, Step
from tracker.orders.states import OrderState
from tracker.web.order.formatting import Formatter

USUAL_MINUTES = (15, 20, 30, 45)
LATER_BY = (5, 10, 15, 30)
"""By so many minutes a promised time is put off with one press."""
_STEPS = tuple(Step)


@dataclass(frozen=True, slots=True)
class Button:
    """One button: what it says, the route that it posts to, and with what."""

    label: str
    to: str
    fields: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    """How it looks: primary, back, or as any other."""
    hint: str = ""
    """What the label leaves out, for who only hears it."""


def confirm_buttons(order: Order, now: datetime, formatter: Formatter) -> list[Button]:
    """The usual ways to take the order on: for when it was asked for, or in so many minutes."""
    due = order.promised_at or order.requested_for
    if order.is_advance and due and due > now:
        return [Button(f"Confirm for {formatter.format_moment(due)}", "confirm", kind="primary")]
    return [
        Button(f"{minutes} min", "confirm", {"minutes": str(minutes)}, "primary", "Confirm for in")
        for minutes in USUAL_MINUTES
    ]


def later_buttons(order: Order) -> list[Button]:
    """The usual ways to say that it takes longer."""
    if order.state is not OrderState.CONFIRMED or not order.promised_at:
        return []
    return [Button(f"+{minutes} min", "promise", {"later": str(minutes)}, hint="Later by") for minutes in LATER_BY]


def next_button(order: Order) -> Button | None:
    """What most likely comes next for an order that is being made."""
    statuses = effective_statuses(order)
    following = _here(order, statuses) + 1
    if order.state is not OrderState.CONFIRMED or following >= len(statuses):
        return None
    name = statuses[following]["name"]
    return Button(name, "progress", {"status": name}, "primary")


def last_button(order: Order) -> Button:
    """That the food has been handed over, by the restaurant's own name for it."""
    name = effective_statuses(order)[-1]["name"]
    return Button(name, "progress", {"status": name}, "primary")


def status_buttons(order: Order) -> list[Button]:
    """Every name that the restaurant has for how far this order is, but the one that it has now."""
    statuses = effective_statuses(order)
    here = _here(order, statuses)
    if order.state is not OrderState.CONFIRMED:
        return []
    return [_status_button(status, place, here) for place, status in enumerate(statuses) if place != here]


def is_at(order: Order, status: str) -> bool:
    """Whether the order is called so already: pressed twice, it is no news."""
    return order.status_text is not None and order.status_text.casefold() == status.casefold()


def _status_button(status: Status, place: int, here: int) -> Button:
    name = status["name"]
    if place < here:
        return Button(f"← Back to: {name}", "progress", {"status": name}, "back")
    return Button(name, "progress", {"status": name}, "primary" if place == here + 1 else "")


def _here(order: Order, statuses: list[Status]) -> int:
    """The place of the name that the order goes by now; without one, of the first that means its step; else before."""
    for place, status in enumerate(statuses):
        if is_at(order, status["name"]):
            return place
    steps = [_STEPS.index(Step(status["step"])) for status in statuses]
    at = _STEPS.index(order.step)
    if at in steps:
        return steps.index(at)
    return max((place for place, step in enumerate(steps) if step < at), default=-1)
