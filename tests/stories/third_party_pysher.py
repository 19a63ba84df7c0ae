"""A third party's program with PyPI's pysher. Reads {key, port, endpoint, channel} as JSON from its first argument and
writes one line of JSON for every event that it receives, until it is ended."""

import json
import sys
import threading

import pysher

NAMES = ("pusher_internal:subscription_succeeded", "order_confirmation", "order_tracker", "order_changed")


def say(event: str, data: object) -> None:
    """Write the event as one line of JSON to the program that started this one."""
    sys.stdout.write(json.dumps({"event": event, "data": data}) + "\n")
    sys.stdout.flush()


def listen(key: str, port: int, endpoint: str, channel: str) -> None:
    """Subscribe in pysher's own thread, so that no event arrives before its callback is bound."""
    client = pysher.Pusher(key, custom_host="127.0.0.1", port=port, secure=False, auth_endpoint=endpoint)

    def subscribe(_: str) -> None:
        try:
            order = client.subscribe(channel)
        except AssertionError as refusal:  # pysher raises it if the endpoint's status is not 200
            say("refused", str(refusal))
            return
        for name in NAMES:
            order.bind(name, lambda data, name=name: say(name, json.loads(data)))

    client.connection.bind("pusher:connection_established", subscribe)
    client.connect()
    threading.Event().wait()


if __name__ == "__main__":
    listen(**json.loads(sys.argv[1]))
