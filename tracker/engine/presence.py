"""The members of presence channels. Each member has one or more sockets."""

import json
from dataclasses import dataclass, field
from typing import Any

from tracker.engine.errors import SubscriptionError

MAX_MEMBERS = 100
MAX_USER_INFO_BYTES = 1_024
MAX_USER_ID_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a presence channel; all other members see `info`."""

    user_id: str
    info: Any = None


def member_from(channel: str, channel_data: str) -> Member:
    """Return the member in a signed `channel_data`. Raises `SubscriptionError` if it is malformed or too large."""
    try:
        data = json.loads(channel_data)
    except (ValueError, RecursionError):
        raise _invalid_member(channel, "channel_data is not valid JSON.") from None
    user_id = data.get("user_id") if isinstance(data, dict) else None
    if isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not isinstance(user_id, str) or not 1 <= len(user_id) <= MAX_USER_ID_LENGTH:
        raise _invalid_member(channel, f"user_id must be a string of 1 to {MAX_USER_ID_LENGTH} characters.")
    info = data.get("user_info")
    if len(json.dumps(info, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_USER_INFO_BYTES:
        raise _invalid_member(channel, f"user_info must not be larger than {MAX_USER_INFO_BYTES} bytes.")
    return Member(user_id, info)


def _invalid_member(channel: str, message: str) -> SubscriptionError:
    return SubscriptionError(channel, message, kind="InvalidMember", status=400)


@dataclass(slots=True)
class Roster:
    """The members of one channel, in the order in which they came. A member leaves with their last socket."""

    _members: dict[str, Member] = field(default_factory=dict)
    _sockets: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._members

    @property
    def user_ids(self) -> list[str]:
        return list(self._members)

    @property
    def is_full(self) -> bool:
        return len(self._members) >= MAX_MEMBERS

    def enter(self, member: Member) -> bool:
        """Count one more socket of this member. Return whether the member was absent before."""
        is_new = member.user_id not in self._members
        self._members.setdefault(member.user_id, member)
        self._sockets[member.user_id] = self._sockets.get(member.user_id, 0) + 1
        return is_new

    def leave(self, user_id: str) -> bool:
        """Count one socket less of this member. Return whether it was the last one."""
        self._sockets[user_id] -= 1
        if self._sockets[user_id]:
            return False
        del self._sockets[user_id], self._members[user_id]
        return True

    def presence_data(self) -> dict[str, Any]:
        """Return the `presence` object that a new subscriber gets in `subscription_succeeded`."""
        return {
            "ids": self.user_ids,
            "hash": {member.user_id: member.info for member in self._members.values()},
            "count": len(self),
        }
