"""The REST API of the Channels protocol under `/apps/{app_id}`, for those who know the secret."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tracker.engine.channels import Channel, Channels
from tracker.engine.names import Kind, is_channel_name, kind_of
from tracker.engine.refusals import RequestRefused
from tracker.engine.requests import signed_body
from tracker.engine.sockets import ENGINE
from tracker.engine.triggers import Trigger, attributes_from, batch_from, trigger_from

# Data of 10 KB may be six times that as JSON escapes; a hundred channel names come on top.
_LARGEST_EVENT = 128 * 1024
LARGEST_BODY = 1024 * 1024

Answer = Callable[[web.Request, Channels, bytes], Any]


def routes() -> list[web.RouteDef]:
    """All addresses of the API."""
    return [
        web.post("/apps/{app_id}/events", _signed(_publish, _LARGEST_EVENT)),
        web.post("/apps/{app_id}/batch_events", _signed(_publish_batch, LARGEST_BODY)),
        web.get("/apps/{app_id}/channels", _signed(_list_channels), allow_head=False),
        web.get("/apps/{app_id}/channels/{name}", _signed(_show_channel), allow_head=False),
        web.get("/apps/{app_id}/channels/{name}/users", _signed(_list_users), allow_head=False),
    ]


def _signed(answer: Answer, largest: int = 0) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer honest requests only, and put refusals into plain words."""

    async def handler(request: web.Request) -> web.Response:
        engine = request.app[ENGINE]
        try:
            if request.match_info["app_id"] != engine.settings.app_id:
                raise RequestRefused(404, "No app has this id.")
            body = await signed_body(request, engine.settings, largest=largest, now=time.time())
            return web.json_response(answer(request, engine.channels, body))
        except RequestRefused as refusal:
            return web.Response(status=refusal.status, text=f"{refusal.message}\n")

    return handler


def _publish(_request: web.Request, channels: Channels, body: bytes) -> Any:
    trigger = trigger_from(body)
    _deliver(channels, trigger)
    if not trigger.info:
        return {}
    return {"channels": {name: _attributes(channels, name, trigger.info) for name in trigger.channels}}


def _publish_batch(_request: web.Request, channels: Channels, body: bytes) -> Any:
    batch = batch_from(body)
    for trigger in batch:
        _deliver(channels, trigger)
    if not any(trigger.info for trigger in batch):
        return {}
    return {"batch": [_attributes(channels, each.channels[0], each.info) for each in batch]}


def _deliver(channels: Channels, trigger: Trigger) -> None:
    for name in trigger.channels:
        channels.publish(name, trigger.event, trigger.data, but=trigger.socket_id)


def _list_channels(request: web.Request, channels: Channels, _body: bytes) -> Any:
    prefix = request.query.get("filter_by_prefix", "")
    info = attributes_from(request.query.get("info"))
    if "user_count" in info and not prefix.startswith("presence-"):
        raise RequestRefused(400, "user_count needs filter_by_prefix to start with presence-.")
    return {"channels": {channel.name: _counts(channel, info) for channel in channels.occupied(prefix)}}


def _show_channel(request: web.Request, channels: Channels, _body: bytes) -> Any:
    name = _channel_of(request)
    info = attributes_from(request.query.get("info"))
    if "user_count" in info and kind_of(name) is not Kind.PRESENCE:
        raise RequestRefused(400, "Only a presence channel has a user_count.")
    return {"occupied": channels.get(name) is not None, **_attributes(channels, name, info)}


def _list_users(request: web.Request, channels: Channels, _body: bytes) -> Any:
    name = _channel_of(request)
    if kind_of(name) is not Kind.PRESENCE:
        raise RequestRefused(400, "Only a presence channel has users.")
    channel = channels.get(name)
    user_ids = channel.roster.user_ids if channel and channel.roster else []
    return {"users": [{"id": user_id} for user_id in user_ids]}


def _channel_of(request: web.Request) -> str:
    name = request.match_info["name"]
    if not is_channel_name(name):
        raise RequestRefused(400, "This is not a channel name.")
    return name


def _attributes(channels: Channels, name: str, info: frozenset[str]) -> dict[str, int]:
    return _counts(channels.get(name) or channels.nobody(name), info)


def _counts(channel: Channel, info: frozenset[str]) -> dict[str, int]:
    counts = {}
    if "subscription_count" in info:
        counts["subscription_count"] = len(channel.sockets)
    if "user_count" in info and channel.roster is not None:
        counts["user_count"] = len(channel.roster)
    return counts
