"""Compares the messages to both sides with what has become of the order."""

from collections.abc import Sequence

from tracker.live.wire import Message, messages_of, order_channel, restaurant_channel
from tracker.orders.model import Order
from tracker.orders.states import Actor, OrderEventKind

NamedCode = tuple[str, int]

_TO_CUSTOMER: dict[OrderEventKind, NamedCode] = {
    OrderEventKind.CONFIRMED: ("order_confirmation", 1),
    OrderEventKind.ADJUSTED: ("order_confirmation", 2),
    OrderEventKind.REJECTED: ("order_confirmation", 3),
}
"""The codes of Open Dining's "Real-time Communication", repeated here so that the test notices a wrong one in our
code."""


def message_flaws(order: Order, messages: Sequence[Message]) -> list[str]:
    """Return what is wrong with the messages about this order, on the order's channel and on the restaurant's."""
    order_name, restaurant_name = order_channel(order.id), restaurant_channel(order.restaurant_id)
    to_customer = [message for message in messages if message.channel == order_name]
    to_restaurant = [
        message for message in messages if message.channel == restaurant_name and message.data["order_id"] == order.id
    ]
    events = sorted(order.events, key=lambda event: event.number)
    numbers = [event.number for event in events]

    flaws = []
    if numbers != list(range(1, order.version + 1)):
        flaws.append(f"the versions have gaps: {numbers}")
    changes = [message.data["version"] for message in to_restaurant if message.name == "order_changed"]
    if changes != numbers:
        flaws.append(f"the restaurant received the versions {changes}, not {numbers}")
    if _codes(to_customer, "order_confirmation") != _outcomes_for_customer(order):
        flaws.append(f"the customer received {to_customer}, and the order is {order.state}: {_history(order)}")
    if _codes(to_restaurant, "order_user_confirmation") != _answers_for_restaurant(order):
        flaws.append(f"the restaurant received {to_restaurant}, and the order is {order.state}: {_history(order)}")
    expected = [message for event in events for message in messages_of(event)]
    if to_customer + to_restaurant != [
        message for name in (order_name, restaurant_name) for message in expected if message.channel == name
    ]:
        flaws.append(f"the messages do not match the events in their order: {to_customer} {to_restaurant}")
    return flaws


def _codes(messages: Sequence[Message], name: str) -> list[NamedCode]:
    return [(name, message.data["confirmation"]) for message in messages if message.name == name]


def _outcomes_for_customer(order: Order) -> list[NamedCode]:
    codes = []
    for event in sorted(order.events, key=lambda event: event.number):
        if event.kind is OrderEventKind.CANCELLED and event.by is Actor.CLOCK:
            codes.append(("order_confirmation", 3))
        elif event.kind in _TO_CUSTOMER:
            codes.append(_TO_CUSTOMER[event.kind])
    return codes


def _answers_for_restaurant(order: Order) -> list[NamedCode]:
    codes = {OrderEventKind.ADJUSTMENT_ACCEPTED: 1, OrderEventKind.CANCELLED: 3}
    events = sorted(order.events, key=lambda event: event.number)
    return [("order_user_confirmation", codes[event.kind]) for event in events if event.kind in codes]


def _history(order: Order) -> list[str]:
    return [f"{event.number} {event.kind} by {event.by}" for event in order.events]
