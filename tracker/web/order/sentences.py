"""Sentences about an order for its customer: its state, its events, and refunds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from tracker.orders.event_details import (
    Adjusted,
    AdjustmentAccepted,
    Cancelled,
    Completed,
    Confirmed,
    ContentsChanged,
    Corrected,
    LineChange,
    Placed,
    Progressed,
    PromiseMoved,
    Rated,
    Refunded,
    Rejected,
    TimeToAnswerExtended,
    TipChanged,
)
from tracker.orders.events import last_event
from tracker.orders.model import Order, OrderEvent
from tracker.orders.money import Money
from tracker.orders.progress import HANDED_OVER_NAMES, Fulfilment, Step
from tracker.orders.states import Actor, OrderEventKind, OrderState
from tracker.translation import gettext_noop
from tracker.web.order.adjustment_sentences import (
    accepted_sentence,
    adjusted_sentence,
    cancelled_sentence,
    more_time_sentence,
)
from tracker.web.order.formatting import Formatter, rounded

_LONG_BEFORE = timedelta(minutes=90)
_NAMED_CHANGES = 3
_NOT_TAKEN_ON = "{name} couldn’t take your order"
_CALLED_OFF = "{name} had to call your order off"

_HANDED_OVER = {
    Fulfilment.COLLECTION: "You have collected your order from {name}",
    Fulfilment.DELIVERY: "{name} has delivered your order",
    Fulfilment.TABLE: "{name} has served your order",
}
_READY = {
    Fulfilment.COLLECTION: "Your order is ready to collect at {name}",
    Fulfilment.DELIVERY: "Your order is ready to leave {name}",
    Fulfilment.TABLE: "Your order is ready and coming to your table",
}
STEP_NAMES = {
    Step.PLACED: dict.fromkeys(Fulfilment, gettext_noop("Order placed")),
    Step.CONFIRMED: dict.fromkeys(Fulfilment, gettext_noop("Confirmed")),
    Step.READY: {
        Fulfilment.COLLECTION: gettext_noop("Ready to collect"),
        Fulfilment.DELIVERY: gettext_noop("Ready to leave"),
        Fulfilment.TABLE: gettext_noop("Ready to serve"),
    },
    Step.ON_THE_WAY: dict.fromkeys(Fulfilment, gettext_noop("On the way")),
    Step.ARRIVED: dict.fromkeys(Fulfilment, gettext_noop("Arrived")),
    Step.HANDED_OVER: HANDED_OVER_NAMES,
}


def headline(order: Order, now: datetime) -> str:
    """Return the state of the order in one sentence, without a full stop."""
    return _named(order, _headline(order, now))


def _named(order: Order, words: str) -> str:
    return words.format(name=order.restaurant.name.replace("{", "").replace("}", ""))


def _headline(order: Order, now: datetime) -> str:
    match order.state:
        case OrderState.PLACED:
            return "Waiting for {name} to confirm your order"
        case OrderState.ADJUSTED:
            return "{name} would like to change your order"
        case OrderState.CONFIRMED:
            return _confirmed(order, now)
        case OrderState.COMPLETED:
            return _HANDED_OVER[order.fulfilment]
        case OrderState.REJECTED:
            return _CALLED_OFF if order.confirmed_at else _NOT_TAKEN_ON
        case OrderState.CANCELLED:
            return "Your order at {name} was cancelled"
    assert_never(order.state)


def _confirmed(order: Order, now: datetime) -> str:
    match order.step:
        case Step.PLACED | Step.CONFIRMED:
            return "{name} has confirmed your order" if is_for_later(order, now) else "{name} is making your order"
        case Step.READY:
            return _READY[order.fulfilment]
        case Step.ON_THE_WAY:
            return "Your order from {name} is on its way"
        case Step.ARRIVED:
            return "Your order from {name} is here"
        case Step.HANDED_OVER:
            return _HANDED_OVER[order.fulfilment]
    assert_never(order.step)


def is_for_later(order: Order, now: datetime) -> bool:
    """Return whether it is an advance order whose time is more than 90 minutes away."""
    due = order.promised_at or order.requested_for
    return order.is_advance and due is not None and due - now > _LONG_BEFORE


def short_state(order: Order, now: datetime) -> str:
    """Return the state in a few words, for a list."""
    if order.state is OrderState.CANCELLED:
        return "Cancelled"
    if order.state is OrderState.REJECTED:
        return "Called off" if order.confirmed_at else "Not taken on"
    if order.state is OrderState.PLACED:
        return "Waiting for an answer"
    if order.state is OrderState.ADJUSTED:
        return "Needs your answer"
    step = Step.HANDED_OVER if order.state is OrderState.COMPLETED else order.step
    if step in (Step.PLACED, Step.CONFIRMED):
        return "Confirmed" if is_for_later(order, now) else "Being made"
    return STEP_NAMES[step][order.fulfilment]


def event_sentence(order: Order, event: OrderEvent, formatter: Formatter) -> str:  # noqa: C901  one case for each kind
    """Return what happened, in words for the customer, without a full stop."""
    details = event.details
    match details:
        case Placed():
            return "You placed the order"
        case Confirmed():
            return f"{order.restaurant.name} confirmed the order"
        case Adjusted():
            return adjusted_sentence(order, details, formatter)
        case TimeToAnswerExtended():
            return more_time_sentence(details, formatter)
        case AdjustmentAccepted():
            return accepted_sentence(event.by)
        case Progressed(status=status, step=step):
            return status or _step_name(order, step)
        case Completed(status=status):
            return (order.statuses and status) or STEP_NAMES[Step.HANDED_OVER][order.fulfilment]
        case PromiseMoved(before=before, after=after):
            return _promise_moved(before, after, formatter)
        case Rejected():
            return _named(order, _CALLED_OFF if order.confirmed_at else _NOT_TAKEN_ON)
        case ContentsChanged(lines=lines):
            return _changed(lines)
        case Refunded(minor=minor):
            return f"{formatter.format_money(order.money(minor))} was refunded"
        case TipChanged(minor=minor):
            return f"Your tip is now {formatter.format_money(order.money(minor))}"
        case Rated(rating=rating):
            return _rated(rating)
        case Cancelled():
            return cancelled_sentence(event, details)
        case Corrected():
            return "The details were corrected"
    assert_never(details)


def reason_sentence(order: Order) -> str:
    """Return why the order was rejected or cancelled."""
    if order.reason:
        return with_full_stop(order.reason)
    if order.state is OrderState.REJECTED:
        return "The restaurant gave no reason."
    cancelled = last_event(order, (OrderEventKind.CANCELLED,))
    if cancelled and cancelled.by is Actor.CUSTOMER and isinstance(cancelled.details, Cancelled):
        return with_full_stop(cancelled_sentence(cancelled, cancelled.details))
    return "No reason was given."


def with_full_stop(words: str) -> str:
    """Return the words with a full stop, unless they end with a punctuation mark or are empty."""
    return words if not words or words[-1] in ".!?…" else f"{words}."


def rating_text(rating: int) -> str:
    """Return a rating in words, or only the number if it is not from 1 to 5."""
    return f"{rating} of 5 stars" if 1 <= rating <= 5 else str(rating)


def money_sentence(order: Order, formatter: Formatter) -> str:
    """Return what is known about refunds of a rejected or cancelled order. Return "" if there was nothing to pay."""
    refunded, total = order.refunded, order.total
    if not total and not refunded:
        return ""
    if not refunded:
        return (
            f"No refund has been reported yet. If you have paid, it will be shown here as soon as it is made; "
            f"{order.restaurant.name} can tell you more."
        )
    return _refunded_of(refunded, total, formatter)


def bank_sentence(order: Order) -> str:
    """Return the sentence that a refund may take some days. Return "" without a refund or if it is not to a bank."""
    is_cash = not order.payment or "cash" in order.payment.casefold()
    return "" if is_cash or not order.refunded else "Your bank may take a few days to show it."


def _refunded_of(refunded: Money, total: Money, formatter: Formatter) -> str:
    if refunded.minor >= total.minor:
        return f"All of it, {formatter.format_money(refunded)}, has been refunded."
    return f"{formatter.format_money(refunded)} of {formatter.format_money(total)} has been refunded."


def _promise_moved(before: datetime | None, after: datetime | None, formatter: Formatter) -> str:
    if not after:
        return "The promised time was taken back"
    moved_to = formatter.format_moment(rounded(after))
    if not before:
        return f"The time is now {moved_to}"
    return f"The time moved from {formatter.format_moment(rounded(before))} to {moved_to}"


def _changed(lines: Sequence[LineChange]) -> str:
    named = ", ".join(_line_change(line) for line in lines[:_NAMED_CHANGES])
    more = " and more" if len(lines) > _NAMED_CHANGES else ""
    return f"The order was changed: {named}{more}" if named else "The order was changed"


def _line_change(line: LineChange) -> str:
    more = line.after - line.before
    return f"{abs(more)} × {line.name} {'added' if more > 0 else 'taken out'}"


def _rated(rating: int | None) -> str:
    return "You took your rating back" if rating is None else f"You rated the order {rating_text(rating)}"


def _step_name(order: Order, step: Step | None) -> str:
    return STEP_NAMES[step][order.fulfilment] if step else "There is news of your order"
