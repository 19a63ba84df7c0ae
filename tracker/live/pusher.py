"""The client of the Pusher Channels service: publish messages, and sign subscriptions.

No other module imports the library `pusher`.
"""

import json
import ssl
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

from pusher.authentication_client import AuthenticationClient
from pusher.pusher_client import PusherClient

from tracker.config import Settings
from tracker.live.wire import Message

MAX_BATCH = 10
"""The most messages that a service takes in one request (Pusher's HTTP API, `batch_events`)."""
MAX_DATA_BYTES = 10_240
"""The most bytes of UTF-8 that a message's data may have (Pusher's HTTP API)."""
TIMEOUT = 2.0
"""Seconds without a response after which the service counts as unavailable.

The library's default of five would delay the messages of all orders for too long.
"""

_MAX_RESPONSE_BYTES = 65_536
_CONTENT_ERRORS = frozenset({400, 403, 413, 422})


class ServiceUnavailable(Exception):
    """The service can't be reached, rejects our credentials or fails, whatever the messages. The text has no secret."""


class MessageRefused(Exception):
    """The service refuses this content and would do so again. The text contains no secret."""


class ChannelsClient:
    """A client of the Channels service in the settings: the embedded engine or any other. It connects on first use.

    Only one thread may publish; any thread may sign.
    """

    def __init__(self, settings: Settings) -> None:
        cluster = settings.channels_cluster  # set for hosted Pusher only; the library derives the host from it
        service: dict[str, Any] = {
            "app_id": settings.channels_app_id,
            "key": settings.channels_key,
            "secret": settings.channels_secret.get_secret_value(),
            "cluster": cluster or None,
            "host": None if cluster else settings.channels_host,
            "port": None if cluster else settings.channels_port,
            "ssl": True if cluster else settings.channels_tls,
            "timeout": TIMEOUT,
            "backend": _PersistentConnection,
        }
        self._publisher = PusherClient(**service)
        self._signer = AuthenticationClient(**service)

    def publish(self, messages: Sequence[Message]) -> None:
        """Send at most MAX_BATCH messages in this order and in one request.

        Raises ServiceUnavailable; some messages may then have been published. Raises MessageRefused if the service
        refuses a message or its data is too large; then none was published. Messages may be published twice, but never
        with a gap before them.
        """
        if len(messages) > MAX_BATCH:
            raise ValueError(f"{len(messages)} messages were to be sent at once; a service takes {MAX_BATCH}.")
        batch = [
            {"channel": message.channel, "name": message.name, "data": _encoded_data(message)} for message in messages
        ]
        self._publisher.trigger_batch(batch, already_encoded=True)

    def authorise(self, channel: str, socket_id: str) -> str:
        """Return the `auth` with which this socket may subscribe to this private channel: our key and the signature.

        Raises ValueError if the channel or the socket id does not have the protocol's form, because an additional colon
        would make the signature valid for another channel.
        """
        return str(self._signer.authenticate(channel, socket_id)["auth"])

    def authorise_member(self, channel: str, socket_id: str, user_id: str) -> dict[str, str]:
        """Return the `auth` and the `channel_data`, which names the member, for this socket and this presence channel.

        The text of `channel_data` is signed, so it must be passed on unchanged: the same JSON with other spaces would
        not match the signature. Raises ValueError as `authorise` does.
        """
        signed = self._signer.authenticate(channel, socket_id, {"user_id": user_id})
        return {"auth": str(signed["auth"]), "channel_data": str(signed["channel_data"])}

    def close(self) -> None:
        """Close the connection. The next `publish` opens another."""
        self._publisher.http.close()


class _PersistentConnection:
    """The HTTP backend of the library: one connection that stays open.

    The library's default backend, `requests`, takes four times the processor time for a message.
    """

    def __init__(self, client: Any) -> None:
        address = {"host": client.host, "port": client.port, "timeout": client.timeout}
        self._connection = (
            HTTPSConnection(**address, context=ssl.create_default_context())
            if client.ssl
            else HTTPConnection(**address)
        )

    def send_request(self, request: Any) -> None:
        try:
            if self._connection.sock is not None:
                with suppress(ConnectionError):  # the service closed the idle connection: send on a new one below
                    return self._send(request)
            return self._send(request)
        except (OSError, HTTPException) as problem:
            raise ServiceUnavailable(f"The service can't be reached: {type(problem).__name__}.") from None

    def close(self) -> None:
        self._connection.close()

    def _send(self, request: Any) -> None:
        try:
            self._connection.request(request.method, request.signed_path, body=request.body, headers=request.headers)
            response = self._connection.getresponse()
            text = response.read(_MAX_RESPONSE_BYTES)
        except (OSError, HTTPException):
            self._connection.close()
            raise
        if not response.isclosed():
            self._connection.close()  # the unread rest would be read as the next response
        _check_response(response.status, text)


def _encoded_data(message: Message) -> str:
    data = json.dumps(message.data, ensure_ascii=False, separators=(",", ":"))
    size = len(data.encode("utf-8", "replace"))
    if size > MAX_DATA_BYTES:
        raise MessageRefused(f"{message.name} has {size} bytes; a service takes {MAX_DATA_BYTES}.")
    return data


def _check_response(status: int, text: bytes) -> None:
    """Raise MessageRefused or ServiceUnavailable unless the response means success.

    Some services answer a refused request with status 200, an `error` in the body, and the actual status as `code`.
    """
    body = _parsed_json(text)
    if isinstance(body, dict) and "error" in body:
        code = body.get("code", status)
        status = code if isinstance(code, int) and code >= 400 else 400
    elif 200 <= status < 300 and body is None:
        raise ServiceUnavailable("The server that answered is not a Channels service.")
    if status in _CONTENT_ERRORS:
        raise MessageRefused(f"The service answered {status}: {_excerpt(text)}")
    if not 200 <= status < 300:
        raise ServiceUnavailable(f"The service answered {status}.")


def _parsed_json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _excerpt(text: bytes) -> str:
    words = text[:200].decode("utf-8", "replace").split()
    return "".join(character for character in " ".join(words) if character.isprintable())
