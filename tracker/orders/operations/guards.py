"""What operations ask before they change anything."""

from tracker.orders.adjustment import WENT_AHEAD_UNANSWERED
from tracker.orders.events import last_event_of
from tracker.orders.model import Order
from tracker.orders.refusals import ChangedMeanwhile, NotNow, NotPossible
from tracker.orders.states import Actor, OrderEventKind, OrderState

_NOT_NOW = {
    OrderState.PLACED: "The restaurant has not taken this order on yet.",
    OrderState.ADJUSTED: "The customer has not answered the restaurant’s change yet.",
    OrderState.CONFIRMED: "The restaurant has taken this order on already.",
    OrderState.COMPLETED: "The food has been handed over already.",
    OrderState.REJECTED: "The restaurant has rejected this order.",
    OrderState.CANCELLED: "This order was cancelled.",
}
_WHO_SAID_SO = {
    (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CUSTOMER): "The customer has accepted the restaurant’s change already.",
    (OrderEventKind.ADJUSTMENT_ACCEPTED, Actor.CLOCK): WENT_AHEAD_UNANSWERED,
    (OrderEventKind.CANCELLED, Actor.CUSTOMER): "This order was cancelled by the customer.",
    (OrderEventKind.CANCELLED, Actor.CLOCK): "This order was cancelled, for there was no answer to the change in time.",
}
"""Where it was not the restaurant, whoever reads this must not think that it was."""
_CAME_BY = {
    OrderState.PLACED: (OrderEventKind.PLACED,),
    OrderState.ADJUSTED: (OrderEventKind.ADJUSTED,),
    OrderState.CONFIRMED: (OrderEventKind.CONFIRMED, OrderEventKind.ADJUSTMENT_ACCEPTED),
    OrderState.COMPLETED: (OrderEventKind.COMPLETED,),
    OrderState.REJECTED: (OrderEventKind.REJECTED,),
    OrderState.CANCELLED: (OrderEventKind.CANCELLED,),
}


def must_be(order: Order, *states: OrderState) -> None:
    """Raises NotNow, with what has happened instead, unless the order is in one of these states."""
    if order.state in states:
        return
    if order.state is OrderState.CONFIRMED and states == (OrderState.COMPLETED,):
        raise NotNow("The food has not been handed over yet.")
    happened = last_event_of(order, _CAME_BY[order.state])
    if happened is None:
        raise NotNow(_NOT_NOW[order.state])
    raise NotNow(_WHO_SAID_SO.get((happened.kind, happened.by), _NOT_NOW[order.state]), at=happened.at)


def must_be_as_seen(order: Order, seen: int, kind: OrderEventKind, sentence: str) -> None:
    """Raises ChangedMeanwhile, with this sentence, if what is of this kind has happened after the version `seen`."""
    last = last_event_of(order, (kind,))
    if last is not None and last.number > seen:
        raise ChangedMeanwhile(sentence, at=last.at)


def worded(text: str | None, longest: int) -> str | None:
    """The text without what can't be shown, on one line; nothing for a blank one. Raises NotPossible if too long."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())
    if len(clean) > longest:
        raise NotPossible(f"At most {longest} letters can be said here; these are {len(clean)}.")
    return clean or None
