"""How far the order has come, as steps: those there always are, and those that happened besides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.orders.model import Order, OrderEvent
from tracker.orders.progress import STEPS, Step
from tracker.orders.states import OrderEventKind, OrderState
from tracker.web.order_words import STEP_NAMES

_ALL_STEPS = tuple(Step)


class Reached(StrEnum):
    """Whether a step lies behind, is the newest, or lies ahead."""

    DONE = "done"
    NOW = "now"
    AHEAD = "still to come"


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step: since when it is reached, and, for the newest, what else is to be said of it."""

    name: str
    reached: Reached
    at: datetime | None = None
    note: str | None = None


def timeline(order: Order) -> list[ShownStep]:
    """The steps in the order in which they are taken. What was only passed over has no time."""
    here = newest_step(order)
    return [_shown(order, step, here) for step in _steps_shown(order, here)]


def newest_step(order: Order) -> Step:
    """The step the order is at."""
    if order.state is OrderState.COMPLETED:
        return Step.HANDED_OVER
    return Step.PLACED if order.state is OrderState.PLACED else order.step


def own_words(order: Order) -> str | None:
    """The restaurant's or courier's own words for how far it is, where they say more than the step's name."""
    said = order.status_text
    return said if said and said.casefold() != STEP_NAMES[newest_step(order)][order.handover].casefold() else None


def reached_at(order: Order, step: Step) -> datetime | None:
    """When the order came to this step, if it did and somebody told."""
    if step is Step.PLACED:
        return order.placed_at
    if step is Step.CONFIRMED:
        return order.confirmed_at
    if step is Step.HANDED_OVER and order.has_ended:
        return order.ended_at
    return max((event.at for event in _progress(order) if event.data["step"] == step), default=None)


def _steps_shown(order: Order, here: Step) -> Iterator[Step]:
    for step in _ALL_STEPS:
        happened = reached_at(order, step) and not _comes_after(step, here)
        if step in STEPS[order.handover] or step is here or happened:
            yield step


def _shown(order: Order, step: Step, here: Step) -> ShownStep:
    name = STEP_NAMES[step][order.handover]
    if _comes_after(step, here):
        return ShownStep(name, Reached.AHEAD)
    if step is here and not order.has_ended:
        return ShownStep(name, Reached.NOW, reached_at(order, step), _note(order, here))
    return ShownStep(name, Reached.DONE, reached_at(order, step))


def _note(order: Order, here: Step) -> str | None:
    if any(_comes_after(Step(event.data["step"]), here) for event in _progress(order)):
        return f"{order.restaurant.name} has set your order back to this step."
    return own_words(order)


def _progress(order: Order) -> Iterator[OrderEvent]:
    for event in order.events:
        counts = event.kind is OrderEventKind.PROGRESSED and (order.ended_at is None or event.at <= order.ended_at)
        if counts and event.data.get("step") in _ALL_STEPS:
            yield event


def _comes_after(step: Step, other: Step) -> bool:
    return _ALL_STEPS.index(step) > _ALL_STEPS.index(other)
