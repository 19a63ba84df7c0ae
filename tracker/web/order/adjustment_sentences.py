"""Sentences of the customer's history about adjustments and answers. They never name staff members."""

from tracker.orders.adjustment import WENT_AHEAD_UNANSWERED
from tracker.orders.event_details import Adjusted, Cancelled, TimeToAnswerExtended
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import Actor
from tracker.web.order.formatting import Formatter, rounded, whole_minute

_NAMED = 3


def adjusted_sentence(order: Order, details: Adjusted, formatter: Formatter) -> str:
    """Return the sentence about a proposed adjustment, without a full stop."""
    return f"{order.restaurant.name} proposed a change: {_proposed(order, details, formatter)}"


def more_time_sentence(details: TimeToAnswerExtended, formatter: Formatter) -> str:
    """Return the sentence about the extended time to answer, without a full stop."""
    return f"You asked for more time to answer, until {formatter.format_moment(whole_minute(details.answer_by))}"


def accepted_sentence(by: Actor) -> str:
    """Return the sentence about an accepted adjustment, without a full stop."""
    if by is Actor.CUSTOMER:
        return "You accepted the change"
    return WENT_AHEAD_UNANSWERED.removesuffix(".")


def cancelled_sentence(event: OrderEvent, details: Cancelled) -> str:
    """Return the sentence about a cancelled order, without a full stop."""
    if event.by is Actor.CLOCK:
        return "There was no answer to the change in time, so the order was cancelled"
    if event.by is not Actor.CUSTOMER:
        return "The order was cancelled"
    if details.adjustment is None:
        return "You cancelled the order"
    return "You rejected the change, and the order was cancelled"


def _proposed(order: Order, details: Adjusted, formatter: Formatter) -> str:
    names = {line.ref: f"{line.ordered} × {line.name}" for line in order.lines}
    without = [names[ref] for ref in details.lines if ref in names] + list(details.options)
    more = " and more" if len(without) > _NAMED else ""
    parts = [f"the time {formatter.format_moment(rounded(details.promised_at))}"] if details.promised_at else []
    return ", ".join([*parts, *(f"without {name}" for name in without[:_NAMED])]) + more
