"""Recording and finding order events. One row is the history, the order's new version and the message to send."""

from collections.abc import Collection
from datetime import datetime

from tracker.orders.event_details import EventDetails
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import ENDING_EVENTS, Actor, OrderEventKind


def record_event(
    order: Order,
    details: EventDetails,
    *,
    by: Actor,
    at: datetime,
    now: datetime,
    actor_name: str | None = None,
    came_late: bool = False,
) -> OrderEvent:
    """Append an event with these details to the order's history and return it.

    The worker publishes it after the transaction is committed.
    """
    order.version += 1
    event = OrderEvent(
        number=order.version,
        details=details,
        by=by,
        actor_name=actor_name,
        at=at,
        recorded_at=now,
        came_late=came_late,
        tries=0,
    )
    order.events.append(event)
    return event


def first_event(order: Order, kind: OrderEventKind) -> OrderEvent | None:
    """Return the first event of this kind in the order's history. Return None if there is none."""
    return next((event for event in order.events if event.kind is kind), None)


def last_event(order: Order, kinds: Collection[OrderEventKind]) -> OrderEvent | None:
    """Return the newest event of one of these kinds in the order's history. Return None if there is none."""
    found = (event for event in order.events if event.kind in kinds)
    return max(found, key=lambda event: event.number, default=None)


def ending_of(order: Order) -> OrderEvent | None:
    """Return the event that ended the order. Return None if it has not ended."""
    return last_event(order, ENDING_EVENTS)
