"""Everything that each tier can open: the owner's page, the shared page and the widget, with their messages."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.browser_sessions import use_session
from tests.tiers.evening import SHOP, Evening
from tracker.accounts.tokens import PAGES_KEY
from tracker.database import Database
from tracker.live.wire import messages_of, order_channel, restaurant_channel, status_channel
from tracker.orders.model import Order, OrderEvent
from tracker.web.embed.theme import Layout

FRAME = "/embed/v1/order-status"
OK = 200
BROKEN = 500
_NONCE = re.compile(r"""nonce(-|=")[\w-]+""")

Shown = tuple[int, str]
"""The status of a response, and its headers and body as text."""
View = tuple[str, Callable[[], Shown]]
"""The name of an address or of the messages, and a function that returns what is there now."""


@dataclass
class Tier:
    """One kind of access to the evening's orders."""

    views: Callable[[], Iterator[View]]
    channels: set[str]
    """The channels for which the tier's tokens are authorised."""


@dataclass
class Visit:
    """The three tiers of access to the orders of an evening on a site."""

    app: Flask
    database: Database
    evening: Evening

    def tier(self, name: str) -> Tier:
        """Return the tier with this name: owner, guest or widget."""
        views = {"owner": self._owners, "guest": self._guests, "widget": self._widgets}[name]
        channels = {"owner": self._owners_channels, "guest": self._guests_channels, "widget": self._widgets_channels}
        opened = channels[name]()

        def all_views() -> Iterator[View]:
            yield from views()
            yield "messages", lambda: self._messages_on(opened)

        return Tier(all_views, opened)

    def _owners(self) -> Iterator[View]:
        client = self._owners_browser()
        yield from self._pages(client, ["/orders", "/orders/live"])
        for order_id in self.evening.orders:
            paths = ("", "/live", "/token", "/share")
            yield from self._pages(client, [f"/orders/{order_id}{path}" for path in paths])

    def _guests(self) -> Iterator[View]:
        client = self.app.test_client()
        for secret in self.evening.secrets:
            yield from self._pages(client, [f"/shared/{secret}{path}" for path in ("", "/live", "/token")])
            oembed = f"/oembed?url=http://localhost/shared/{secret}"
            yield from self._pages(client, [oembed, f"{oembed}&key={self.evening.key}"])

    def _widgets(self) -> Iterator[View]:
        client = self.app.test_client()
        for layout in Layout:
            look = f"?layout={layout.value}&lang=en"
            yield from self._pages(client, [f"{FRAME}/{self.evening.application}{look}"])
            for token in self.evening.tokens:
                headers = {"Authorization": f"Bearer {token}", "X-Embedded-In": SHOP}
                yield from self._pages(client, [f"{FRAME}/region{look}"], headers)

    def _pages(
        self, client: FlaskClient, addresses: list[str], headers: dict[str, str] | None = None
    ) -> Iterator[View]:
        for address in addresses:
            name = f"{address} {headers or ''}"
            yield name, lambda address=address: _shown(client.get(address, headers=headers))  # type: ignore[misc]

    def _owners_browser(self) -> FlaskClient:
        client = self.app.test_client()
        use_session(client, self.evening.browser)
        return client

    def _owners_channels(self) -> set[str]:
        client = self._owners_browser()
        tokens = [client.get(f"/orders/{order}/token").json["access_token"] for order in self.evening.orders]
        return self._opened(PAGES_KEY, tokens)

    def _guests_channels(self) -> set[str]:
        answers = [self.app.test_client().get(f"/shared/{secret}/token") for secret in self.evening.secrets]
        return self._opened(PAGES_KEY, [response.json["access_token"] for response in answers])

    def _widgets_channels(self) -> set[str]:
        return self._opened(self.evening.key, self.evening.tokens)

    def _opened(self, key: str, tokens: list[str]) -> set[str]:
        with self.database.read_session() as session:
            orders = [session.get_one(Order, order) for order in self.evening.orders]
            order_channels = [name(order.id) for order in orders for name in (order_channel, status_channel)]
            channels = {*order_channels, *(restaurant_channel(order.restaurant_id) for order in orders)}
        return {channel for token in tokens for channel in channels if self._may_listen(key, token, channel)}

    def _may_listen(self, key: str, token: str, channel: str) -> bool:
        form = {"socket_id": "1.2", "channel_name": channel, "access_token": token}
        response = self.app.test_client().post("/api/v1/pusher/auth", query_string={"key": key}, data=form)
        return response.status_code == OK

    def _messages_on(self, channels: set[str]) -> Shown:
        with self.database.read_session() as session:
            events = session.scalars(select(OrderEvent).order_by(OrderEvent.id)).all()
            try:
                messages = [message for event in events for message in messages_of(event)]
            except Exception as problem:  # if a changed value makes messages impossible
                return BROKEN, repr(problem)
        return OK, str([message for message in messages if message.channel in channels])


def _shown(response: TestResponse) -> Shown:
    with response:
        text = f"{response.headers}\n{response.get_data(as_text=True)}"
    return response.status_code, _NONCE.sub("nonce", text)
