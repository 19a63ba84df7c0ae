"""What the console says of an order, to who works at its restaurant: what it is, and what has happened, by whom."""

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
from tracker.orders.progress import Handover, Step
from tracker.orders.states import Actor, OrderEventKind, OrderState
from tracker.web.order.formatting import Writing
from tracker.web.order.sentences import STEP_NAMES, rating_words

HANDOVERS = {Handover.COLLECTION: "Collection", Handover.DELIVERY: "Delivery", Handover.TABLE: "At table"}
_ACTORS = {
    Actor.PLATFORM: "the platform",
    Actor.RESTAURANT: "the restaurant",
    Actor.CUSTOMER: "the customer",
    Actor.CLOCK: "the clock, for nobody answered in time",
}
_NAMES_BY_THE_COUNT = 3


def handover_words(order: Order) -> str:
    """Where the food changes hands, in a word or two."""
    return f"Table {order.table_name}" if order.table_name else HANDOVERS[order.handover]


def state_words(order: Order, ending: OrderEvent | None) -> str:
    """What the order is now; `ending` is the event that ended it, if it has ended."""
    match order.state:
        case OrderState.PLACED:
            return "Needs your answer"
        case OrderState.ADJUSTED:
            return "Waiting for the customer"
        case OrderState.CONFIRMED:
            return order.status_text or STEP_NAMES[order.step][order.handover]
        case OrderState.COMPLETED:
            return STEP_NAMES[Step.HANDED_OVER][order.handover]
        case OrderState.REJECTED:
            return "Rejected"
        case OrderState.CANCELLED:
            return f"Cancelled by {_ACTORS[ending.by]}" if ending else "Cancelled"
    assert_never(order.state)


def waited(since: datetime, now: datetime) -> str:
    """For how long somebody has been waiting, in words."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 1:
        return "just now"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min ago"
    return f"{hours} h {rest} min ago" if hours < 24 else "over a day ago"


def proposal_words(order: Order, proposal: Adjustment | Adjusted, writing: Writing) -> list[str]:
    """What the restaurant has proposed to do otherwise, in a few words each."""
    names = {line.ref: line.name for line in order.lines}
    said = [f"Time: {writing.moment(proposal.promised_at)}"] if proposal.promised_at else []
    said += [f"Without {names.get(ref, ref)}" for ref in proposal.lines]
    said += [f"Without {name}" for name in proposal.options]
    return said + ([f"“{proposal.reason}”"] if proposal.reason else [])


def default_words(adjustment: Adjustment) -> str:
    """What follows when the customer doesn't answer."""
    goes_ahead = adjustment.if_unanswered is IfUnanswered.GO_AHEAD
    return "Without an answer it goes ahead." if goes_ahead else "Without an answer it is cancelled."


def who_words(event: OrderEvent) -> str:
    """Who did it: a staff member by their address, else by which side of the order they are on."""
    if event.kind is OrderEventKind.PLACED and event.by is Actor.PLATFORM:
        return "the customer, at the platform"
    return event.who or _ACTORS[event.by]


def what_words(order: Order, event: OrderEvent, writing: Writing) -> str:  # noqa: C901  one case for each kind
    """What happened, in words for who works there, without a full stop."""
    details = event.details
    match details:
        case Placed():
            return "Ordered"
        case Confirmed():
            return "Confirmed"
        case Adjusted():
            return f"Proposed a change: {'; '.join(proposal_words(order, details, writing))}"
        case TimeToAnswerExtended(answer_by=answer_by):
            return f"Asked for more time, until {writing.moment(answer_by)}"
        case AdjustmentAccepted():
            return "The change holds" if event.by is Actor.CLOCK else "Accepted the change"
        case Progressed(status=status, step=step):
            return status or STEP_NAMES[step or order.step][order.handover]
        case Completed(status=status):
            return status or STEP_NAMES[Step.HANDED_OVER][order.handover]
        case Rejected(reason=reason):
            return _because("Rejected", reason)
        case Cancelled(reason=reason, adjustment=adjustment):
            said_no = event.by is Actor.CUSTOMER and adjustment
            return _because("Rejected the change: cancelled" if said_no else "Cancelled", reason)
        case PromiseMoved(before=before, after=after):
            return _moved(before, after, writing)
        case ContentsChanged():
            return "The order was changed"
        case Refunded(minor=minor):
            return f"{writing.money(order.money(minor))} was refunded"
        case TipChanged(minor=minor):
            return f"The tip is now {writing.money(order.money(minor))}"
        case Rated(rating=rating):
            return "Took the rating back" if rating is None else f"Rated {rating_words(rating)}"
        case Corrected():
            return "Told more exactly"
    assert_never(details)


def named(codes: list[str]) -> str:
    """The first few short codes, and that there are more."""
    more = f" and {len(codes) - _NAMES_BY_THE_COUNT} more" if len(codes) > _NAMES_BY_THE_COUNT else ""
    return ", ".join(codes[:_NAMES_BY_THE_COUNT]) + more


def _because(words: str, reason: str | None) -> str:
    return f"{words}: {reason}" if reason else words


def _moved(before: datetime | None, after: datetime | None, writing: Writing) -> str:
    if not after:
        return "Took the promised time back"
    to = writing.moment(after)
    return f"Time moved from {writing.moment(before)} to {to}" if before else f"Time: {to}"
