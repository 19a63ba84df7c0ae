"""What publishing means: the events of a body go to whoever listens, all or none of them."""

from collections.abc import Callable
from typing import Any

from tracker.engine.channels import Channel, ChannelRegistry
from tracker.engine.triggers import Trigger, batch_from, trigger_from

# Data of 10 KB may be six times that as JSON escapes; a hundred channel names come on top.
_MAX_EVENT_BYTES = 128 * 1024
MAX_BODY_BYTES = 1024 * 1024

Publish = Callable[[ChannelRegistry, bytes], Any]


def publish_event(channels: ChannelRegistry, body: bytes) -> Any:
    """Publish the event of `POST /events`, and return what is answered. Raises `RequestError` (400, 403, 413)."""
    trigger = trigger_from(body)
    _deliver(channels, trigger)
    if not trigger.info:
        return {}
    return {"channels": {name: attributes(channels, name, trigger.info) for name in trigger.channels}}


def publish_batch(channels: ChannelRegistry, body: bytes) -> Any:
    """The same for the events of `POST /batch_events`."""
    batch = batch_from(body)
    for trigger in batch:
        _deliver(channels, trigger)
    if not any(trigger.info for trigger in batch):
        return {}
    return {"batch": [attributes(channels, each.channels[0], each.info) for each in batch]}


PUBLISHING: dict[str, tuple[Publish, int]] = {
    "events": (publish_event, _MAX_EVENT_BYTES),
    "batch_events": (publish_batch, MAX_BODY_BYTES),
}
"""What publishes, by the end of its address, and how large its body may be."""


def attributes(channels: ChannelRegistry, name: str, info: frozenset[str]) -> dict[str, int]:
    """The counts asked for of a channel that may be one nobody listens to."""
    return counts(channels.get(name) or channels.empty_channel(name), info)


def counts(channel: Channel, info: frozenset[str]) -> dict[str, int]:
    """The counts asked for, as far as this kind of channel has them."""
    found = {}
    if "subscription_count" in info:
        found["subscription_count"] = len(channel.sockets)
    if "user_count" in info and channel.roster is not None:
        found["user_count"] = len(channel.roster)
    return found


def _deliver(channels: ChannelRegistry, trigger: Trigger) -> None:
    for name in trigger.channels:
        channels.publish(name, trigger.event, trigger.data, exclude=trigger.socket_id)
