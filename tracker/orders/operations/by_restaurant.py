"""Operations of a restaurant on an order: confirm, adjust or reject it, move its promise, report its progress."""

from datetime import datetime, timedelta
from typing import cast

from tracker.orders.adjustment import Adjustment
from tracker.orders.event_details import Adjusted, Completed, Confirmed, Progressed, PromiseMoved, Rejected
from tracker.orders.events import record_event
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import adjustments
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.endings import end_order_locally, local_source_version
from tracker.orders.operations.guards import require_state, validate_text
from tracker.orders.progress import DEFAULT_STATUSES, Fulfilment, Status, Step, step_from_text
from tracker.orders.refusals import NothingChanged, NotPossible
from tracker.orders.source_versions import ReportedField
from tracker.orders.states import Actor, AdjustmentState, OrderState

MIN_PROMISE_AHEAD, MAX_PROMISE_AHEAD = timedelta(minutes=1), timedelta(days=366)
MAX_REASON_LENGTH = 500
MAX_STATUS_LENGTH = 200
BY = Actor.RESTAURANT


def confirm_order(order: Order, promised_at: datetime | None, *, actor_name: str | None, now: datetime) -> OrderEvent:
    """Confirm the order as it was ordered. If `promised_at` is None, the promised time is not changed.

    An adjustment that the customer has not answered is withdrawn, because the restaurant has changed its mind.
    """
    require_state(order, OrderState.PLACED, OrderState.ADJUSTED)
    _require_future(promised_at, now)

    adjustments.withdraw_open_adjustment(order, by=BY, now=now)
    order.state, order.step, order.confirmed_at = OrderState.CONFIRMED, Step.CONFIRMED, now
    adjustments.set_promised_at(order, promised_at)
    return record_event(order, Confirmed(), by=BY, actor_name=actor_name, at=now, now=now)


def adjust_order(order: Order, change: ProposedChange, *, actor_name: str | None, now: datetime) -> OrderEvent:
    """Propose another time for the order, or leaving out part of it. The customer accepts or rejects the adjustment.

    It replaces an older adjustment that the customer has not answered. Raise NothingChanged if it is the same as that.
    """
    require_state(order, OrderState.PLACED, OrderState.ADJUSTED)
    _require_future(change.promised_at, now)
    change = adjustments.validate_change(order, change)
    reason = validate_text(change.reason, MAX_REASON_LENGTH)
    _require_different_proposal(order, change, reason)

    for older in order.adjustments:
        adjustments.end(older, AdjustmentState.REPLACED, by=BY, now=now)
    adjustment = _proposal(order, change, reason, now)
    order.adjustments.append(adjustment)
    order.adjustment_count = adjustment.number
    order.state = OrderState.ADJUSTED
    return record_event(order, _details_of(order, adjustment), by=BY, actor_name=actor_name, at=now, now=now)


def reject_order(order: Order, reason: str | None, *, actor_name: str | None, now: datetime) -> OrderEvent:
    """Reject the order, even after it was confirmed. The reason is shown to the customer; at most 500 characters."""
    require_state(order, OrderState.PLACED, OrderState.ADJUSTED, OrderState.CONFIRMED)
    reason = validate_text(reason, MAX_REASON_LENGTH)

    adjustments.withdraw_open_adjustment(order, by=BY, now=now)
    return end_order_locally(order, Rejected(reason=reason), by=BY, actor_name=actor_name, now=now)


def move_promise(order: Order, promised_at: datetime, *, actor_name: str | None, now: datetime) -> OrderEvent:
    """Promise another time for a confirmed order."""
    require_state(order, OrderState.CONFIRMED)
    _require_future(promised_at, now)
    if promised_at == order.promised_at:
        raise NothingChanged("The customer has been given this time already.")

    details = PromiseMoved(before=order.promised_at, after=promised_at)
    adjustments.set_promised_at(order, promised_at)
    return record_event(order, details, by=BY, actor_name=actor_name, at=now, now=now)


def progress_order(
    order: Order, status: str, *, actor_name: str | None, now: datetime, at: datetime | None = None
) -> OrderEvent:
    """Set how far the order has come, by one of the restaurant's own statuses or in free words.

    The last status of the list completes the order. Free words move the order only if they mean a known step, and never
    back. `at` is the time at which it happened; it is ignored unless it is between `placed_at` and now.
    """
    require_state(order, OrderState.CONFIRMED)
    status = validate_text(status, MAX_STATUS_LENGTH) or ""
    if not status:
        raise NotPossible("Say how far the order is.")
    at = at if at and order.placed_at <= at <= now else now

    order.statuses = order.statuses or effective_statuses(order)
    step = _resolve_step(order, status)
    order.status_text, order.step = status, step or order.step
    reported = (ReportedField.STATUS, ReportedField.STEP) if step else (ReportedField.STATUS,)
    order.source_versions |= dict.fromkeys(reported, local_source_version(now))
    if step is Step.HANDED_OVER:
        return end_order_locally(order, Completed(status=status), by=BY, actor_name=actor_name, now=now, at=at)
    return record_event(order, Progressed(status=status, step=step), by=BY, actor_name=actor_name, at=at, now=now)


def effective_statuses(order: Order) -> list[Status]:
    """Return the statuses copied into the order, or else the restaurant's, or else the default ones."""
    fulfilment = Fulfilment(order.fulfilment)
    own = order.statuses or order.restaurant.statuses.get(fulfilment)
    return cast("list[Status] | None", own) or list(DEFAULT_STATUSES[fulfilment])


def _proposal(order: Order, change: ProposedChange, reason: str | None, now: datetime) -> Adjustment:
    is_soon = change.promised_at and not order.is_advance
    return Adjustment(
        number=order.adjustment_count + 1,
        state=AdjustmentState.OPEN,
        proposed_at=now,
        promised_at=change.promised_at,
        minutes=adjustments.minutes_until(change.promised_at, now) if is_soon and change.promised_at else None,
        lines=list(change.lines),
        options=list(change.options),
        reason=reason,
        difference=adjustments.total_difference(order, change),
        answer_by=now + timedelta(minutes=order.restaurant.answer_minutes),
        extensions=0,
        if_unanswered=order.restaurant.if_unanswered,
    )


def _require_different_proposal(order: Order, change: ProposedChange, reason: str | None) -> None:
    # Otherwise a form that is sent twice would replace the adjustment that the customer is about to answer.
    open_adjustment = order.open_adjustment
    proposal = (list(change.lines), list(change.options), reason)
    if open_adjustment is None:
        return
    if proposal != (open_adjustment.lines, open_adjustment.options, open_adjustment.reason):
        return
    # A proposal in minutes that is sent twice differs by less than a minute.
    times = [moment for moment in (change.promised_at, open_adjustment.promised_at) if moment]
    if not times or (len(times) == 2 and abs(times[0] - times[1]) < timedelta(minutes=1)):
        raise NothingChanged("The customer has been asked exactly this already.", at=open_adjustment.proposed_at)


def _details_of(order: Order, adjustment: Adjustment) -> Adjusted:
    """Return the details of the adjustment for the history and for messages."""
    return Adjusted(
        adjustment=adjustment.number,
        is_advance=order.is_advance,
        minutes=adjustment.minutes,
        promised_at=adjustment.promised_at,
        lines=tuple(adjustment.lines),
        options=tuple(adjustment.options),
        reason=adjustment.reason,
    )


def _require_future(promised_at: datetime | None, now: datetime) -> None:
    if promised_at and promised_at < now + MIN_PROMISE_AHEAD - timedelta(seconds=59):
        raise NotPossible("That time is over already.")
    if promised_at and promised_at > now + MAX_PROMISE_AHEAD:
        raise NotPossible("That is more than a year away.")


def _resolve_step(order: Order, status: str) -> Step | None:
    """Return the step of one of the restaurant's own statuses, or the step that free words mean.

    Return None for free words that mean no known step or an earlier one.
    """
    for own in order.statuses or ():
        if own["name"].casefold() == status.casefold():
            return Step(own["step"])
    step, steps = step_from_text(status), list(Step)
    return step if step and steps.index(step) >= steps.index(order.step) else None
