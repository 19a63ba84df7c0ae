"""A restaurant's console open in a real browser, on a real site, with an engine that the test controls."""

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
    """An engine that the test controls, for presence channels. It reports that no other member is present."""

    def _send(self, socket: WebSocketRoute, name: str, data: dict[str, Any], **more: str) -> None:
        no_members = {"presence": {"count": 0, "ids": [], "hash": {}}}
        super()._send(socket, name, no_members if name.endswith("subscription_succeeded") else data, **more)


@dataclass
class Kitchen:
    """A restaurant's console in one browser. The test can change orders without telling its pages."""

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
        """Return the address of the console's page of this order."""
        return f"{self.board}/orders/{order_id}"

    def place_order(self, **details: Any) -> str:
        """Store an order that was placed just now, publish nothing, and return its id."""
        with self.database.transaction() as session:
            restaurant = session.get_one(Restaurant, self.restaurant_id)
            customer = session.get_one(Customer, self.customer_id)
            order = an_own_order(restaurant, customer=customer, **{"placed_at": clock.now()} | details)
            session.add(order)
            return order.id

    def change_order(self, order_id: str, act: Callable[..., object], *arguments: Any, **more: Any) -> None:
        """Run this operation on the order, and publish nothing."""
        with self.database.transaction() as session:
            act(load_order_for_update(session, order_id), *arguments, **{"now": clock.now()} | more)

    def version(self, order_id: str) -> int:
        """Return the stored version of the order."""
        with self.database.read_session() as session:
            return load_order_for_update(session, order_id).version

    def publish(self, order_id: str) -> None:
        """Publish to every page that this order has changed."""
        self.engine.send_event("order_changed", order_id=order_id, version=self.version(order_id))

    def open(self, address: str, *, live: bool = True) -> Page:
        """Open this address in a new page of the same browser, whose errors are collected in `complaints`."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if "Policy" in line.text else None)
        if live:
            _go(page, address)
        else:
            page.goto(address)
        return page

    def wait_until_fresh(self, page: Page) -> None:
        """Wait until the page, without a reload, shows what a freshly loaded page shows.

        The server's clock stands still meanwhile. A page that receives no message refetches within a minute, but not
        when the minute ends.
        """
        fresh = self.context.new_page()
        end = time.monotonic() + 20
        while (shown := region_of(page)) != (expected := self._fresh(fresh, page.url)):
            assert time.monotonic() < end, f"{shown}\n\n{expected}"
            page.wait_for_timeout(50)
        fresh.close()

    def _fresh(self, page: Page, address: str) -> str:
        _go(page, address)
        return region_of(page)


def _go(page: Page, address: str) -> None:
    """Open the page, and wait until it is live and has refetched what may have changed before."""
    with page.expect_request_finished(lambda request: request.url.endswith("/live")):
        page.goto(address)
    wait_until_live(page)


def wait_until_live(page: Page) -> None:
    """Wait until the page is live."""
    expect(page.locator("#connection-words")).to_have_text("Live", timeout=20_000)


def region_of(page: Page) -> str:
    """Return the HTML of the live region without htmx's own attributes. Its ETag differs in each minute."""
    return _WITHOUT_MARKS.sub("", str(page.locator("#live").evaluate("one => one.outerHTML")))


@contextmanager
def a_kitchen(browser: Browser, settings: Settings, database_url: str, **context: Any) -> Iterator[Kitchen]:
    """Serve the site and yield its console in a browser of a tablet, in which the cook is signed in."""
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
    """Return the time so many minutes from now."""
    return clock.now() + timedelta(minutes=minutes)


def record_requests(page: Page) -> list[str]:
    """Return a list to which each later request of the page is added, as JSON of its method and its address."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(json.dumps([request.method, request.url])))
    return requests
