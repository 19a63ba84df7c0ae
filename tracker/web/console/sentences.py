"""The console's sentences about an order: its state, its proposed changes, and its events with their actors."""

from datetime import datetime
from typing import assert_never

from tracker.accounts.model import IfUnanswered
from tracker.orders.adjustment import Adjustment
from tracker.orders.event_details import (
    Adjusted,
    AdjustmentAccepted,
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
    TimeToAnswerExtended,
    TipChanged,
)
from tracker.orders.model import Order, OrderEvent
from tracker.orders.progress import Fulfilment, Step
from tracker.orders.states import Actor, OrderEventKind, OrderState
from tracker.web.order.formatting import Formatter
from tracker.web.order.sentences import STEP_NAMES, rating_text

FULFILMENT_LABELS = {Fulfilment.COLLECTION: "Collection", Fulfilment.DELIVERY: "Delivery", Fulfilment.TABLE: "At table"}
_ACTORS = {
    Actor.PLATFORM: "the platform",
    Actor.RESTAURANT: "the restaurant",
    Actor.CUSTOMER: "the customer",
    Actor.CLOCK: "the clock, because nobody answered in time",
}
_MAX_NAMED_CODES = 3


def fulfilment_label(order: Order) -> str:
    """Return how the food is handed over, in a word or two."""
    return f"Table {order.table_name}" if order.table_name else FULFILMENT_LABELS[order.fulfilment]


def state_label(order: Order, ending: OrderEvent | None) -> str:
    """Return the order's state in a word or two. `ending` is the event that ended it, or None if it has not ended."""
    match order.state:
        case OrderState.PLACED:
            return "Needs your answer"
        case OrderState.ADJUSTED:
            return "Waiting for the customer"
        case OrderState.CONFIRMED:
            return order.status_text or STEP_NAMES[order.step][order.fulfilment]
        case OrderState.COMPLETED:
            return STEP_NAMES[Step.HANDED_OVER][order.fulfilment]
        case OrderState.REJECTED:
            return "Rejected"
        case OrderState.CANCELLED:
            return f"Cancelled by {_ACTORS[ending.by]}" if ending else "Cancelled"
    assert_never(order.state)


def waited(since: datetime, now: datetime) -> str:
    """Return in words how long ago `since` was."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 1:
        return "just now"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min ago"
    return f"{hours} h {rest} min ago" if hours < 24 else "over a day ago"


def proposal_sentences(order: Order, proposal: Adjustment | Adjusted, formatter: Formatter) -> list[str]:
    """Return the changes that the restaurant proposes, in a few words each."""
    names = {line.ref: line.name for line in order.lines}
    parts = [f"Time: {formatter.format_moment(proposal.promised_at)}"] if proposal.promised_at else []
    parts += [f"Without {names.get(ref, ref)}" for ref in proposal.lines]
    parts += [f"Without {name}" for name in proposal.options]
    return parts + ([f"“{proposal.reason}”"] if proposal.reason else [])


def default_sentence(adjustment: Adjustment) -> str:
    """Return a sentence about what happens if the customer doesn't answer the adjustment."""
    goes_ahead = adjustment.if_unanswered is IfUnanswered.GO_AHEAD
    return "Without an answer it goes ahead." if goes_ahead else "Without an answer it is cancelled."


def actor_label(event: OrderEvent) -> str:
    """Return who caused the event: the name of the person or program if it is known, else the kind of actor."""
    if event.kind is OrderEventKind.PLACED and event.by is Actor.PLATFORM:
        return "the customer, at the platform"
    return event.actor_name or _ACTORS[event.by]


def event_text(order: Order, event: OrderEvent, formatter: Formatter) -> str:  # noqa: C901  one case for each kind
    """Return the event in words for the restaurant's staff, without a full stop."""
    details = event.details
    match details:
        case Placed():
            return "Ordered"
        case Confirmed():
            return "Confirmed"
        case Adjusted():
            return f"Proposed a change: {'; '.join(proposal_sentences(order, details, formatter))}"
        case TimeToAnswerExtended(answer_by=answer_by):
            return f"Asked for more time, until {formatter.format_moment(answer_by)}"
        case AdjustmentAccepted():
            return "The change was applied" if event.by is Actor.CLOCK else "Accepted the change"
        case Progressed(status=status, step=step):
            return status or STEP_NAMES[step or order.step][order.fulfilment]
        case Completed(status=status):
            return status or STEP_NAMES[Step.HANDED_OVER][order.fulfilment]
        case Rejected(reason=reason):
            return _because("Rejected", reason)
        case Cancelled(reason=reason, adjustment=adjustment):
            is_rejection = event.by is Actor.CUSTOMER and adjustment
            return _because("Rejected the change: cancelled" if is_rejection else "Cancelled", reason)
        case PromiseMoved(before=before, after=after):
            return _moved(before, after, formatter)
        case ContentsChanged():
            return "The order was changed"
        case Refunded(minor=minor):
            return f"{formatter.format_money(order.money(minor))} was refunded"
        case TipChanged(minor=minor):
            return f"The tip is now {formatter.format_money(order.money(minor))}"
        case Rated(rating=rating):
            return "Withdrew the rating" if rating is None else f"Rated {rating_text(rating)}"
        case Corrected():
            return "The details were corrected"
    assert_never(details)


def join_codes(codes: list[str]) -> str:
    """Return the first few short codes as text, and the number of the others."""
    more = f" and {len(codes) - _MAX_NAMED_CODES} more" if len(codes) > _MAX_NAMED_CODES else ""
    return ", ".join(codes[:_MAX_NAMED_CODES]) + more


def _because(words: str, reason: str | None) -> str:
    return f"{words}: {reason}" if reason else words


def _moved(before: datetime | None, after: datetime | None, formatter: Formatter) -> str:
    if not after:
        return "Withdrew the promised time"
    to = formatter.format_moment(after)
    return f"Time moved from {formatter.format_moment(before)} to {to}" if before else f"Time: {to}"
