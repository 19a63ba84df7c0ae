"""Operation of the clock on an order: an adjustment lapses when the time to answer is over.

The worker runs it by deadlines.py, which says where that time is set.
"""

from datetime import datetime

from tracker.accounts.model import IfUnanswered
from tracker.orders.event_details import Cancelled
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import adjustments
from tracker.orders.operations.endings import end_order_locally
from tracker.orders.states import Actor, AdjustmentState

NO_ANSWER = "There was no answer to the restaurant’s change in time."
BY = Actor.CLOCK


def lapse_adjustment(order: Order, *, now: datetime) -> OrderEvent | None:
    """Lapse the open adjustment if the time to answer is over, and return the event. Return None if none is due.

    Its `if_unanswered` decides whether the order goes ahead with the adjustment or is cancelled.
    """
    adjustment = order.open_adjustment
    if adjustment is None or now <= adjustment.answer_by:
        return None

    if adjustment.if_unanswered is IfUnanswered.GO_AHEAD:
        return adjustments.accept(order, adjustment, AdjustmentState.LAPSED, by=BY, now=now)
    adjustments.end(adjustment, AdjustmentState.LAPSED, by=BY, now=now)
    return end_order_locally(order, Cancelled(reason=NO_ANSWER, adjustment=adjustment.number), by=BY, now=now)
