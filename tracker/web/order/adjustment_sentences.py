"""What is said in the history of a restaurant's change and of the answer to it. Who works there stays unnamed."""

from datetime import datetime
from typing import Any

from tracker.orders.adjustment import WENT_AHEAD_UNANSWERED
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import Actor, OrderEventKind
from tracker.web.order.formatting import Writing, rounded, whole_minute

_NAMED = 3


def adjustment_sentence(order: Order, event: OrderEvent, writing: Writing) -> str:
    """What a restaurant proposed, or what its customer, or nobody, said to it; without a full stop."""
    if event.kind is OrderEventKind.ADJUSTED:
        return f"{order.restaurant.name} proposed a change: {_proposed(order, event.data, writing)}"
    if event.kind is OrderEventKind.TIME_TO_ANSWER_EXTENDED:
        until = whole_minute(datetime.fromisoformat(event.data["answer_by"]))
        return f"You asked for more time to answer, until {writing.moment(until)}"
    if event.by is Actor.CUSTOMER:
        return "You accepted the change"
    return WENT_AHEAD_UNANSWERED.removesuffix(".")


def cancelled_sentence(event: OrderEvent) -> str:
    """Who ended the order, and by what; without a full stop."""
    if event.by is Actor.CLOCK:
        return "There was no answer to the change in time, so the order was cancelled"
    if event.by is not Actor.CUSTOMER:
        return "The order was cancelled"
    return "You rejected the change, and the order was cancelled" if _answers(event) else "You cancelled the order"


def _answers(event: OrderEvent) -> bool:
    return "adjustment" in event.data


def _proposed(order: Order, data: dict[str, Any], writing: Writing) -> str:
    names = {line.ref: f"{line.ordered} × {line.name}" for line in order.lines}
    promised_at = data.get("promised_at")
    time = [writing.moment(rounded(datetime.fromisoformat(promised_at)))] if promised_at else []
    without = [names[ref] for ref in data.get("lines", []) if ref in names] + list(data.get("options", []))
    more = " and more" if len(without) > _NAMED else ""
    parts = [f"the time {time[0]}"] if time else []
    return ", ".join([*parts, *(f"without {name}" for name in without[:_NAMED])]) + more
