"""The timeline of an order: the steps that are always shown, and others that have happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.orders.event_details import Completed, Progressed
from tracker.orders.model import Order
from tracker.orders.progress import STEPS, Status, Step
from tracker.orders.states import OrderState
from tracker.web.order.sentences import STEP_NAMES

_ALL_STEPS = tuple(Step)


class Reached(StrEnum):
    """Whether a step is done, is the newest, or lies ahead."""

    DONE = "done"
    NOW = "now"
    AHEAD = "still to come"


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the timeline. `at` is when the order reached it; `note` is a remark on the newest step."""

    name: str
    reached: Reached
    at: datetime | None = None
    note: str | None = None


def timeline(order: Order) -> list[ShownStep]:
    """Return the steps in their order. A step that was skipped has no time."""
    if order.statuses:
        return own_timeline(order, order.statuses)
    current = newest_step(order)
    return [_shown(order, step, current) for step in _steps_shown(order, current)]


def newest_step(order: Order) -> Step:
    """Return the step that the order has reached."""
    if order.state is OrderState.COMPLETED:
        return Step.HANDED_OVER
    return Step.PLACED if order.state in (OrderState.PLACED, OrderState.ADJUSTED) else order.step


def custom_status_text(order: Order) -> str | None:
    """Return the status in the words of the restaurant or courier. Return None if it only repeats a step's name."""
    text = (order.status_text or "").casefold()
    names = [STEP_NAMES[newest_step(order)][order.fulfilment], *(status["name"] for status in order.statuses or ())]
    return order.status_text if text and text not in [name.casefold() for name in names] else None


def reached_at(order: Order, step: Step) -> datetime | None:
    """Return when the order reached this step. Return None if it did not or the time is not known."""
    if step is Step.PLACED:
        return order.placed_at
    if step is Step.CONFIRMED:
        return order.confirmed_at
    if step is Step.HANDED_OVER and order.has_ended:
        return order.ended_at
    return max((at for reached, at in _progress(order) if reached is step), default=None)


def _steps_shown(order: Order, current: Step) -> Iterator[Step]:
    for step in _ALL_STEPS:
        happened = reached_at(order, step) and not _comes_after(step, current)
        if step in STEPS[order.fulfilment] or step is current or happened:
            yield step


def _shown(order: Order, step: Step, current: Step) -> ShownStep:
    name = STEP_NAMES[step][order.fulfilment]
    if _comes_after(step, current):
        return ShownStep(name, Reached.AHEAD)
    if step is current and not order.has_ended:
        return ShownStep(name, Reached.NOW, reached_at(order, step), _note(order))
    return ShownStep(name, Reached.DONE, reached_at(order, step))


def is_set_back(order: Order) -> bool:
    """Return whether the order was at a later step before."""
    if order.has_ended:
        return False
    if order.statuses:
        indices = statuses_reached(order, order.statuses)
        return bool(indices) and max(indices) > indices[-1]
    current = newest_step(order)
    return any(_comes_after(step, current) for step, _ in _progress(order))


def set_back_sentence(order: Order) -> str:
    """Return the sentence for an order that was set back."""
    return f"{order.restaurant.name} has set your order back to this step."


def statuses_reached(order: Order, statuses: list[Status]) -> list[int]:
    """Return the indices of the restaurant's own statuses that the order has reached, in the order of events."""
    places = {status["name"].casefold(): place for place, status in enumerate(statuses)}
    return [places[name] for name, _ in _progress_events(order) if name in places]


def own_timeline(order: Order, statuses: list[Status]) -> list[ShownStep]:
    """Return the steps of an order with the restaurant's own statuses, after the two steps that all orders have."""
    indices = statuses_reached(order, statuses)
    current = indices[-1] if indices else -1
    first = [
        ShownStep(STEP_NAMES[Step.PLACED][order.fulfilment], Reached.DONE, order.placed_at),
        ShownStep(STEP_NAMES[Step.CONFIRMED][order.fulfilment], Reached.DONE, order.confirmed_at),
    ]
    return first + [_own_step(order, status["name"], place, current) for place, status in enumerate(statuses)]


def _own_step(order: Order, name: str, place: int, current: int) -> ShownStep:
    if place > current:
        return ShownStep(name, Reached.AHEAD)
    at = max((at for status, at in _progress_events(order) if status == name.casefold()), default=None)
    if place == current and not order.has_ended:
        return ShownStep(name, Reached.NOW, at, _note(order))
    return ShownStep(name, Reached.DONE, at)


def _note(order: Order) -> str | None:
    return set_back_sentence(order) if is_set_back(order) else custom_status_text(order)


def _progress_events(order: Order) -> Iterator[tuple[str, datetime]]:
    """Yield each reported status, in folded case, with its time, in the order of the reports."""
    for event in sorted(order.events, key=lambda event: event.number):
        match event.details:
            case Progressed(status=status) | Completed(status=status):
                yield status.casefold(), event.at


def _progress(order: Order) -> Iterator[tuple[Step, datetime]]:
    """Yield each step that the order reached before it ended, with its time."""
    for event in order.events:
        match event.details:
            case Progressed(step=Step() as step) if order.ended_at is None or event.at <= order.ended_at:
                yield step, event.at


def _comes_after(step: Step, other: Step) -> bool:
    return _ALL_STEPS.index(step) > _ALL_STEPS.index(other)
