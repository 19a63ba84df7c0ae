"""The states of orders and adjustments, the permitted transitions, the kinds of events, and the actors."""

from enum import StrEnum


class OrderState(StrEnum):
    """The state of an order. How far a confirmed order has come is its Step."""

    PLACED = "placed"
    ADJUSTED = "adjusted"
    """The restaurant has proposed an adjustment, and the customer has not answered it."""
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
"""The states that may follow each state. A platform may skip states, but it can never undo a final state."""

FINAL_STATES = frozenset(state for state, following in MAY_FOLLOW.items() if not following)


class OrderEventKind(StrEnum):
    """The kinds of order events, in the past tense."""

    PLACED = "order.placed"
    CONFIRMED = "order.confirmed"
    ADJUSTED = "order.adjusted"
    TIME_TO_ANSWER_EXTENDED = "order.time_to_answer_extended"
    ADJUSTMENT_ACCEPTED = "order.adjustment_accepted"
    """By the customer, or by the clock if the restaurant goes ahead without an answer."""
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
    """Earlier data, such as a time, was corrected. Nothing new has happened."""


ENDING_EVENTS = (OrderEventKind.COMPLETED, OrderEventKind.REJECTED, OrderEventKind.CANCELLED)
"""The events that end an order. Each leads to the state of the same name."""


class Actor(StrEnum):
    """Who did something to an order."""

    PLATFORM = "platform"
    RESTAURANT = "restaurant"
    CUSTOMER = "customer"
    CLOCK = "clock"


class AdjustmentState(StrEnum):
    """The state of an adjustment."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    """The customer did not answer in time. `if_unanswered` of the adjustment says what follows."""
    REPLACED = "replaced"
    """The restaurant has proposed a newer adjustment."""
    WITHDRAWN = "withdrawn"
    """The order was confirmed unchanged, or ended, before the customer answered."""
