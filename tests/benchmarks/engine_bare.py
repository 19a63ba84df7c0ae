"""The reference where soketi is not to be had: a bare aiohttp server with channels, and nothing to protect it.

Any signature is believed, nobody is asked whether they are there, and a slow reader is waited for.
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
    told = json.dumps({"socket_id": f"{id(socket)}.1", "activity_timeout": 120})
    await socket.send_str(json.dumps({"event": "pusher:connection_established", "data": told}))
    channels = []
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            said: dict[str, Any] = json.loads(message.data)
            channel = said["data"]["channel"]
            CHANNELS[channel].add(socket)
            channels.append(channel)
            done = {"event": "pusher_internal:subscription_succeeded", "channel": channel, "data": "{}"}
            await socket.send_str(json.dumps(done))
    for channel in channels:
        CHANNELS[channel].discard(socket)
    return socket


async def _publish(request: web.Request) -> web.Response:
    said = await request.json()
    text = json.dumps({"event": said["name"], "channel": said["channel"], "data": said["data"]})
    for socket in CHANNELS.get(said["channel"], ()):
        await socket.send_str(text)
    return web.json_response({})


def main() -> None:
    """`python -m tests.benchmarks.engine_bare port`."""
    app = web.Application()
    app.add_routes([web.get("/app/{key}", _listen), web.post("/apps/{id}/events", _publish)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None, backlog=4096)


if __name__ == "__main__":
    main()
