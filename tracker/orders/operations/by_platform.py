"""The operations for a platform's reports. Reports may be repeated and may arrive in any order.

An order ends up the same in whichever order the reports arrive, because of three rules. Of two values, the one with the
greater source version is taken. An order only moves forwards (placed, confirmed, ended); a late report never moves it
back. Of two endings, the one that was reported first is taken. Only the differences between descriptions
(CONTENTS_CHANGED, PROMISE_MOVED) and corrections (CORRECTED) are recorded in the order of arrival.
"""

from dataclasses import replace
from datetime import datetime

from tracker.accounts.model import PlatformAccount
from tracker.ids import new_id
from tracker.orders.event_details import (
    Cancelled,
    Completed,
    Confirmed,
    ContentsChanged,
    Corrected,
    Placed,
    Progressed,
    PromiseMoved,
    Rated,
    Refunded,
    Rejected,
    TipChanged,
)
from tracker.orders.events import first_event, record_event
from tracker.orders.lines import line_changes, line_counts, line_snapshot, set_line_counts
from tracker.orders.model import Order, OrderEvent, Refund
from tracker.orders.operations.adjustments import withdraw_open_adjustment
from tracker.orders.operations.endings import end_order
from tracker.orders.progress import Step
from tracker.orders.reports import OrderDetails, Report, described_columns
from tracker.orders.source_versions import ReportedField
from tracker.orders.states import Actor, OrderEventKind, OrderState


def place_order(
    platform_account: PlatformAccount,
    platform_order_id: str,
    details: OrderDetails,
    *,
    report: Report,
    now: datetime,
) -> OrderEvent:
    """Create an order as the platform describes it. The caller assigns its customer afterwards."""
    order = Order(
        id=new_id(now),
        restaurant=platform_account.restaurant,
        restaurant_id=platform_account.restaurant.id,
        platform_account=platform_account,
        platform_account_id=platform_account.id,
        platform_order_id=platform_order_id,
        state=OrderState.PLACED,
        step=Step.PLACED,
        version=0,
        source_versions=dict.fromkeys(
            (ReportedField.FIRST_DESCRIPTION, ReportedField.DESCRIPTION), report.source_version
        ),
        placed_at=report.at,
        is_placed_at_reported=False,
        is_promise_own=False,
        bill=details.bill,
        first_charged_minor=details.bill.charged,
        rating=details.rating,
        adjustment_count=0,
        has_onlookers=False,
        **described_columns(details),
    )
    _update_placed_at(order, details, report)
    _update_refunded_sum(order, details, report)
    set_line_counts(order, details.lines, as_ordered=True, as_now=True)
    return record_event(order, Placed(), by=Actor.PLATFORM, at=order.placed_at, now=now)


def change_details(order: Order, details: OrderDetails, *, report: Report, now: datetime) -> OrderEvent | None:
    """Apply a description of the order by its platform. Return the last event recorded, or None if nothing changed.

    A description newer than the newest sets the present content. One that is older than the earliest sets what was
    ordered.
    """
    contents, promise = _contents(order), order.promised_at
    counts, total = line_counts(order), order.bill.total
    _update_placed_at(order, details, report)
    _update_refunded_sum(order, details, report)
    versions = order.source_versions
    if report.source_version > versions[ReportedField.DESCRIPTION]:
        _apply_details(order, details)
        set_line_counts(order, details.lines, as_now=True)
        versions[ReportedField.DESCRIPTION] = report.source_version
    elif report.source_version < versions[ReportedField.FIRST_DESCRIPTION]:
        set_line_counts(order, details.lines, as_ordered=True)
        versions[ReportedField.FIRST_DESCRIPTION] = report.source_version
        order.first_charged_minor = details.bill.charged

    event = None
    if promise is not None and order.promised_at != promise:
        moved = PromiseMoved(before=promise, after=order.promised_at)
        event = record_event(order, moved, by=Actor.PLATFORM, at=report.at, now=now)
    if _contents(order) != contents:
        lines = line_changes(counts, line_counts(order))
        changed = ContentsChanged(total_from=total, total_to=order.bill.total, lines=lines)
        event = record_event(order, changed, by=Actor.PLATFORM, at=report.at, now=now)
    return event


def correct_order(order: Order, *, report: Report, now: datetime) -> OrderEvent:
    """Record that earlier data was corrected, so that open pages fetch the order again."""
    reason = order.reason if order.state is OrderState.REJECTED else None
    return record_event(order, Corrected(reason=reason), by=Actor.PLATFORM, at=report.at, now=now)


def confirm_order(order: Order, *, at: datetime | None, report: Report, now: datetime) -> OrderEvent | None:
    """Confirm the order. Return None if it was confirmed before; its time may become an earlier one then."""
    at = at or report.at
    recorded = first_event(order, OrderEventKind.CONFIRMED)
    if recorded is not None:
        recorded.at = order.confirmed_at = min(recorded.at, at)
        return None

    # The restaurant's terminal does not know about adjustments made in Tracker. It cannot confirm a change that the
    # customer has not accepted. An order whose adjustment was accepted is confirmed already, but not as it was ordered.
    is_asked = order.state is OrderState.ADJUSTED
    late = order.has_ended or is_asked or first_event(order, OrderEventKind.ADJUSTMENT_ACCEPTED) is not None
    order.confirmed_at = at
    if order.state is OrderState.PLACED:
        order.state = OrderState.CONFIRMED
    if order.step is Step.PLACED and not is_asked:
        order.step = Step.CONFIRMED
    return record_event(order, Confirmed(), by=Actor.PLATFORM, at=at, now=now, came_late=late)


def reject_order(
    order: Order, *, reason: str | None, at: datetime | None, report: Report, now: datetime
) -> OrderEvent | None:
    """Reject the order. Return None if a rejection is in the history already."""
    return end_order(order, Rejected(reason=reason), at=at, report=report, now=now)


def cancel_order(order: Order, *, at: datetime | None, report: Report, now: datetime) -> OrderEvent | None:
    """Cancel the order for its customer. Return None if a cancellation is in the history already."""
    return end_order(order, Cancelled(reason=None, adjustment=None), at=at, report=report, now=now)


def progress_order(
    order: Order, *, status: str, step: Step | None, at: datetime | None, report: Report, now: datetime
) -> OrderEvent | None:
    """Set how far the order has come. A status without a known step is shown but does not move the order."""
    if step is not None:
        confirm_order(order, at=at, report=report, now=now)
        _go_on_unanswered(order, now)
    versions = order.source_versions
    is_newest = report.source_version >= versions.get(ReportedField.STATUS, "")
    is_news = is_newest and not order.has_ended
    if is_newest:
        order.status_text, versions[ReportedField.STATUS] = status, report.source_version
    if step is not None and report.source_version >= versions.get(ReportedField.STEP, ""):
        order.step, versions[ReportedField.STEP] = step, report.source_version
    if step is Step.HANDED_OVER:
        return end_order(order, Completed(status=status), at=at, report=report, now=now)

    details, at = Progressed(status=status, step=step), at or report.at
    return record_event(order, details, by=Actor.PLATFORM, at=at, now=now, came_late=not is_news)


def _go_on_unanswered(order: Order, now: datetime) -> None:
    """Withdraw the open adjustment and confirm the order, because the food is already on its way."""
    if order.state is OrderState.ADJUSTED:
        withdraw_open_adjustment(order, by=Actor.PLATFORM, now=now)
        order.state, order.step = OrderState.CONFIRMED, Step.CONFIRMED


def refund_order(order: Order, minor: int, *, ref: str, report: Report, now: datetime) -> OrderEvent | None:
    """Add a refund, in minor units. Return None if a refund with this `ref` was added before."""
    if any(refund.ref == ref for refund in order.refunds):
        return None

    order.refunds.append(Refund(ref=ref, minor=minor, at=report.at, source_version=report.source_version))
    return record_event(order, Refunded(minor=minor), by=Actor.PLATFORM, at=report.at, now=now)


def change_tip(order: Order, minor: int, *, report: Report, now: datetime) -> OrderEvent:
    """Set the tip, in minor units."""
    is_news = report.source_version > order.source_versions.get(ReportedField.TIP, "")
    details = TipChanged(minor=minor, minor_before=order.bill.tip)
    if is_news:
        order.bill, order.source_versions[ReportedField.TIP] = replace(order.bill, tip=minor), report.source_version
    return record_event(order, details, by=Actor.CUSTOMER, at=report.at, now=now, came_late=not is_news)


def rate_order(order: Order, rating: int | None, *, report: Report, now: datetime) -> OrderEvent:
    """Set the customer's rating. None removes it."""
    is_news = report.source_version > order.source_versions.get(ReportedField.RATING, "")
    if is_news:
        order.rating, order.source_versions[ReportedField.RATING] = rating, report.source_version
    return record_event(order, Rated(rating=rating), by=Actor.CUSTOMER, at=report.at, now=now, came_late=not is_news)


def _update_placed_at(order: Order, details: OrderDetails, report: Report) -> None:
    """Set `placed_at` to the earliest time that the platform reports, or else to the time of its earliest report."""
    is_first_reported = details.placed_at is not None and not order.is_placed_at_reported
    order.is_placed_at_reported = order.is_placed_at_reported or is_first_reported
    at = details.placed_at or (order.placed_at if order.is_placed_at_reported else report.at)
    order.placed_at = at if is_first_reported else min(at, order.placed_at)
    placed = first_event(order, OrderEventKind.PLACED)
    if placed is not None:
        placed.at = order.placed_at


def _update_refunded_sum(order: Order, details: OrderDetails, report: Report) -> None:
    if details.refunded_minor is not None and report.source_version > (order.platform_refunded_version or ""):
        order.platform_refunded_minor, order.platform_refunded_version = details.refunded_minor, report.source_version


def _apply_details(order: Order, details: OrderDetails) -> None:
    promise, is_same = order.promised_at, order.platform_promised_at == details.promised_at
    for name, value in described_columns(details).items():
        setattr(order, name, value)
    if order.is_promise_own and is_same:  # the platform only repeats the time that the restaurant has replaced here
        order.promised_at = promise
    else:
        order.is_promise_own, order.platform_promised_at = False, None
    is_tip_reported = ReportedField.TIP in order.source_versions
    order.bill = replace(details.bill, tip=order.bill.tip) if is_tip_reported else details.bill
    if ReportedField.RATING not in order.source_versions:
        order.rating = details.rating


def _contents(order: Order) -> tuple[object, ...]:
    return (order.bill.charged, order.requested_for, order.fulfilment, order.address, *line_snapshot(order))
