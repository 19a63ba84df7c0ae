"""What an order can be, what may follow what, what can happen to it, and who can do it."""

from enum import StrEnum


class OrderState(StrEnum):
    """What an order is, as opposed to how far it has come."""

    PLACED = "placed"
    ADJUSTED = "adjusted"
    """The restaurant takes it on with another time or without some of it, if the customer agrees."""
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


MAY_FOLLOW: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset(OrderState) - {OrderState.PLACED},
    OrderState.ADJUSTED: frozenset(OrderState) - {OrderState.PLACED},
    OrderState.CONFIRMED: frozenset({OrderState.COMPLETED, OrderState.REJECTED, OrderState.CANCELLED}),
    OrderState.COMPLETED: frozenset(),
    OrderState.REJECTED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}
"""From each state, the states that may come next. A platform may skip a state; it can never take an ending back."""

FINAL_STATES = frozenset(state for state, following in MAY_FOLLOW.items() if not following)


class OrderEventKind(StrEnum):
    """What can happen to an order, in the past tense."""

    PLACED = "order.placed"
    CONFIRMED = "order.confirmed"
    ADJUSTED = "order.adjusted"
    TIME_TO_ANSWER_EXTENDED = "order.time_to_answer_extended"
    ADJUSTMENT_ACCEPTED = "order.adjustment_accepted"
    """By the customer, or by the clock where the restaurant goes ahead without an answer."""
    PROGRESSED = "order.progressed"
    COMPLETED = "order.completed"
    REJECTED = "order.rejected"
    CANCELLED = "order.cancelled"
    PROMISE_MOVED = "order.promise_moved"
    CONTENTS_CHANGED = "order.contents_changed"
    REFUNDED = "order.refunded"
    TIP_CHANGED = "order.tip_changed"
    RATED = "order.rated"
    CORRECTED = "order.corrected"
    """Something that was already known is now known better, such as since when; nothing new has happened."""


ENDING_EVENTS = (OrderEventKind.COMPLETED, OrderEventKind.REJECTED, OrderEventKind.CANCELLED)
"""What ends an order, each as the state of the same name."""


class Actor(StrEnum):
    """Who did it."""

    PLATFORM = "platform"
    RESTAURANT = "restaurant"
    CUSTOMER = "customer"
    CLOCK = "clock"


class AdjustmentState(StrEnum):
    """What became of an adjustment."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    """Nobody answered in time; what follows was said with it."""
    REPLACED = "replaced"
    """By a newer one."""
    WITHDRAWN = "withdrawn"
    """The order was confirmed as it is, or ended, before there was an answer."""
