"""A third party's restaurant program: PyPI's pysher on the restaurant's presence channel. Reads {app_key, port,
endpoint, channel, member} as JSON from its first argument; writes a line of JSON for each event of the document that
it receives."""

import json
import sys
import threading
from typing import Any

import pysher

EVENTS = ("pusher_internal:subscription_succeeded", "new_order", "order_user_confirmation")


def say(event: str, data: dict[str, Any]) -> None:
    """Write the event as one line of JSON to the program that started this one."""
    sys.stdout.write(json.dumps({"order": data.get("order_id"), "event": event, "data": data}) + "\n")
    sys.stdout.flush()


def listen(app_key: str, port: int, endpoint: str, channel: str, member: str) -> None:
    """Subscribe in pysher's own thread, so that no event arrives before its callback is bound."""
    client = pysher.Pusher(
        app_key,
        custom_host="127.0.0.1",
        port=port,
        secure=False,
        auth_endpoint=endpoint,
        user_data={"user_id": member},  # pysher sends this instead of the channel data of the endpoint
    )

    def subscribe(_: str) -> None:
        restaurant = client.subscribe(channel)
        for event in EVENTS:
            restaurant.bind(event, lambda data, event=event: say(event, json.loads(data)))

    client.connection.bind("pusher:connection_established", subscribe)
    client.connect()
    threading.Event().wait()


if __name__ == "__main__":
    listen(**json.loads(sys.argv[1]))
