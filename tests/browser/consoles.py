"""A restaurant's console open in a real browser, on a real site, with an engine of which the test is the master."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.browser.controlled_engine import Engine
from tests.browser.pages import served, sign_browser_in
from tests.builders import a_customer, a_restaurant, an_own_order
from tests.machine.ports import free_port
from tracker import clock
from tracker.accounts.model import Customer, Restaurant, Role
from tracker.accounts.sign_in import start_session
from tracker.accounts.staff import add_staff_member
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.operations.storage import load_order_for_update

WHO = "cook@example.com"
TABLET = {"width": 1024, "height": 768}
_WITHOUT_MARKS = re.compile(r' data-htmx-powered="[^"]*"| class=""')


class PresenceEngine(Engine):
    """The same for a channel on which one also hears who else listens; here nobody does."""

    def _send(self, socket: WebSocketRoute, name: str, data: dict[str, Any], **more: str) -> None:
        nobody = {"presence": {"count": 0, "ids": [], "hash": {}}}
        super()._send(socket, name, nobody if name.endswith("subscription_succeeded") else data, **more)


@dataclass
class Kitchen:
    """A restaurant's console in one browser, and what the test can do behind its back."""

    context: BrowserContext
    engine: Engine
    database: Database
    app: Flask
    url: str
    restaurant_id: str
    customer_id: str
    complaints: list[str] = field(default_factory=list)

    @property
    def board(self) -> str:
        return f"{self.url}/console/{self.restaurant_id}"

    def address(self, order_id: str) -> str:
        """The console's page of this order."""
        return f"{self.board}/orders/{order_id}"

    def takes_in(self, **details: Any) -> str:
        """A new order, of which nobody tells the pages. It was placed a moment ago."""
        with self.database.transaction() as session:
            restaurant = session.get_one(Restaurant, self.restaurant_id)
            customer = session.get_one(Customer, self.customer_id)
            order = an_own_order(restaurant, customer=customer, **{"placed_at": clock.now()} | details)
            session.add(order)
            return order.id

    def happens(self, order_id: str, act: Callable[..., object], *arguments: Any, **more: Any) -> None:
        """Something is done to the order, and nobody tells the pages."""
        with self.database.transaction() as session:
            act(load_order_for_update(session, order_id), *arguments, **{"now": clock.now()} | more)

    def version(self, order_id: str) -> int:
        """The order's version as it is kept."""
        with self.database.read_session() as session:
            return load_order_for_update(session, order_id).version

    def tells(self, order_id: str) -> None:
        """Every page hears that something has happened to this order."""
        self.engine.say("order_changed", order_id=order_id, version=self.version(order_id))

    def open(self, address: str, *, live: bool = True) -> Page:
        """Another page of the same browser, on which this is shown; it complains to the test."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Policy" in said.text else None)
        if live:
            _go(page, address)
        else:
            page.goto(address)
        return page

    def stays_true(self, page: Page) -> None:
        """The page, which has only listened, comes to show what a freshly loaded one shows.

        The server's clock stands still meanwhile: a page that hears nothing asks again within a minute, not at its end.
        """
        fresh = self.context.new_page()
        end = time.monotonic() + 20
        while (shown := region_of(page)) != (there := self._fresh(fresh, page.url)):
            assert time.monotonic() < end, f"{shown}\n\n{there}"
            page.wait_for_timeout(50)
        fresh.close()

    def _fresh(self, page: Page, address: str) -> str:
        _go(page, address)
        return region_of(page)


def _go(page: Page, address: str) -> None:
    """Open the page, and wait until it is live and has looked whether it missed anything before that."""
    with page.expect_request_finished(lambda request: request.url.endswith("/live")):
        page.goto(address)
    is_live(page)


def is_live(page: Page) -> None:
    """Wait until the page hears of everything."""
    expect(page.locator("#connection-words")).to_have_text("Live", timeout=20_000)


def region_of(page: Page) -> str:
    """What the live part shows, without the marks that htmx leaves; its ETag says which minute it is of."""
    return _WITHOUT_MARKS.sub("", str(page.locator("#live").evaluate("one => one.outerHTML")))


@contextmanager
def a_kitchen(browser: Browser, settings: Settings, database_url: str, **context: Any) -> Iterator[Kitchen]:
    """The site, and a tablet on which its cook is signed in."""
    port, database = free_port(), Database(database_url)
    url = f"http://localhost:{port}"
    app = create_app(settings.model_copy(update={"base_url": url}), database)
    now = clock.now()
    with database.transaction() as session:
        restaurant, customer = a_restaurant(), a_customer()
        session.add_all([restaurant, customer])
        session.flush()
        member = add_staff_member(session, restaurant, WHO, Role.OWNER, now=now)
        session.flush()
        token = start_session(session, session.get_one(Customer, member.customer_id), remember=False, now=now)
    tablet = browser.new_context(**{"viewport": TABLET, "reduced_motion": "reduce"} | context)
    sign_browser_in(tablet, app, token, url)
    kitchen = Kitchen(tablet, PresenceEngine(tablet), database, app, url, restaurant.id, customer.id)
    with served(app, port):
        yield kitchen
        tablet.close()
    database.close()
    assert kitchen.complaints == []


def in_minutes(minutes: float) -> datetime:
    """The moment so many minutes from now."""
    return clock.now() + timedelta(minutes=minutes)


def asked_of(page: Page) -> list[str]:
    """From now on, whatever the page asks the server for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(json.dumps([request.method, request.url])))
    return asked
