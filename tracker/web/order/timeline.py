"""How far the order has come, as steps: those there always are, and those that happened besides."""

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
    if order.statuses:
        return own_timeline(order, order.statuses)
    here = newest_step(order)
    return [_shown(order, step, here) for step in _steps_shown(order, here)]


def newest_step(order: Order) -> Step:
    """The step the order is at."""
    if order.state is OrderState.COMPLETED:
        return Step.HANDED_OVER
    return Step.PLACED if order.state in (OrderState.PLACED, OrderState.ADJUSTED) else order.step


def custom_status_text(order: Order) -> str | None:
    """The restaurant's or courier's own words for how far it is, where they say more than the step's name."""
    text = (order.status_text or "").casefold()
    known = [STEP_NAMES[newest_step(order)][order.fulfilment], *(one["name"] for one in order.statuses or ())]
    return order.status_text if text and text not in [name.casefold() for name in known] else None


def reached_at(order: Order, step: Step) -> datetime | None:
    """When the order came to this step, if it did and somebody told."""
    if step is Step.PLACED:
        return order.placed_at
    if step is Step.CONFIRMED:
        return order.confirmed_at
    if step is Step.HANDED_OVER and order.has_ended:
        return order.ended_at
    return max((at for reached, at in _progress(order) if reached is step), default=None)


def _steps_shown(order: Order, here: Step) -> Iterator[Step]:
    for step in _ALL_STEPS:
        happened = reached_at(order, step) and not _comes_after(step, here)
        if step in STEPS[order.fulfilment] or step is here or happened:
            yield step


def _shown(order: Order, step: Step, here: Step) -> ShownStep:
    name = STEP_NAMES[step][order.fulfilment]
    if _comes_after(step, here):
        return ShownStep(name, Reached.AHEAD)
    if step is here and not order.has_ended:
        return ShownStep(name, Reached.NOW, reached_at(order, step), _note(order))
    return ShownStep(name, Reached.DONE, reached_at(order, step))


def is_set_back(order: Order) -> bool:
    """Whether the order has been further than it is."""
    if order.has_ended:
        return False
    if order.statuses:
        been = statuses_reached(order, order.statuses)
        return bool(been) and max(been) > been[-1]
    here = newest_step(order)
    return any(_comes_after(step, here) for step, _ in _progress(order))


def set_back_sentence(order: Order) -> str:
    """What is said of that."""
    return f"{order.restaurant.name} has set your order back to this step."


def statuses_reached(order: Order, statuses: list[Status]) -> list[int]:
    """Which of the restaurant's own names the order has come to, one after the other, by their places in the list."""
    places = {status["name"].casefold(): place for place, status in enumerate(statuses)}
    return [places[name] for name, _ in _progress_events(order) if name in places]


def own_timeline(order: Order, statuses: list[Status]) -> list[ShownStep]:
    """The steps of an order whose restaurant has names of its own for them, after the two that all orders have."""
    been = statuses_reached(order, statuses)
    here = been[-1] if been else -1
    first = [
        ShownStep(STEP_NAMES[Step.PLACED][order.fulfilment], Reached.DONE, order.placed_at),
        ShownStep(STEP_NAMES[Step.CONFIRMED][order.fulfilment], Reached.DONE, order.confirmed_at),
    ]
    return first + [_own_step(order, status["name"], place, here) for place, status in enumerate(statuses)]


def _own_step(order: Order, name: str, place: int, here: int) -> ShownStep:
    if place > here:
        return ShownStep(name, Reached.AHEAD)
    at = max((at for status, at in _progress_events(order) if status == name.casefold()), default=None)
    if place == here and not order.has_ended:
        return ShownStep(name, Reached.NOW, at, _note(order))
    return ShownStep(name, Reached.DONE, at)


def _note(order: Order) -> str | None:
    return set_back_sentence(order) if is_set_back(order) else custom_status_text(order)


def _progress_events(order: Order) -> Iterator[tuple[str, datetime]]:
    """Each status that was reported, in folded case and with its time, in the order in which they were reported."""
    for event in sorted(order.events, key=lambda event: event.number):
        match event.details:
            case Progressed(status=status) | Completed(status=status):
                yield status.casefold(), event.at


def _progress(order: Order) -> Iterator[tuple[Step, datetime]]:
    """Each step that the order came to before it ended, with its time."""
    for event in order.events:
        match event.details:
            case Progressed(step=Step() as step) if order.ended_at is None or event.at <= order.ended_at:
                yield step, event.at


def _comes_after(step: Step, other: Step) -> bool:
    return _ALL_STEPS.index(step) > _ALL_STEPS.index(other)
