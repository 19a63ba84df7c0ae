"""The valid names of channels, events and sockets, and the kinds of channels that the prefixes of names define."""

import re
from enum import Enum, auto
from typing import TypeGuard

MAX_EVENT_NAME_LENGTH = 200

_CHANNEL = re.compile(r"[A-Za-z0-9_\-=@,.;]{1,164}")
_SOCKET_ID = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")
_CACHE = re.compile(r"(private-encrypted-|private-|presence-)?cache-")


class ChannelKind(Enum):
    """The kinds of channels, which differ in who may subscribe and in what they offer."""

    PUBLIC = auto()
    PRIVATE = auto()
    ENCRYPTED = auto()
    PRESENCE = auto()
    CACHE = auto()  # recognised, but refused

    @property
    def needs_signature(self) -> bool:
        return self is not ChannelKind.PUBLIC

    @property
    def carries_client_events(self) -> bool:
        return self in (ChannelKind.PRIVATE, ChannelKind.PRESENCE)


def kind_of(channel: str) -> ChannelKind:
    """Return the kind of channel that a valid name has by its prefix."""
    if _CACHE.match(channel):
        return ChannelKind.CACHE
    if channel.startswith("presence-"):
        return ChannelKind.PRESENCE
    if channel.startswith("private-encrypted-"):
        return ChannelKind.ENCRYPTED
    return ChannelKind.PRIVATE if channel.startswith("private-") else ChannelKind.PUBLIC


def is_channel_name(name: object) -> TypeGuard[str]:
    """Return whether this is a valid channel name. A channel of that name need not exist."""
    return isinstance(name, str) and _CHANNEL.fullmatch(name) is not None


def is_event_name(name: object) -> TypeGuard[str]:
    """Return whether an event may have this name: at most 200 characters, and no prefix that the protocol reserves."""
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_EVENT_NAME_LENGTH:
        return False
    return not name.startswith(("pusher:", "pusher_internal:"))


def is_socket_id(text: object) -> TypeGuard[str]:
    """Return whether this is two numbers with a dot between. Other text could add fields to a signed text."""
    return isinstance(text, str) and _SOCKET_ID.fullmatch(text) is not None
