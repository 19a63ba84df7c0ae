"""What is said of an event, sorted by who hears it, for the tests of the wire."""

from typing import Any

from tracker.live.wire import messages_of
from tracker.orders.model import OrderEvent


def broadcasts(event: OrderEvent) -> tuple[str, dict[str, Any]]:
    """What the restaurant's consoles hear of every event."""
    return ("order_changed", {"order_id": event.order.id, "version": event.number})


def to_customer(event: OrderEvent) -> list[tuple[str, dict[str, Any]]]:
    """Names and data of what is said on the order's own channel."""
    said = messages_of(event)
    return [(each.name, each.data) for each in said if each.channel == f"private-o-{event.order.id}"]


def to_restaurant(event: OrderEvent) -> list[tuple[str, dict[str, Any]]]:
    """Names and data of what is said on the restaurant's channel."""
    said = messages_of(event)
    return [(each.name, each.data) for each in said if each.channel == f"presence-r-{event.order.restaurant_id}"]
