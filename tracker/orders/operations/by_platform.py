"""What a platform may do to an order: tell us of it, again and again, in any order.

Whatever the order in which its sayings arrive, what the order is ends up the same. Three rules see to that: of two
values the one with the newer stamp stays; an order only ever moves on (placed, confirmed, ended) and is never moved
back by news that came late; and of two endings the one that was said to have come first is the true one. Only how one
description differed from the next (CONTENTS_CHANGED, PROMISE_MOVED) and what was known better later (CORRECTED) is
history as we learnt it.
"""

from dataclasses import replace
from datetime import datetime

from tracker.accounts.model import Connection
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
from tracker.orders.events import event_of, record
from tracker.orders.lines import count_lines, counts_of, differences, lines_as_seen
from tracker.orders.model import Order, OrderEvent, Refund
from tracker.orders.operations.adjustments import withdraw_open
from tracker.orders.operations.endings import end_order
from tracker.orders.progress import Step
from tracker.orders.reports import OrderDetails, Told, description
from tracker.orders.source_versions import ReportedField
from tracker.orders.states import Actor, OrderEventKind, OrderState


def place_order(
    connection: Connection,
    platform_order_id: str,
    details: OrderDetails,
    *,
    told: Told,
    now: datetime,
) -> OrderEvent:
    """Place an order that is new to us, as the platform describes it. The caller assigns its customer afterwards."""
    order = Order(
        id=new_id(now),
        restaurant=connection.restaurant,
        restaurant_id=connection.restaurant.id,
        connection=connection,
        connection_id=connection.id,
        platform_order_id=platform_order_id,
        state=OrderState.PLACED,
        step=Step.PLACED,
        version=0,
        source_versions=dict.fromkeys((ReportedField.FIRST_DESCRIPTION, ReportedField.DESCRIPTION), told.stamp),
        placed_at=told.at,
        is_placed_at_reported=False,
        is_promise_own=False,
        bill=details.bill,
        first_charged_minor=details.bill.charged,
        rating=details.rating,
        adjustment_count=0,
        has_onlookers=False,
        **description(details),
    )
    _note_placing(order, details, told)
    _note_refunds(order, details, told)
    count_lines(order, details.lines, as_ordered=True, as_now=True)
    return record(order, Placed(), by=Actor.PLATFORM, at=order.placed_at, now=now)


def change_details(order: Order, details: OrderDetails, *, told: Told, now: datetime) -> OrderEvent | None:
    """Compare the order with how the platform describes it now, or described it before all we knew."""
    contents, promise = _contents(order), order.promised_at
    counts, total = counts_of(order), order.bill.total
    _note_placing(order, details, told)
    _note_refunds(order, details, told)
    versions = order.source_versions
    if told.stamp > versions[ReportedField.DESCRIPTION]:
        _take_over(order, details)
        count_lines(order, details.lines, as_now=True)
        versions[ReportedField.DESCRIPTION] = told.stamp
    elif told.stamp < versions[ReportedField.FIRST_DESCRIPTION]:
        count_lines(order, details.lines, as_ordered=True)
        versions[ReportedField.FIRST_DESCRIPTION] = told.stamp
        order.first_charged_minor = details.bill.charged

    event = None
    if promise is not None and order.promised_at != promise:
        moved = PromiseMoved(before=promise, after=order.promised_at)
        event = record(order, moved, by=Actor.PLATFORM, at=told.at, now=now)
    if _contents(order) != contents:
        lines = differences(counts, counts_of(order))
        changed = ContentsChanged(total_from=total, total_to=order.bill.total, lines=lines)
        event = record(order, changed, by=Actor.PLATFORM, at=told.at, now=now)
    return event


def correct_order(order: Order, *, told: Told, now: datetime) -> OrderEvent:
    """Say that something was known wrongly or not at all until now; whoever looks at the order asks again."""
    reason = order.reason if order.state is OrderState.REJECTED else None
    return record(order, Corrected(reason=reason), by=Actor.PLATFORM, at=told.at, now=now)


def confirm_order(order: Order, *, at: datetime | None, told: Told, now: datetime) -> OrderEvent | None:
    """The restaurant has taken the order on."""
    at = at or told.at
    known = event_of(order, OrderEventKind.CONFIRMED)
    if known is not None:
        known.at = order.confirmed_at = min(known.at, at)
        return None

    # What the customer has not agreed to is not confirmed by a terminal that knows nothing of it; and what they have
    # agreed to is confirmed, but not as it was ordered.
    is_asked = order.state is OrderState.ADJUSTED
    late = order.has_ended or is_asked or event_of(order, OrderEventKind.ADJUSTMENT_ACCEPTED) is not None
    order.confirmed_at = at
    if order.state is OrderState.PLACED:
        order.state = OrderState.CONFIRMED
    if order.step is Step.PLACED and not is_asked:
        order.step = Step.CONFIRMED
    return record(order, Confirmed(), by=Actor.PLATFORM, at=at, now=now, came_late=late)


def reject_order(
    order: Order, *, reason: str | None, at: datetime | None, told: Told, now: datetime
) -> OrderEvent | None:
    """The restaurant doesn't take the order on, or no longer."""
    return end_order(order, Rejected(reason=reason), at=at, told=told, now=now)


def cancel_order(order: Order, *, at: datetime | None, told: Told, now: datetime) -> OrderEvent | None:
    """The customer, through the platform, has taken the order back."""
    return end_order(order, Cancelled(reason=None, adjustment=None), at=at, told=told, now=now)


def progress_order(
    order: Order, *, status: str, step: Step | None, at: datetime | None, told: Told, now: datetime
) -> OrderEvent | None:
    """The order has come further, or back; words that mean no known step are shown but move nothing."""
    if step is not None:
        confirm_order(order, at=at, told=told, now=now)
        _go_on_unanswered(order, now)
    versions = order.source_versions
    is_newest = told.stamp >= versions.get(ReportedField.STATUS, "")
    is_news = is_newest and not order.has_ended
    if is_newest:
        order.status_text, versions[ReportedField.STATUS] = status, told.stamp
    if step is not None and told.stamp >= versions.get(ReportedField.STEP, ""):
        order.step, versions[ReportedField.STEP] = step, told.stamp
    if step is Step.HANDED_OVER:
        return end_order(order, Completed(status=status), at=at, told=told, now=now)

    details, at = Progressed(status=status, step=step), at or told.at
    return record(order, details, by=Actor.PLATFORM, at=at, now=now, came_late=not is_news)


def _go_on_unanswered(order: Order, now: datetime) -> None:
    """Food that moves is no question any more."""
    if order.state is OrderState.ADJUSTED:
        withdraw_open(order, by=Actor.PLATFORM, now=now)
        order.state, order.step = OrderState.CONFIRMED, Step.CONFIRMED


def refund_order(order: Order, minor: int, *, ref: str, told: Told, now: datetime) -> OrderEvent | None:
    """Money was given back, in minor units. The same `ref` is the same refund, however often it is told."""
    if any(refund.ref == ref for refund in order.refunds):
        return None

    order.refunds.append(Refund(ref=ref, minor=minor, at=told.at, stamp=told.stamp))
    return record(order, Refunded(minor=minor), by=Actor.PLATFORM, at=told.at, now=now)


def change_tip(order: Order, minor: int, *, told: Told, now: datetime) -> OrderEvent:
    """The tip is now this, in minor units."""
    is_news = told.stamp > order.source_versions.get(ReportedField.TIP, "")
    details = TipChanged(minor=minor, minor_before=order.bill.tip)
    if is_news:
        order.bill, order.source_versions[ReportedField.TIP] = replace(order.bill, tip=minor), told.stamp
    return record(order, details, by=Actor.CUSTOMER, at=told.at, now=now, came_late=not is_news)


def rate_order(order: Order, rating: int | None, *, told: Told, now: datetime) -> OrderEvent:
    """The customer's rating is now this."""
    is_news = told.stamp > order.source_versions.get(ReportedField.RATING, "")
    if is_news:
        order.rating, order.source_versions[ReportedField.RATING] = rating, told.stamp
    return record(order, Rated(rating=rating), by=Actor.CUSTOMER, at=told.at, now=now, came_late=not is_news)


def _note_placing(order: Order, details: OrderDetails, told: Told) -> None:
    """When it was placed: the earliest time that the platform says; until it says one, the earliest that it spoke."""
    is_surer = details.placed_at is not None and not order.is_placed_at_reported
    order.is_placed_at_reported = order.is_placed_at_reported or is_surer
    at = details.placed_at or (order.placed_at if order.is_placed_at_reported else told.at)
    order.placed_at = at if is_surer else min(at, order.placed_at)
    placed = event_of(order, OrderEventKind.PLACED)
    if placed is not None:
        placed.at = order.placed_at


def _note_refunds(order: Order, details: OrderDetails, told: Told) -> None:
    if details.refunded_minor is not None and told.stamp > (order.platform_refunded_version or ""):
        order.platform_refunded_minor, order.platform_refunded_version = details.refunded_minor, told.stamp


def _take_over(order: Order, details: OrderDetails) -> None:
    promise, is_same = order.promised_at, order.platform_promised_at == details.promised_at
    for name, value in description(details).items():
        setattr(order, name, value)
    if order.is_promise_own and is_same:  # the platform says what it said before the restaurant said otherwise here
        order.promised_at = promise
    else:
        order.is_promise_own, order.platform_promised_at = False, None
    is_tip_reported = ReportedField.TIP in order.source_versions
    order.bill = replace(details.bill, tip=order.bill.tip) if is_tip_reported else details.bill
    if ReportedField.RATING not in order.source_versions:
        order.rating = details.rating


def _contents(order: Order) -> tuple[object, ...]:
    return (order.bill.charged, order.requested_for, order.handover, order.address, *lines_as_seen(order))
