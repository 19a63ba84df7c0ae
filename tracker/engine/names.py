"""What channels, events and sockets may be called, and what a channel's prefix says about it."""

import re
from enum import Enum, auto
from typing import TypeGuard

MAX_EVENT_NAME_LENGTH = 200

_CHANNEL = re.compile(r"[A-Za-z0-9_\-=@,.;]{1,164}")
_SOCKET_ID = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")
_CACHE = re.compile(r"(private-encrypted-|private-|presence-)?cache-")


class ChannelKind(Enum):
    """Who may listen to a channel, and what more it does."""

    PUBLIC = auto()
    PRIVATE = auto()
    ENCRYPTED = auto()
    PRESENCE = auto()
    CACHE = auto()  # known, not offered

    @property
    def needs_signature(self) -> bool:
        return self is not ChannelKind.PUBLIC

    @property
    def carries_client_events(self) -> bool:
        return self in (ChannelKind.PRIVATE, ChannelKind.PRESENCE)


def kind_of(channel: str) -> ChannelKind:
    """The kind a valid name announces by its prefix."""
    if _CACHE.match(channel):
        return ChannelKind.CACHE
    if channel.startswith("presence-"):
        return ChannelKind.PRESENCE
    if channel.startswith("private-encrypted-"):
        return ChannelKind.ENCRYPTED
    return ChannelKind.PRIVATE if channel.startswith("private-") else ChannelKind.PUBLIC


def is_channel_name(name: object) -> TypeGuard[str]:
    """Claims nothing about the channel's existence: channels exist while somebody listens."""
    return isinstance(name, str) and _CHANNEL.fullmatch(name) is not None


def is_event_name(name: object) -> TypeGuard[str]:
    """At most 200 characters; `pusher:` and `pusher_internal:` belong to the protocol."""
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_EVENT_NAME_LENGTH:
        return False
    return not name.startswith(("pusher:", "pusher_internal:"))


def is_socket_id(text: object) -> TypeGuard[str]:
    """Two numbers and a dot: anything else could smuggle further fields into a signed text."""
    return isinstance(text, str) and _SOCKET_ID.fullmatch(text) is not None
