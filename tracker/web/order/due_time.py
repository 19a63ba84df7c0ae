"""The time for which a customer expects the food: promised or requested, moved, or overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tracker.orders.event_details import PromiseMoved
from tracker.orders.model import Order, OrderEvent
from tracker.orders.progress import Fulfilment, Step
from tracker.web.order.formatting import rounded, soon
from tracker.web.order.timeline import custom_status_text, newest_step

DUE_LABELS = {
    Fulfilment.COLLECTION: "Ready to collect",
    Fulfilment.DELIVERY: "With you",
    Fulfilment.TABLE: "At your table",
}
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class DueTime:
    """The time for which the customer expects the food, as the pages show it."""

    label: str
    window: Window
    distance_text: str
    is_promised: bool
    is_overdue: bool
    moved_from: Window | None = None
    moved_at: datetime | None = None
    moved_note: str | None = None
    """The restaurant's newest status, which may say why the time moved."""


class _Move(NamedTuple):
    """A move of the promised time: the time before it, and when it was moved."""

    before: datetime
    at: datetime


def due_time_of(order: Order, now: datetime, moves: list[OrderEvent]) -> DueTime | None:
    """Return the promised time, or else the time requested for an advance order. Return None if there is neither or the
    food has arrived. `moves` are the PROMISE_MOVED events."""
    promised, requested = order.promised_at, order.requested_for
    if not is_pending(order):
        return None
    if promised:
        return _promised(order, promised, now, moves)
    return _requested(order, requested, now) if requested and order.is_advance else None


def is_pending(order: Order) -> bool:
    """Return whether the food has not reached the customer and is not ready for them to collect."""
    arrived = {Step.ARRIVED, Step.HANDED_OVER}
    if order.fulfilment is not Fulfilment.DELIVERY:
        arrived.add(Step.READY)
    return not order.has_ended and newest_step(order) not in arrived


def window(order: Order, due: datetime) -> Window:
    """Return the start and end of the time window that is shown for this due time."""
    start = rounded(due)
    return start, start + timedelta(minutes=order.restaurant.window_minutes)


def _promised(order: Order, promised: datetime, now: datetime, moves: list[OrderEvent]) -> DueTime:
    start, end = window(order, promised)
    move = _last_move(promised, moves)
    is_overdue = now > end
    return DueTime(
        label="Was promised for" if is_overdue else DUE_LABELS[order.fulfilment],
        window=(start, end),
        distance_text=soon(start, end, now),
        is_promised=True,
        is_overdue=is_overdue,
        moved_from=window(order, move.before) if move else None,
        moved_at=move.at if move else None,
        moved_note=custom_status_text(order) if move else None,
    )


def _requested(order: Order, requested: datetime, now: datetime) -> DueTime:
    start, end = window(order, requested)
    distance_text = "" if now > end else soon(start, end, now)
    return DueTime("You asked for", (start, end), distance_text, is_promised=False, is_overdue=False)


def _last_move(promised: datetime, moves: list[OrderEvent]) -> _Move | None:
    last = max(moves, key=lambda event: event.number, default=None)
    match last and last.details:
        case PromiseMoved(before=datetime() as before, after=after) if last and after == promised:
            return _Move(before, last.at)
    return None
