"""The interface that every platform implements. docs/adding-a-platform.md contains a complete example.

A platform authenticates a request and translates one body. It has no access to the HTTP server, the database, or the
orders that we already have.
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
    """The headers by their names in lower case."""
    read_body: Callable[[], bytes]

    @cached_property
    def body(self) -> bytes:
        """The whole body. It is read from the network on first access, so that a platform which authenticates by a
        header refuses a request without reading its body."""
        return self.read_body()

    @property
    def bearer_token(self) -> str:
        """The token of the header `Authorization: Bearer …` (RFC 6750); empty if there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Platform(Protocol):
    """A system that sends us orders by webhooks."""

    name: str
    """The platform's name in addresses, in commands and in the database: small letters, digits, `-` and `_`."""
    title: str
    """The platform's name for people."""
    events: tuple[str, ...]
    """The events that the operator must subscribe to, by the platform's own names for them."""
    setup: str
    """Instructions for the operator: what to do at the platform with the webhook address and the token."""
    unauthenticated: str
    """The error message for a request that does not contain the account's token."""

    def authenticate(self, request: WebhookRequest, token: WebhookToken) -> bool:
        """Return whether the request contains the account's token."""

    def parse_notice(self, body: bytes, *, currency: str) -> ParsedNotice:
        """Translate a body into platform events and the order that it describes.

        Amounts are in the currency that the body names, otherwise in `currency` (ISO 4217), the restaurant's. The
        method gets only the body, because a stored body is translated again when it is acted on later. Raises
        InvalidPayload for a body that is no notice of this platform.
        """
