"""The registry of channels: which socket is subscribed to which channel. It does no I/O, so tests need no network.

A channel exists while at least one socket is subscribed to it. Every method finishes its work before it returns, so
each socket gets events in the order in which they are published.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tracker.engine.errors import SubscriptionError
from tracker.engine.messages import event_frame, internal_frame
from tracker.engine.names import ChannelKind, kind_of
from tracker.engine.presence import Member, Roster


class Socket(Protocol):
    """A subscriber. `send` returns at once, never raises, and changes no subscription before it returns, even if the
    reader is slow or dead.
    """

    @property
    def socket_id(self) -> str: ...

    def send(self, frame: bytes) -> None: ...


@dataclass(slots=True)
class Channel:
    """One channel and its subscribers. On a presence channel each socket belongs to a member, named by `user_id`."""

    name: str
    sockets: dict[Socket, str | None] = field(default_factory=dict)
    roster: Roster | None = None

    def send(self, frame: bytes, *, exclude: str | None = None) -> None:
        """Send a frame to every socket except the one whose id is `exclude`."""
        for socket in self.sockets:
            if socket.socket_id != exclude:
                socket.send(frame)


class ChannelRegistry:
    """All channels that have subscribers."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._channels_by_socket: dict[Socket, set[str]] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def get(self, name: str) -> Channel | None:
        """Return the channel, or None if it has no subscribers."""
        return self._channels.get(name)

    def occupied(self, prefix: str = "") -> Iterator[Channel]:
        """Return every channel that has subscribers and a name that starts with `prefix`."""
        return (channel for name, channel in self._channels.items() if name.startswith(prefix))

    def subscriptions_of(self, socket: Socket) -> int:
        """Return the number of channels that this socket is subscribed to."""
        return len(self._channels_by_socket.get(socket, ()))

    def is_subscribed(self, socket: Socket, name: str) -> bool:
        """Return whether this socket is subscribed to this channel."""
        return name in self._channels_by_socket.get(socket, ())

    def subscribe(self, socket: Socket, name: str, member: Member | None = None) -> None:
        """Subscribe a socket, confirm it to the socket, and announce a new member to the other subscribers.

        A socket that is already subscribed only gets the confirmation again. Raises `SubscriptionError` if a presence
        channel is full, or if the socket is already subscribed to it as another member.
        """
        channel = self._channels.get(name) or self.empty_channel(name)
        if socket in channel.sockets:
            _check_same_member(channel, socket, member)
            socket.send(_succeeded_frame(channel))
            return
        _check_capacity(channel, member)

        self._channels[name] = channel
        self._channels_by_socket.setdefault(socket, set()).add(name)
        channel.sockets[socket] = member.user_id if member else None
        is_new = channel.roster is not None and member is not None and channel.roster.enter(member)
        socket.send(_succeeded_frame(channel))
        if is_new and member:
            data = {"user_id": member.user_id, "user_info": member.info}
            channel.send(internal_frame("member_added", name, data), exclude=socket.socket_id)

    def unsubscribe(self, socket: Socket, name: str) -> None:
        """Unsubscribe a socket. A socket that is not subscribed is ignored."""
        if not self.is_subscribed(socket, name):
            return
        self._channels_by_socket[socket].discard(name)
        channel = self._channels[name]
        user_id = channel.sockets.pop(socket)
        if not channel.sockets:
            del self._channels[name]
        elif channel.roster is not None and user_id is not None and channel.roster.leave(user_id):
            channel.send(internal_frame("member_removed", name, {"user_id": user_id}))

    def remove_socket(self, socket: Socket) -> None:
        """Unsubscribe a socket from all channels, because it is closed or about to be closed."""
        for name in tuple(self._channels_by_socket.get(socket, ())):
            self.unsubscribe(socket, name)
        self._channels_by_socket.pop(socket, None)

    def publish(self, name: str, event: str, data: object, *, exclude: str | None = None) -> None:
        """Send an event to all subscribers except the socket whose id is `exclude`. The event is framed only once."""
        channel = self._channels.get(name)
        if channel is not None:
            channel.send(event_frame(event, name, data), exclude=exclude)

    def relay(self, sender: Socket, name: str, event: str, data: object) -> None:
        """Send a client event to the other subscribers; on a presence channel with the sender's `user_id`."""
        channel = self._channels[name]
        user_id = channel.sockets[sender]
        extra = {} if user_id is None else {"user_id": user_id}
        channel.send(event_frame(event, name, data, **extra), exclude=sender.socket_id)

    def empty_channel(self, name: str) -> Channel:
        """Return a channel of this name without subscribers. It is not added to the registry."""
        return Channel(name, roster=Roster() if kind_of(name) is ChannelKind.PRESENCE else None)


def _succeeded_frame(channel: Channel) -> bytes:
    data = {} if channel.roster is None else {"presence": channel.roster.presence_data()}
    return internal_frame("subscription_succeeded", channel.name, data)


def _check_same_member(channel: Channel, socket: Socket, member: Member | None) -> None:
    if channel.sockets[socket] != (member.user_id if member else None):
        raise SubscriptionError(channel.name, "This socket is already subscribed as another member.", status=409)


def _check_capacity(channel: Channel, member: Member | None) -> None:
    if channel.roster is None or member is None or member.user_id in channel.roster:
        return
    if channel.roster.is_full:
        raise SubscriptionError(channel.name, "This channel is full.", kind="LimitReached", status=4004)
