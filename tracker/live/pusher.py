"""The one file that speaks to a Pusher Channels service: publishing, and signing who may listen."""

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
"""Messages that a service takes in one request."""
MAX_DATA_BYTES = 10_240
"""Bytes of UTF-8 that a message's data may have."""
TIMEOUT = 2.0
"""Seconds without a word, after which the service counts as gone. The client's own five would hold up everybody."""

_MAX_RESPONSE_BYTES = 65_536
_CONTENT_ERRORS = frozenset({400, 403, 413, 422})


class ServiceUnavailable(Exception):
    """The service can't be reached, doesn't know us or is in trouble: no message's fault. The text holds no secret."""


class MessageRefused(Exception):
    """The service doesn't take this content, however often it is sent. The text holds no secret."""


class ChannelsClient:
    """The Channels service that the settings name, the embedded engine or any other. Opens no connection before use.

    Publishing is for one thread; signing for any.
    """

    def __init__(self, settings: Settings) -> None:
        cluster = settings.channels_cluster  # hosted Pusher then: its host, TLS and port come with the name
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
        """Send the messages, at most MAX_BATCH of them, in this order and in one request.

        Raises ServiceUnavailable, after which some may have arrived, or MessageRefused if the service, or we ourselves,
        won't have one of them; then none was sent on. Messages may arrive twice, but never with a gap before them.
        """
        if len(messages) > MAX_BATCH:
            raise ValueError(f"{len(messages)} messages were to be sent at once; a service takes {MAX_BATCH}.")
        batch = [{"channel": each.channel, "name": each.name, "data": _data(each)} for each in messages]
        self._publisher.trigger_batch(batch, already_encoded=True)

    def authorise(self, channel: str, socket_id: str) -> str:
        """The `auth` with which this socket may listen to this private channel: our key and the signature.

        Raises ValueError if either isn't of the protocol's form: with a colon too many it would open something else.
        """
        return str(self._signer.authenticate(channel, socket_id)["auth"])

    def authorise_member(self, channel: str, socket_id: str, user_id: str) -> dict[str, str]:
        """The same for a presence channel: the `auth`, and the `channel_data` that says as whom, to be passed on as is.

        What is signed is the text: the same JSON written anew, with a blank less, would not have this signature.
        """
        signed = self._signer.authenticate(channel, socket_id, {"user_id": user_id})
        return {"auth": str(signed["auth"]), "channel_data": str(signed["channel_data"])}

    def close(self) -> None:
        """Give the connection back; the next message opens another."""
        self._publisher.http.close()


class _PersistentConnection:
    """How the client reaches its service: one connection that stays open. `requests`, its own way, costs four times
    the processor time for one message."""

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
                with suppress(ConnectionError):  # closed by the other side while we had nothing to say
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
            self._connection.close()  # the rest of it would be taken for the next answer
        _check_response(response.status, text)


def _data(message: Message) -> str:
    data = json.dumps(message.data, ensure_ascii=False, separators=(",", ":"))
    size = len(data.encode("utf-8", "replace"))
    if size > MAX_DATA_BYTES:
        raise MessageRefused(f"{message.name} has {size} bytes; a service takes {MAX_DATA_BYTES}.")
    return data


def _check_response(status: int, text: bytes) -> None:
    """Some services say no with 200 and an `error` in the body, and with the status that they mean as its `code`."""
    body = _parsed(text)
    if isinstance(body, dict) and "error" in body:
        code = body.get("code", status)
        status = code if isinstance(code, int) and code >= 400 else 400
    elif 200 <= status < 300 and body is None:
        raise ServiceUnavailable("What answered is no Channels service.")
    if status in _CONTENT_ERRORS:
        raise MessageRefused(f"The service answered {status}: {_excerpt(text)}")
    if not 200 <= status < 300:
        raise ServiceUnavailable(f"The service answered {status}.")


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _excerpt(text: bytes) -> str:
    words = text[:200].decode("utf-8", "replace").split()
    return "".join(character for character in " ".join(words) if character.isprintable())
