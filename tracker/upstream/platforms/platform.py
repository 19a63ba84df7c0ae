"""What a platform must say of itself so that its restaurants' orders can be taken in.

docs/adding-a-platform.md shows a whole one. A platform knows nothing of HTTP servers, of the database, or of orders
that we already have: it recognises a request, and translates one body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from tracker.accounts.tokens import WebhookToken
from tracker.upstream.platform_events import ParsedNotice


@dataclass(frozen=True)
class WebhookRequest:
    """A request to a webhook address, as plain data."""

    headers: Mapping[str, str]
    """By their names in lower case."""
    read_body: Callable[[], bytes]

    @cached_property
    def body(self) -> bytes:
        """The whole body. It is read from the network only when it is asked for, so that a platform which authenticates
        by a header refuses a stranger before it takes in what they send."""
        return self.read_body()

    @property
    def bearer_token(self) -> str:
        """The token of `Authorization: Bearer …` (RFC 6750); an empty text without one."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Platform(Protocol):
    """A system that sends us orders by webhooks."""

    name: str
    """The platform's name in addresses, in commands and in the database: small letters, digits, `-` and `_`."""
    title: str
    """The platform's name as people write it."""
    events: tuple[str, ...]
    """The events that the operator must subscribe to, by the platform's own names for them."""
    setup: str
    """What the operator does at the platform with the webhook address and the token, in full sentences."""
    unauthenticated: str
    """The sentence with which a request is refused that does not carry the account's token."""

    def authenticate(self, request: WebhookRequest, token: WebhookToken) -> bool:
        """Return whether the request carries the account's token."""

    def parse_notice(self, body: bytes, *, currency: str) -> ParsedNotice:
        """Translate a body into platform events and the order that it describes.

        Amounts are in the currency that the body names, or else in `currency` (ISO 4217), which is the restaurant's.
        Nothing but the body is given, because a body that was kept is translated again when it is acted on later.
        Raises InvalidPayload for a body that is no notice of this platform.
        """
