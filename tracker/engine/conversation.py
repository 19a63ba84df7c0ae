"""Handle the messages that clients send over their sockets."""

from typing import Any

from tracker.engine.channels import ChannelRegistry
from tracker.engine.connection import Connection
from tracker.engine.errors import Code, ProtocolError, SubscriptionError
from tracker.engine.messages import MAX_DATA_BYTES, PONG, ClientMessage, encode, parse
from tracker.engine.names import ChannelKind, is_channel_name, is_event_name, kind_of
from tracker.engine.presence import Member, member_from
from tracker.engine.settings import EngineSettings
from tracker.engine.signatures import constant_time_equal, subscription_auth

_MAX_ECHO_LENGTH = 164


class Conversation:
    """The rules of the Channels protocol for messages of clients. A message that breaks one is a `ProtocolError`."""

    def __init__(self, settings: EngineSettings, channels: ChannelRegistry) -> None:
        self._settings = settings
        self._channels = channels

    def handle(self, connection: Connection, text: str) -> None:
        """Carry out one message of a client. Raises `ProtocolError` if it is malformed or not allowed."""
        message = parse(text)
        if message.event.startswith("client-"):
            self._relay(connection, message)
        elif message.event == "pusher:subscribe":
            self._subscribe(connection, message.data)
        elif message.event == "pusher:unsubscribe":
            self._channels.unsubscribe(connection, _channel_name(message.data))
        elif message.event == "pusher:ping":
            connection.send(PONG)
        elif message.event != "pusher:pong":
            raise ProtocolError("This server does not know this event.")

    def _subscribe(self, connection: Connection, data: Any) -> None:
        name = _channel_name(data)
        kind = kind_of(name)
        if kind is ChannelKind.CACHE:
            raise SubscriptionError(name, "Cache channels are not supported.", kind="NotOffered", status=403)
        member = self._check_signature(connection, name, kind, data) if kind.needs_signature else None
        self._check_capacity(connection, name)
        self._channels.subscribe(connection, name, member)

    def _check_capacity(self, connection: Connection, name: str) -> None:
        if self._channels.is_subscribed(connection, name):
            return
        if self._channels.subscriptions_of(connection) >= self._settings.max_subscriptions:
            raise _limit_reached(name, "This connection has too many subscriptions.")
        if self._channels.get(name) is None and len(self._channels) >= self._settings.max_channels:
            raise _limit_reached(name, "There are too many channels at the moment.")

    def _check_signature(
        self, connection: Connection, name: str, kind: ChannelKind, data: dict[str, Any]
    ) -> Member | None:
        """Check the signature, and return the member on a presence channel, else None.

        The signature covers `channel_data`, so `channel_data` is parsed only after the signature is proven.
        """
        auth, channel_data = data.get("auth"), data.get("channel_data") if kind is ChannelKind.PRESENCE else ""
        if not isinstance(auth, str) or not isinstance(channel_data, str):
            raise SubscriptionError(name, "This channel needs a signature.")
        expected = subscription_auth(
            self._settings.key, self._settings.secret, connection.socket_id, name, channel_data
        )
        if not constant_time_equal(auth, expected):
            raise SubscriptionError(name, "auth is not the signature for this socket and channel.")
        return member_from(name, channel_data) if kind is ChannelKind.PRESENCE else None

    def _relay(self, connection: Connection, message: ClientMessage) -> None:
        if not self._settings.client_events:
            raise _client_event_rejected("Client events are not enabled.")
        channel = message.channel or ""
        if not kind_of(channel).carries_client_events:
            raise _client_event_rejected("Client events go to private and presence channels only.")
        if not self._channels.is_subscribed(connection, channel):
            raise _client_event_rejected("Client events go to channels you are subscribed to.")
        if not is_event_name(message.event) or len(encode(message.data)) > MAX_DATA_BYTES:
            raise _client_event_rejected("This client event is too large.")
        if not connection.may_send_client_event():
            raise _client_event_rejected("More than ten client events a second.")
        self._channels.relay(connection, channel, message.event, message.data)


def _channel_name(data: Any) -> str:
    """Return the channel name in the data of a subscription or unsubscription. Raises `ProtocolError`."""
    name = data.get("channel") if isinstance(data, dict) else None
    if not isinstance(name, str):
        raise ProtocolError("A subscription needs an object with a channel.")
    if not is_channel_name(name):
        raise SubscriptionError(name[:_MAX_ECHO_LENGTH], "This is not a channel name.", kind="Invalid", status=400)
    return name


def _limit_reached(channel: str, message: str) -> SubscriptionError:
    return SubscriptionError(channel, message, kind="LimitReached", status=4004)


def _client_event_rejected(message: str) -> ProtocolError:
    return ProtocolError(message, Code.CLIENT_EVENT_REJECTED)
