"""The reference where soketi cannot be installed: a bare aiohttp server with channels and without any protection.

It accepts every signature, sends no pings, and waits for slow readers.
"""

import json
import sys
from collections import defaultdict
from typing import Any

from aiohttp import WSMsgType, web

CHANNELS: dict[str, set[web.WebSocketResponse]] = defaultdict(set)


async def _listen(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    details = json.dumps({"socket_id": f"{id(socket)}.1", "activity_timeout": 120})
    await socket.send_str(json.dumps({"event": "pusher:connection_established", "data": details}))
    channels = []
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            request_data: dict[str, Any] = json.loads(message.data)
            channel = request_data["data"]["channel"]
            CHANNELS[channel].add(socket)
            channels.append(channel)
            success = {"event": "pusher_internal:subscription_succeeded", "channel": channel, "data": "{}"}
            await socket.send_str(json.dumps(success))
    for channel in channels:
        CHANNELS[channel].discard(socket)
    return socket


async def _publish(request: web.Request) -> web.Response:
    event = await request.json()
    text = json.dumps({"event": event["name"], "channel": event["channel"], "data": event["data"]})
    for socket in CHANNELS.get(event["channel"], ()):
        await socket.send_str(text)
    return web.json_response({})


def main() -> None:
    """`python -m tests.benchmarks.engine_bare port`."""
    app = web.Application()
    app.add_routes([web.get("/app/{key}", _listen), web.post("/apps/{id}/events", _publish)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, backlog=4096)


if __name__ == "__main__":
    main()
