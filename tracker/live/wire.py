"""Who hears what: every event of an order as messages of the real-time contract."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message on one channel."""

    channel: str
    name: str
    data: dict[str, Any]
