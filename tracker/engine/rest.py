"""The REST API of the Channels protocol under `/apps/{app_id}`. Requests are signed with the secret."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tracker.engine.channels import ChannelRegistry
from tracker.engine.errors import RequestError
from tracker.engine.names import ChannelKind, is_channel_name, kind_of
from tracker.engine.publication import PUBLISHING, Publish, attributes, counts
from tracker.engine.request_auth import signed_body
from tracker.engine.triggers import attributes_from
from tracker.engine.websocket import ENGINE

Endpoint = Callable[[web.Request, ChannelRegistry, bytes], Any]


def routes() -> list[web.RouteDef]:
    """Return all routes of the API."""
    return [
        *(web.post(f"/apps/{{app_id}}/{name}", _publishing_handler(*PUBLISHING[name])) for name in PUBLISHING),
        web.get("/apps/{app_id}/channels", _signed_handler(_list_channels), allow_head=False),
        web.get("/apps/{app_id}/channels/{name}", _signed_handler(_show_channel), allow_head=False),
        web.get("/apps/{app_id}/channels/{name}/users", _signed_handler(_list_users), allow_head=False),
    ]


def _publishing_handler(publish: Publish, largest: int) -> Callable[[web.Request], Awaitable[web.Response]]:
    return _signed_handler(lambda _request, channels, body: publish(channels, body), largest)


def _signed_handler(endpoint: Endpoint, largest: int = 0) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers correctly signed requests by `endpoint`, and others with the refusal as text."""

    async def handler(request: web.Request) -> web.Response:
        engine = request.app[ENGINE]
        try:
            if request.match_info["app_id"] != engine.settings.app_id:
                raise RequestError(404, "No app has this id.")
            body = await signed_body(request, engine.settings, largest=largest, now=time.time())
            return web.json_response(endpoint(request, engine.channels, body))
        except RequestError as refusal:
            return web.Response(status=refusal.status, text=f"{refusal.message}\n")

    return handler


def _list_channels(request: web.Request, channels: ChannelRegistry, _body: bytes) -> Any:
    prefix = request.query.get("filter_by_prefix", "")
    info = attributes_from(request.query.get("info"))
    if "user_count" in info and not prefix.startswith("presence-"):
        raise RequestError(400, "user_count needs filter_by_prefix to start with presence-.")
    return {"channels": {channel.name: counts(channel, info) for channel in channels.occupied(prefix)}}


def _show_channel(request: web.Request, channels: ChannelRegistry, _body: bytes) -> Any:
    name = _channel_of(request)
    info = attributes_from(request.query.get("info"))
    if "user_count" in info and kind_of(name) is not ChannelKind.PRESENCE:
        raise RequestError(400, "Only a presence channel has a user_count.")
    return {"occupied": channels.get(name) is not None, **attributes(channels, name, info)}


def _list_users(request: web.Request, channels: ChannelRegistry, _body: bytes) -> Any:
    name = _channel_of(request)
    if kind_of(name) is not ChannelKind.PRESENCE:
        raise RequestError(400, "Only a presence channel has users.")
    channel = channels.get(name)
    user_ids = channel.roster.user_ids if channel and channel.roster else []
    return {"users": [{"id": user_id} for user_id in user_ids]}


def _channel_of(request: web.Request) -> str:
    name = request.match_info["name"]
    if not is_channel_name(name):
        raise RequestError(400, "This is not a channel name.")
    return name
