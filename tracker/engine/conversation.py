"""What clients say over the socket, and what follows from it."""

from typing import Any

from tracker.engine.channels import Channels
from tracker.engine.connection import Connection
from tracker.engine.errors import Code, Refusal, SubscriptionRefused
from tracker.engine.messages import LARGEST_DATA, PONG, Heard, encode, parse
from tracker.engine.names import Kind, is_channel_name, is_event_name, kind_of
from tracker.engine.presence import Member, member_from
from tracker.engine.settings import EngineSettings
from tracker.engine.signatures import same, subscription_auth

_LONGEST_ECHO = 164


class Conversation:
    """Answers every client by the same rules; whatever is wrong is a `Refusal`."""

    def __init__(self, settings: EngineSettings, channels: Channels) -> None:
        self._settings = settings
        self._channels = channels

    def hear(self, connection: Connection, text: str) -> None:
        """Do what one message asks for."""
        message = parse(text)
        if message.event.startswith("client-"):
            self._relay(connection, message)
        elif message.event == "pusher:subscribe":
            self._subscribe(connection, message.data)
        elif message.event == "pusher:unsubscribe":
            self._channels.unsubscribe(connection, _named(message.data))
        elif message.event == "pusher:ping":
            connection.send(PONG)
        elif message.event != "pusher:pong":
            raise Refusal("This server does not know this event.")

    def _subscribe(self, connection: Connection, data: Any) -> None:
        name = _named(data)
        kind = kind_of(name)
        if kind is Kind.CACHE:
            raise SubscriptionRefused(name, "Cache channels are not offered.", kind="NotOffered", status=403)
        member = self._permitted(connection, name, kind, data) if kind.needs_signature else None
        self._must_have_room(connection, name)
        self._channels.subscribe(connection, name, member)

    def _must_have_room(self, connection: Connection, name: str) -> None:
        if self._channels.listens(connection, name):
            return
        if self._channels.subscriptions_of(connection) >= self._settings.max_subscriptions:
            raise _no_room(name, "This connection has too many subscriptions.")
        if self._channels.get(name) is None and len(self._channels) >= self._settings.max_channels:
            raise _no_room(name, "There are too many channels at the moment.")

    def _permitted(self, connection: Connection, name: str, kind: Kind, data: dict[str, Any]) -> Member | None:
        """Check the signature; on a presence channel it covers the member, so only then is that read."""
        auth, channel_data = data.get("auth"), data.get("channel_data") if kind is Kind.PRESENCE else ""
        if not isinstance(auth, str) or not isinstance(channel_data, str):
            raise SubscriptionRefused(name, "This channel needs a signature.")
        expected = subscription_auth(
            self._settings.key, self._settings.secret, connection.socket_id, name, channel_data
        )
        if not same(auth, expected):
            raise SubscriptionRefused(name, "The signature is not right for this socket and channel.")
        return member_from(name, channel_data) if kind is Kind.PRESENCE else None

    def _relay(self, connection: Connection, message: Heard) -> None:
        if not self._settings.client_events:
            raise _client_event_refused("Client events are not enabled.")
        channel = message.channel or ""
        if not kind_of(channel).carries_client_events:
            raise _client_event_refused("Client events go to private and presence channels only.")
        if not self._channels.listens(connection, channel):
            raise _client_event_refused("Client events go to channels you are subscribed to.")
        if not is_event_name(message.event) or len(encode(message.data)) > LARGEST_DATA:
            raise _client_event_refused("This client event is too large.")
        if not connection.may_send_client_event():
            raise _client_event_refused("More than ten client events a second.")
        self._channels.relay(connection, channel, message.event, message.data)


def _named(data: Any) -> str:
    """The channel a (un)subscription is about. Raises `Refusal`."""
    name = data.get("channel") if isinstance(data, dict) else None
    if not isinstance(name, str):
        raise Refusal("A subscription needs an object with a channel.")
    if not is_channel_name(name):
        raise SubscriptionRefused(name[:_LONGEST_ECHO], "This is not a channel name.", kind="Invalid", status=400)
    return name


def _no_room(channel: str, message: str) -> SubscriptionRefused:
    return SubscriptionRefused(channel, message, kind="LimitReached", status=4004)


def _client_event_refused(message: str) -> Refusal:
    return Refusal(message, Code.CLIENT_EVENT_REFUSED)
