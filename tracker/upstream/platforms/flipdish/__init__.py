"""Flipdish, an ordering system for restaurants. It sends orders by webhooks.

Sources: https://developers.flipdish.com/docs/order-webhook-events for the events, and
https://developers.flipdish.com/docs/creating-webhooks for the token.
"""

from tracker.accounts.tokens import WebhookToken
from tracker.upstream.platform_events import ParsedNotice
from tracker.upstream.platforms.flipdish import notices
from tracker.upstream.platforms.platform import Platform, WebhookRequest


class Flipdish(Platform):
    """Flipdish's order webhooks, version 1."""

    name = "flipdish"
    title = "Flipdish"
    events: tuple[str, ...] = (
        "order.created",
        "order.accepted",
        "order.rejected",
        "order.refunded",
        "order.tip.updated",
        "order.rating.updated",
    )
    setup = (
        "In Flipdish's developer portal, make a webhook subscription with this address and this verify token, for "
        "these events. If the account has them, subscribe also to order.dispatched, "
        "order.deliverytracking.status.updated and order.fulfillment.status.updated. Customers sign in with the e-mail "
        "address of their Flipdish account."
    )
    unauthenticated = "X-Verify-Token is missing or is not the one of this address."

    def authenticate(self, request: WebhookRequest, token: WebhookToken) -> bool:
        """Return whether X-Verify-Token is the account's token. Flipdish sends the token itself and no signature."""
        return token.matches(request.headers.get("x-verify-token", ""))

    def parse_notice(self, body: bytes, *, currency: str) -> ParsedNotice:
        """Translate one notice; see notices.py."""
        return notices.parse_notice(body, currency=currency)
