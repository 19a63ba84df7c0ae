"""Ending an order. It ends only once: of several reported endings, the one with the lowest source version is taken."""

from datetime import UTC, datetime

from tracker.orders.event_details import Cancelled, Completed, Ending, Rejected
from tracker.orders.events import first_event, record_event
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.adjustments import withdraw_open_adjustment
from tracker.orders.reports import Report
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


def end_order(
    order: Order, details: Ending, *, at: datetime | None, report: Report, now: datetime
) -> OrderEvent | None:
    """Record an ending that a platform reports, and put the order into the state of its earliest ending.

    A repeated report may make the time earlier or add a reason. Return the event, or None if an ending of this kind is
    in the history already.
    """
    withdraw_open_adjustment(order, by=Actor.PLATFORM, now=now)
    at = at or report.at
    final_state, versions = _STATE_AFTER[details.kind], order.source_versions
    recorded = first_event(order, details.kind)
    by = Actor.CUSTOMER if final_state is OrderState.CANCELLED else Actor.PLATFORM
    first = Rejected(reason=None) if isinstance(details, Rejected) else details
    event = recorded or record_event(
        order, first, by=by, at=at, now=now, came_late=not _comes_first(order, final_state, report)
    )
    event.at = min(event.at, at)
    _take_over(order, event, details, report)
    versions[_FIELD_OF[final_state]] = min(
        report.source_version, versions.get(_FIELD_OF[final_state], report.source_version)
    )
    _apply_earliest_ending(order)
    return None if recorded else event


def end_order_locally(
    order: Order,
    details: Ending,
    *,
    by: Actor,
    now: datetime,
    actor_name: str | None = None,
    at: datetime | None = None,
) -> OrderEvent:
    """End an order that has not ended, by an action in Tracker. `at` is the time of the ending, by default now."""
    final_state, reason = _STATE_AFTER[details.kind], _reason_in(details)
    order.source_versions[_FIELD_OF[final_state]] = local_source_version(now)
    if reason:
        order.source_versions[ReportedField.REASON] = local_source_version(now)
    order.state, order.ended_at, order.reason = final_state, at or now, reason
    return record_event(order, details, by=by, actor_name=actor_name, at=order.ended_at, now=now)


def local_source_version(now: datetime) -> str:
    """Return the source version of an action in Tracker, comparable with those of platforms; see reports.py."""
    return f"{now.astimezone(UTC).isoformat(timespec='microseconds')} 9 here"


def _take_over(order: Order, event: OrderEvent, details: Ending, report: Report) -> None:
    """Give the event these details, unless an earlier report gave others."""
    versions = order.source_versions
    match details:
        case Completed(status=status):
            if status and report.source_version <= versions.get(ReportedField.COMPLETED, report.source_version):
                event.details = details
        case Rejected(reason=reason):
            if reason and report.source_version <= versions.get(ReportedField.REASON, report.source_version):
                event.details, versions[ReportedField.REASON] = details, report.source_version
        case Cancelled():  # platforms report no reason for it
            pass


def _reason_in(details: Ending) -> str | None:
    return None if isinstance(details, Completed) else details.reason


def _comes_first(order: Order, final_state: OrderState, report: Report) -> bool:
    if not order.has_ended:
        return final_state in MAY_FOLLOW[order.state]
    return report.source_version < order.source_versions[_FIELD_OF[order.state]]


def _apply_earliest_ending(order: Order) -> None:
    versions = order.source_versions
    version_of_state = {state: versions[field] for state, field in _FIELD_OF.items() if field in versions}
    order.state = min(version_of_state, key=version_of_state.__getitem__)
    event = first_event(order, _KIND_OF[order.state])
    if event is not None and isinstance(event.details, Ending):
        order.ended_at, order.reason = event.at, _reason_in(event.details)
