"""What the console says of an order, to who works at its restaurant: what it is, and what has happened, by whom."""

from datetime import datetime
from typing import assert_never

from tracker.accounts.model import IfUnanswered
from tracker.orders.adjustment import Adjustment
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


def proposal_words(order: Order, adjustment: Adjustment, writing: Writing) -> list[str]:
    """What the restaurant has proposed to do otherwise, in a few words each."""
    names = {line.ref: line.name for line in order.lines}
    said = [f"Time: {writing.moment(adjustment.promised_at)}"] if adjustment.promised_at else []
    said += [f"Without {names.get(ref, ref)}" for ref in adjustment.lines]
    said += [f"Without {name}" for name in adjustment.options]
    return said + ([f"“{adjustment.reason}”"] if adjustment.reason else [])


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
    data = event.data
    match event.kind:
        case OrderEventKind.PLACED:
            return "Ordered"
        case OrderEventKind.CONFIRMED:
            return "Confirmed"
        case OrderEventKind.ADJUSTED:
            return f"Proposed a change: {_proposed(order, data, writing)}"
        case OrderEventKind.TIME_TO_ANSWER_EXTENDED:
            return f"Asked for more time, until {writing.moment(datetime.fromisoformat(data['answer_by']))}"
        case OrderEventKind.ADJUSTMENT_ACCEPTED:
            return "The change holds" if event.by is Actor.CLOCK else "Accepted the change"
        case OrderEventKind.PROGRESSED:
            return str(data.get("status") or STEP_NAMES[Step(data["step"])][order.handover])
        case OrderEventKind.COMPLETED:
            return str(data.get("status") or STEP_NAMES[Step.HANDED_OVER][order.handover])
        case OrderEventKind.REJECTED:
            return _because("Rejected", data)
        case OrderEventKind.CANCELLED:
            said_no = event.by is Actor.CUSTOMER and data.get("adjustment")
            return _because("Rejected the change: cancelled" if said_no else "Cancelled", data)
        case OrderEventKind.PROMISE_MOVED:
            return _moved(data, writing)
        case OrderEventKind.CONTENTS_CHANGED:
            return "The order was changed"
        case OrderEventKind.REFUNDED:
            return f"{writing.money(order.money(int(data.get('minor', 0))))} was refunded"
        case OrderEventKind.TIP_CHANGED:
            return f"The tip is now {writing.money(order.money(int(data.get('minor', 0))))}"
        case OrderEventKind.RATED:
            return "Took the rating back" if data.get("rating") is None else f"Rated {rating_words(data['rating'])}"
        case OrderEventKind.CORRECTED:
            return "Told more exactly"
    assert_never(event.kind)


def named(codes: list[str]) -> str:
    """The first few short codes, and that there are more."""
    more = f" and {len(codes) - _NAMES_BY_THE_COUNT} more" if len(codes) > _NAMES_BY_THE_COUNT else ""
    return ", ".join(codes[:_NAMES_BY_THE_COUNT]) + more


def _because(words: str, data: dict[str, str | None]) -> str:
    return f"{words}: {data['reason']}" if data.get("reason") else words


def _moved(data: dict[str, str | None], writing: Writing) -> str:
    before, after = data.get("from"), data.get("to")
    if not after:
        return "Took the promised time back"
    to = writing.moment(datetime.fromisoformat(after))
    return f"Time moved from {writing.moment(datetime.fromisoformat(before))} to {to}" if before else f"Time: {to}"


def _proposed(order: Order, data: dict[str, object], writing: Writing) -> str:
    told = Adjustment(
        promised_at=datetime.fromisoformat(str(data["promised_at"])) if data["promised_at"] else None,
        lines=data["lines"],
        options=data["options"],
        reason=data["reason"],
    )
    return "; ".join(proposal_words(order, told, writing))
