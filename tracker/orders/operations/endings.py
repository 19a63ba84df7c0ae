"""How an order ends: once, and of several endings that are told, the one that was said to have come first."""

from datetime import UTC, datetime

from tracker.orders.event_details import Cancelled, Completed, Ending, Rejected
from tracker.orders.events import event_of, record
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.adjustments import withdraw_open
from tracker.orders.reports import Told
from tracker.orders.source_versions import ReportedField
from tracker.orders.states import MAY_FOLLOW, Actor, OrderEventKind, OrderState

_STATE_AFTER = {
    OrderEventKind.COMPLETED: OrderState.COMPLETED,
    OrderEventKind.REJECTED: OrderState.REJECTED,
    OrderEventKind.CANCELLED: OrderState.CANCELLED,
}
_KIND_OF = {state: kind for kind, state in _STATE_AFTER.items()}
_FIELD_OF = {
    OrderState.COMPLETED: ReportedField.COMPLETED,
    OrderState.REJECTED: ReportedField.REJECTED,
    OrderState.CANCELLED: ReportedField.CANCELLED,
}


def end_order(order: Order, details: Ending, *, at: datetime | None, told: Told, now: datetime) -> OrderEvent | None:
    """End the order so, unless it had already ended otherwise; a platform that says the same again makes it surer.

    Return the event, or None if this ending is already in the history.
    """
    withdraw_open(order, by=Actor.PLATFORM, now=now)
    at = at or told.at
    ending, versions = _STATE_AFTER[details.kind], order.source_versions
    known = event_of(order, details.kind)
    by = Actor.CUSTOMER if ending is OrderState.CANCELLED else Actor.PLATFORM
    first = Rejected(reason=None) if isinstance(details, Rejected) else details
    event = known or record(order, first, by=by, at=at, now=now, came_late=not _comes_first(order, ending, told))
    event.at = min(event.at, at)
    _take_over(order, event, details, told)
    versions[_FIELD_OF[ending]] = min(told.stamp, versions.get(_FIELD_OF[ending], told.stamp))
    _settle_ending(order)
    return None if known else event


def end_here(
    order: Order, details: Ending, *, by: Actor, now: datetime, who: str | None = None, at: datetime | None = None
) -> OrderEvent:
    """End the order so by what is done here; it must not have ended yet. `at` is when it came to it, if not now."""
    ending, reason = _STATE_AFTER[details.kind], _reason_in(details)
    order.source_versions[_FIELD_OF[ending]] = said_here(now)
    if reason:
        order.source_versions[ReportedField.REASON] = said_here(now)
    order.state, order.ended_at, order.reason = ending, at or now, reason
    return record(order, details, by=by, who=who, at=order.ended_at, now=now)


def said_here(now: datetime) -> str:
    """The stamp of what is said by our own doors, to be compared with those of platforms; see reports.py."""
    return f"{now.astimezone(UTC).isoformat(timespec='microseconds')} 9 here"


def _take_over(order: Order, event: OrderEvent, details: Ending, told: Told) -> None:
    """Let the event say what the details say, where no earlier report says otherwise."""
    versions = order.source_versions
    match details:
        case Completed(status=status):
            if status and told.stamp <= versions.get(ReportedField.COMPLETED, told.stamp):
                event.details = details
        case Rejected(reason=reason):
            if reason and told.stamp <= versions.get(ReportedField.REASON, told.stamp):
                event.details, versions[ReportedField.REASON] = details, told.stamp
        case Cancelled():  # a platform gives no reason for it
            pass


def _reason_in(details: Ending) -> str | None:
    return None if isinstance(details, Completed) else details.reason


def _comes_first(order: Order, ending: OrderState, told: Told) -> bool:
    if not order.has_ended:
        return ending in MAY_FOLLOW[order.state]
    return told.stamp < order.source_versions[_FIELD_OF[order.state]]


def _settle_ending(order: Order) -> None:
    versions = order.source_versions
    told_of = {state: versions[field] for state, field in _FIELD_OF.items() if field in versions}
    order.state = min(told_of, key=told_of.__getitem__)
    event = event_of(order, _KIND_OF[order.state])
    if event is not None and isinstance(event.details, Ending):
        order.ended_at, order.reason = event.at, _reason_in(event.details)
