"""Publish the events in the body of a REST request to their subscribers: all events, or none if one is invalid."""

from collections.abc import Callable
from typing import Any

from tracker.engine.channels import Channel, ChannelRegistry
from tracker.engine.triggers import Trigger, batch_from, trigger_from

# Data of 10 kB can grow sixfold by JSON escapes, and there can be a hundred channel names beside it.
_MAX_EVENT_BYTES = 128 * 1024
MAX_BODY_BYTES = 1024 * 1024

Publish = Callable[[ChannelRegistry, bytes], Any]


def publish_event(channels: ChannelRegistry, body: bytes) -> Any:
    """Publish the event of `POST /events`, and return the response's JSON. Raises `RequestError` (400, 403, 413)."""
    trigger = trigger_from(body)
    _deliver(channels, trigger)
    if not trigger.info:
        return {}
    return {"channels": {name: attributes(channels, name, trigger.info) for name in trigger.channels}}


def publish_batch(channels: ChannelRegistry, body: bytes) -> Any:
    """Publish the events of `POST /batch_events`, and return the response's JSON.

    Raises `RequestError` (400, 403, 413).
    """
    batch = batch_from(body)
    for trigger in batch:
        _deliver(channels, trigger)
    if not any(trigger.info for trigger in batch):
        return {}
    return {"batch": [attributes(channels, trigger.channels[0], trigger.info) for trigger in batch]}


PUBLISHING: dict[str, tuple[Publish, int]] = {
    "events": (publish_event, _MAX_EVENT_BYTES),
    "batch_events": (publish_batch, MAX_BODY_BYTES),
}
"""The function of each endpoint that publishes, and the largest body it takes in bytes, by the end of its path."""


def attributes(channels: ChannelRegistry, name: str, info: frozenset[str]) -> dict[str, int]:
    """Return the counts of a channel that `info` asks for; they are 0 for a channel without subscribers."""
    return counts(channels.get(name) or channels.empty_channel(name), info)


def counts(channel: Channel, info: frozenset[str]) -> dict[str, int]:
    """Return the counts that `info` asks for and that this kind of channel has."""
    result = {}
    if "subscription_count" in info:
        result["subscription_count"] = len(channel.sockets)
    if "user_count" in info and channel.roster is not None:
        result["user_count"] = len(channel.roster)
    return result


def _deliver(channels: ChannelRegistry, trigger: Trigger) -> None:
    for name in trigger.channels:
        channels.publish(name, trigger.event, trigger.data, exclude=trigger.socket_id)
