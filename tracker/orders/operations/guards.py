"""Checks that operations make before they change anything."""

from tracker.orders.adjustment import CANCELLED_UNANSWERED, WENT_AHEAD_UNANSWERED
from tracker.orders.events import last_event
from tracker.orders.model import Order
from tracker.orders.refusals import ChangedMeanwhile, NotNow, NotPossible
from tracker.orders.states import Actor, OrderEventKind, OrderState

_STATE_SENTENCES = {
    OrderState.PLACED: "The restaurant has not taken this order on yet.",
    OrderState.ADJUSTED: "The customer has not answered the restaurant’s change yet.",
    OrderState.CONFIRMED: "The restaurant has taken this order on already.",
    OrderState.COMPLETED: "The food has been handed over already.",
    OrderState.REJECTED: "The restaurant has rejected this order.",
    OrderState.CANCELLED: "This order was cancelled.",
}
_EVENT_SENTENCES = {
    (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CUSTOMER): "The customer has accepted the restaurant’s change already.",
    (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CLOCK): WENT_AHEAD_UNANSWERED,
    (OrderEventKind.CANCELLED, Actor.CUSTOMER): "This order was cancelled by the customer.",
    (OrderEventKind.CANCELLED, Actor.CLOCK): CANCELLED_UNANSWERED,
}
"""Sentences for events that were not caused by the restaurant, where the sentence of the state would suggest it."""
_EVENTS_OF_STATE = {
    OrderState.PLACED: (OrderEventKind.PLACED,),
    OrderState.ADJUSTED: (OrderEventKind.ADJUSTED,),
    OrderState.CONFIRMED: (OrderEventKind.CONFIRMED, OrderEventKind.ADJUSTMENT_ACCEPTED),
    OrderState.COMPLETED: (OrderEventKind.COMPLETED,),
    OrderState.REJECTED: (OrderEventKind.REJECTED,),
    OrderState.CANCELLED: (OrderEventKind.CANCELLED,),
}


def require_state(order: Order, *states: OrderState) -> None:
    """Raise NotNow unless the order is in one of these states. The sentence says what has happened instead."""
    if order.state in states:
        return
    if order.state is OrderState.CONFIRMED and states == (OrderState.COMPLETED,):
        raise NotNow("The food has not been handed over yet.")
    happened = last_event(order, _EVENTS_OF_STATE[order.state])
    if happened is None:
        raise NotNow(_STATE_SENTENCES[order.state])
    raise NotNow(_EVENT_SENTENCES.get((happened.kind, happened.by), _STATE_SENTENCES[order.state]), at=happened.at)


def require_unchanged_since(order: Order, seen_version: int, kind: OrderEventKind, sentence: str) -> None:
    """Raise ChangedMeanwhile, with this sentence, if an event of this kind came after the version `seen_version`."""
    last = last_event(order, (kind,))
    if last is not None and last.number > seen_version:
        raise ChangedMeanwhile(sentence, at=last.at)


def validate_text(text: str | None, longest: int) -> str | None:
    """Return the text on one line, without unprintable characters. Return None if it is blank.

    Raise NotPossible if it has more than `longest` characters.
    """
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())
    if len(clean) > longest:
        raise NotPossible(f"Use at most {longest} characters here; these are {len(clean)}.")
    return clean or None
