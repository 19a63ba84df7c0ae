"""The registry: which socket listens to which channel. Pure, so that it is tested without a network.

A channel exists while somebody listens to it. Every method does its work before it returns, so whatever is
published in an order is handed to each socket in that order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tracker.engine.errors import SubscriptionError
from tracker.engine.messages import event_frame, internal_frame
from tracker.engine.names import ChannelKind, kind_of
from tracker.engine.presence import Member, Roster


class Socket(Protocol):
    """Somebody who listens. `send` returns at once, never raises, and changes no subscription before it returns,
    however slow or dead the reader.
    """

    @property
    def socket_id(self) -> str: ...

    def send(self, frame: bytes) -> None: ...


@dataclass(slots=True)
class Channel:
    """One channel and those who listen to it; on a presence channel each socket stands for a member."""

    name: str
    sockets: dict[Socket, str | None] = field(default_factory=dict)
    roster: Roster | None = None

    def send(self, frame: bytes, *, exclude: str | None = None) -> None:
        """Hand a frame to every socket except the one with the id `but`."""
        for socket in self.sockets:
            if socket.socket_id != exclude:
                socket.send(frame)


class ChannelRegistry:
    """All channels that somebody listens to."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._channels_by_socket: dict[Socket, set[str]] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def get(self, name: str) -> Channel | None:
        """The channel, if anybody listens to it."""
        return self._channels.get(name)

    def occupied(self, prefix: str = "") -> Iterator[Channel]:
        """Every channel somebody listens to whose name starts with `prefix`."""
        return (channel for name, channel in self._channels.items() if name.startswith(prefix))

    def subscriptions_of(self, socket: Socket) -> int:
        """How many channels this socket listens to."""
        return len(self._channels_by_socket.get(socket, ()))

    def is_subscribed(self, socket: Socket, name: str) -> bool:
        """Whether this socket is subscribed to this channel."""
        return name in self._channels_by_socket.get(socket, ())

    def subscribe(self, socket: Socket, name: str, member: Member | None = None) -> None:
        """Let a socket listen (again: it is only told so again), tell it, and tell the others of a member.

        Raises `SubscriptionError` when a presence channel is full, or the socket is somebody else there.
        """
        channel = self._channels.get(name) or self.empty_channel(name)
        if socket in channel.sockets:
            _check_same_member(channel, socket, member)
            socket.send(_succeeded(channel))
            return
        _check_capacity(channel, member)

        self._channels[name] = channel
        self._channels_by_socket.setdefault(socket, set()).add(name)
        channel.sockets[socket] = member.user_id if member else None
        is_new = channel.roster is not None and member is not None and channel.roster.enter(member)
        socket.send(_succeeded(channel))
        if is_new and member:
            data = {"user_id": member.user_id, "user_info": member.info}
            channel.send(internal_frame("member_added", name, data), exclude=socket.socket_id)

    def unsubscribe(self, socket: Socket, name: str) -> None:
        """Let a socket no longer listen; nothing happens when it did not."""
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
        """The socket is gone, or as good as: it listens to nothing any more."""
        for name in tuple(self._channels_by_socket.get(socket, ())):
            self.unsubscribe(socket, name)
        self._channels_by_socket.pop(socket, None)

    def publish(self, name: str, event: str, data: object, *, exclude: str | None = None) -> None:
        """Send an event to all who listen, framed once, except to the socket with the id `but`."""
        channel = self._channels.get(name)
        if channel is not None:
            channel.send(event_frame(event, name, data), exclude=exclude)

    def relay(self, sender: Socket, name: str, event: str, data: object) -> None:
        """Pass a client's event on to the others, on a presence channel with who said it."""
        channel = self._channels[name]
        user_id = channel.sockets[sender]
        more = {} if user_id is None else {"user_id": user_id}
        channel.send(event_frame(event, name, data, **more), exclude=sender.socket_id)

    def empty_channel(self, name: str) -> Channel:
        """The channel as it is before anybody listens."""
        return Channel(name, roster=Roster() if kind_of(name) is ChannelKind.PRESENCE else None)


def _succeeded(channel: Channel) -> bytes:
    data = {} if channel.roster is None else {"presence": channel.roster.presence_data()}
    return internal_frame("subscription_succeeded", channel.name, data)


def _check_same_member(channel: Channel, socket: Socket, member: Member | None) -> None:
    if channel.sockets[socket] != (member.user_id if member else None):
        raise SubscriptionError(channel.name, "This socket is already somebody else here.", status=409)


def _check_capacity(channel: Channel, member: Member | None) -> None:
    if channel.roster is None or member is None or member.user_id in channel.roster:
        return
    if channel.roster.is_full:
        raise SubscriptionError(channel.name, "This channel is full.", kind="LimitReached", status=4004)
