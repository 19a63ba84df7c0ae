"""The messages of an event by their channel, for the tests of the wire."""

from typing import Any

from tracker.live.wire import messages_of
from tracker.orders.model import OrderEvent


def broadcasts(event: OrderEvent) -> tuple[str, dict[str, Any]]:
    """Return the message that the restaurant's consoles receive about every event."""
    return ("order_changed", {"order_id": event.order.id, "version": event.number})


def to_customer(event: OrderEvent) -> list[tuple[str, dict[str, Any]]]:
    """Return names and data of the messages on the order's own channel."""
    messages = messages_of(event)
    return [(each.name, each.data) for each in messages if each.channel == f"private-o-{event.order.id}"]


def to_restaurant(event: OrderEvent) -> list[tuple[str, dict[str, Any]]]:
    """Return names and data of the messages on the restaurant's channel."""
    messages = messages_of(event)
    return [(each.name, each.data) for each in messages if each.channel == f"presence-r-{event.order.restaurant_id}"]
