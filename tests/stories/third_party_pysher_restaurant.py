"""A restaurant's own program with PyPI's pysher. Reads {key, port, endpoint, channel, member} as JSON from its first
argument and writes one line of JSON for every event that it receives, until it is ended.

pysher takes only the signature from the endpoint and sends the `channel_data` that its own program gave it. So the
program must know its member id beforehand: from `member` or, if that is empty, by asking the endpoint first.
"""

import json
import sys
import threading

import pysher
import requests

NAMES = ("pusher_internal:subscription_succeeded", "pusher:subscription_error", "new_order")


def say(event: str, data: object) -> None:
    """Write the event as one line of JSON to the program that started this one."""
    sys.stdout.write(json.dumps({"event": event, "data": data}) + "\n")
    sys.stdout.flush()


def ask_for_member(endpoint: str, channel: str, socket_id: str) -> dict[str, str]:
    """Ask the endpoint for our channel data, and return it. Return {} if the endpoint refuses."""
    response = requests.post(endpoint, data={"channel_name": channel, "socket_id": socket_id}, timeout=10).json()
    member: dict[str, str] = json.loads(response.get("channel_data", "{}"))
    return member


def listen(key: str, port: int, endpoint: str, channel: str, member: dict[str, str]) -> None:
    """Subscribe in pysher's own thread, so that no event arrives before its callback is bound."""
    service = {"custom_host": "127.0.0.1", "port": port, "secure": False}
    client = pysher.Pusher(key, **service, auth_endpoint=endpoint, user_data=member)

    def subscribe(_: str) -> None:
        client.user_data = client.user_data or ask_for_member(endpoint, channel, client.connection.socket_id)
        try:
            restaurant = client.subscribe(channel)
        except AssertionError as refusal:  # pysher raises it if the endpoint's status is not 200
            say("refused", str(refusal))
            return
        for name in NAMES:
            restaurant.bind(
                name, lambda data, name=name: say(name, json.loads(data) if isinstance(data, str) else data)
            )

    client.connection.bind("pusher:connection_established", subscribe)
    client.connect()
    threading.Event().wait()


if __name__ == "__main__":
    listen(**json.loads(sys.argv[1]))
