"""What both sides were told of an order, against what has become of it."""

from collections.abc import Sequence

from tracker.live.wire import Message, messages_of, order_channel, restaurant_channel
from tracker.orders.model import Order
from tracker.orders.states import Actor, OrderEventKind

Said = tuple[str, int]

_TO_CUSTOMER: dict[OrderEventKind, Said] = {
    OrderEventKind.CONFIRMED: ("order_confirmation", 1),
    OrderEventKind.ADJUSTED: ("order_confirmation", 2),
    OrderEventKind.REJECTED: ("order_confirmation", 3),
}
"""The contract's own words; written down here once more, so that a slip of ours would be seen."""


def flaws_of_telling(order: Order, heard: Sequence[Message]) -> list[str]:
    """What is wrong with what was said of this order, on its own channel and on the restaurant's, in that order."""
    mine, theirs = order_channel(order.id), restaurant_channel(order.restaurant_id)
    to_customer = [each for each in heard if each.channel == mine]
    to_restaurant = [each for each in heard if each.channel == theirs and each.data["order_id"] == order.id]
    events = sorted(order.events, key=lambda event: event.number)
    numbers = [event.number for event in events]

    flaws = []
    if numbers != list(range(1, order.version + 1)):
        flaws.append(f"the versions have gaps: {numbers}")
    changes = [each.data["version"] for each in to_restaurant if each.name == "order_changed"]
    if changes != numbers:
        flaws.append(f"the restaurant heard of {changes}, and there are {numbers}")
    if _codes(to_customer, "order_confirmation") != _outcomes_for_customer(order):
        flaws.append(f"the customer heard {to_customer}, and the order is {order.state}: {_history(order)}")
    if _codes(to_restaurant, "order_user_confirmation") != _answers_for_restaurant(order):
        flaws.append(f"the restaurant heard {to_restaurant}, and the order is {order.state}: {_history(order)}")
    all_that_is_to_say = [message for event in events for message in messages_of(event)]
    if to_customer + to_restaurant != [
        each for name in (mine, theirs) for each in all_that_is_to_say if each.channel == name
    ]:
        flaws.append(f"what was said is not what has happened, in its order: {to_customer} {to_restaurant}")
    return flaws


def _codes(messages: Sequence[Message], name: str) -> list[Said]:
    return [(name, each.data["confirmation"]) for each in messages if each.name == name]


def _outcomes_for_customer(order: Order) -> list[Said]:
    said = []
    for event in sorted(order.events, key=lambda event: event.number):
        if event.kind is OrderEventKind.CANCELLED and event.by is Actor.CLOCK:
            said.append(("order_confirmation", 3))
        elif event.kind in _TO_CUSTOMER:
            said.append(_TO_CUSTOMER[event.kind])
    return said


def _answers_for_restaurant(order: Order) -> list[Said]:
    codes = {OrderEventKind.ADJUSTMENT_ACCEPTED: 1, OrderEventKind.CANCELLED: 3}
    events = sorted(order.events, key=lambda event: event.number)
    return [("order_user_confirmation", codes[event.kind]) for event in events if event.kind in codes]


def _history(order: Order) -> list[str]:
    return [f"{event.number} {event.kind} by {event.by}" for event in order.events]
