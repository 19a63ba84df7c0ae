"""Operations of customers on their orders: answer an adjustment, cancel, tip, rate.

A customer may cancel an order until it is confirmed. Afterwards only the restaurant (by_restaurant.py) or the platform
(by_platform.py) can end it; the clock ends it if nobody answers an adjustment (by_clock.py).

Every operation takes the adjustment or version that the customer was shown, and raises a Refusal (ChangedMeanwhile) if
a newer one exists. A repeated request changes nothing and returns None.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from tracker.accounts.model import IfUnanswered
from tracker.orders.adjustment import CANCELLED_UNANSWERED, WENT_AHEAD_UNANSWERED, Adjustment
from tracker.orders.event_details import Cancelled, Rated, TimeToAnswerExtended, TipChanged
from tracker.orders.events import last_event, record_event
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import adjustments
from tracker.orders.operations.endings import end_order_locally, local_source_version
from tracker.orders.operations.guards import require_state, require_unchanged_since
from tracker.orders.refusals import AlreadyAnswered, ChangedMeanwhile, NotPossible, Refusal, TooLate, Unknown
from tracker.orders.source_versions import ReportedField
from tracker.orders.states import Actor, AdjustmentState, OrderEventKind, OrderState

MAX_EXTENSIONS = 10
MAX_STARS = 5
MAX_TIP = 100_000_00
BY = Actor.CUSTOMER


def accept_adjustment(order: Order, number: int, *, now: datetime) -> OrderEvent | None:
    """Accept the adjustment. Return None if it was accepted before. The first answer counts; others are refused."""
    adjustment = _shown_adjustment(order, number)
    if adjustment.state is AdjustmentState.ACCEPTED:
        return None
    _require_open(order, adjustment, now)

    return adjustments.accept(order, adjustment, AdjustmentState.ACCEPTED, by=BY, now=now)


def reject_adjustment(order: Order, number: int, *, now: datetime) -> OrderEvent | None:
    """Reject the adjustment, which cancels the order. Return None if it was rejected before."""
    adjustment = _shown_adjustment(order, number)
    if adjustment.state is AdjustmentState.REJECTED:
        return None
    _require_open(order, adjustment, now)

    adjustments.end(adjustment, AdjustmentState.REJECTED, by=BY, now=now)
    return end_order_locally(order, Cancelled(reason=None, adjustment=number), by=BY, now=now)


def ask_for_more_time(order: Order, number: int, extension: int, *, now: datetime) -> OrderEvent | None:
    """Extend the time to answer by the restaurant's `answer_minutes`.

    `extension` is the number of the extension, from 1. Return None if it was granted before.
    """
    adjustment = _shown_adjustment(order, number)
    if extension <= adjustment.extensions:
        return None
    _require_open(order, adjustment, now)
    if adjustment.extensions >= MAX_EXTENSIONS:
        raise NotPossible("The time to answer can’t be extended any more.")

    adjustment.extensions += 1
    adjustment.answer_by += timedelta(minutes=order.restaurant.answer_minutes)
    details = TimeToAnswerExtended(adjustment=number, answer_by=adjustment.answer_by)
    return record_event(order, details, by=BY, at=now, now=now)


def cancel_order(order: Order, seen_version: int, *, now: datetime) -> OrderEvent | None:
    """Cancel the order if it is not confirmed. `seen_version` is the version that the customer was shown.

    Return None if the customer has cancelled it before.
    """
    cancelled = last_event(order, (OrderEventKind.CANCELLED,))
    if order.state is OrderState.CANCELLED and cancelled and cancelled.by is BY:
        return None
    require_state(order, OrderState.PLACED, OrderState.ADJUSTED)
    require_unchanged_since(order, seen_version, OrderEventKind.ADJUSTED, _CHANGED[OrderEventKind.ADJUSTED])

    adjustments.withdraw_open_adjustment(order, by=BY, now=now)
    return end_order_locally(order, Cancelled(reason=None, adjustment=None), by=BY, now=now)


def change_tip(order: Order, minor: int, seen_version: int, *, now: datetime) -> OrderEvent | None:
    """Set the whole tip, in minor units, after the order is completed. The restaurant sees it; no platform gets it."""
    if minor == order.bill.tip:
        return None
    if not 0 <= minor <= MAX_TIP:
        raise NotPossible("That is more than a tip can be." if minor > 0 else "A tip cannot be less than nothing.")
    require_state(order, OrderState.COMPLETED)
    require_unchanged_since(order, seen_version, OrderEventKind.TIP_CHANGED, _CHANGED[OrderEventKind.TIP_CHANGED])

    details = TipChanged(minor=minor, minor_before=order.bill.tip)
    order.bill, order.source_versions[ReportedField.TIP] = replace(order.bill, tip=minor), local_source_version(now)
    return record_event(order, details, by=BY, at=now, now=now)


def rate_order(order: Order, stars: int, seen_version: int, *, now: datetime) -> OrderEvent | None:
    """Rate the order with 1 to 5 stars after it is completed. The restaurant sees it; no platform gets it."""
    if stars == order.rating:
        return None
    if not 1 <= stars <= MAX_STARS:
        raise NotPossible("A rating is one to five stars.")
    require_state(order, OrderState.COMPLETED)
    require_unchanged_since(order, seen_version, OrderEventKind.RATED, _CHANGED[OrderEventKind.RATED])

    order.rating, order.source_versions[ReportedField.RATING] = stars, local_source_version(now)
    return record_event(order, Rated(rating=stars), by=BY, at=now, now=now)


def _shown_adjustment(order: Order, number: int) -> Adjustment:
    """Return the adjustment that the customer was shown. Raise ChangedMeanwhile if a newer one was proposed."""
    shown = next((adjustment for adjustment in order.adjustments if adjustment.number == number), None)
    if shown is None:
        raise Unknown("The restaurant has proposed no such change.")
    newest = order.adjustments[-1]
    if newest is not shown:
        raise ChangedMeanwhile(
            "The restaurant has proposed something else meanwhile. Please look at that.", at=newest.proposed_at
        )
    return shown


def _require_open(order: Order, adjustment: Adjustment, now: datetime) -> None:
    if adjustment.state is AdjustmentState.OPEN and now > adjustment.answer_by:
        raise TooLate("The time to answer is over.", at=adjustment.answer_by)
    if adjustment.state is not AdjustmentState.OPEN:
        raise _refusal_for_ended(order, adjustment)


def _refusal_for_ended(order: Order, adjustment: Adjustment) -> Refusal:
    at = adjustment.ended_at
    match adjustment.state, adjustment.if_unanswered:
        case AdjustmentState.ACCEPTED, _:
            return AlreadyAnswered("You have accepted this change already.", at=at)
        case AdjustmentState.REJECTED, _:
            return AlreadyAnswered("You have rejected this change already, and the order was cancelled.", at=at)
        case AdjustmentState.LAPSED, IfUnanswered.GO_AHEAD:
            return TooLate(WENT_AHEAD_UNANSWERED, at=at)
        case AdjustmentState.LAPSED, IfUnanswered.CANCEL:
            return TooLate(CANCELLED_UNANSWERED, at=at)
    if order.state in (OrderState.CONFIRMED, OrderState.COMPLETED):
        return ChangedMeanwhile("The restaurant has confirmed your order without the change.", at=at)
    return ChangedMeanwhile("The order has ended, and with it the change.", at=at)


_CHANGED = {
    OrderEventKind.ADJUSTED: "The restaurant has proposed a change meanwhile. Please look at that first.",
    OrderEventKind.TIP_CHANGED: "Your tip was changed meanwhile, maybe in another window. Please look again.",
    OrderEventKind.RATED: "Your rating was changed meanwhile, maybe in another window. Please look again.",
}
