"""The page of one order open in a real browser, on a real site, with an engine that the test controls."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.browser.controlled_engine import Engine
from tests.browser_sessions import signed_cookie
from tests.builders import a_customer, a_platform_account, some_details
from tests.machine.ports import free_port
from tracker import clock
from tracker.accounts.model import CustomerSession
from tracker.accounts.sign_in import start_session
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_platform
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.reports import Report

_CORRECT_CLOCK = timedelta()


_COUNT_TRIES = """() => {
    const connect = Pusher.Runtime.createWebSocket;
    window.tries = 0;
    Pusher.Runtime.createWebSocket = (url) => (window.tries += 1, connect(url));
}"""


@contextmanager
def served(app: Flask, port: int) -> Iterator[None]:
    """Serve the application on this port of this machine."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_browser_in(context: BrowserContext, app: Flask, token: str, address: str) -> None:
    """Sign a real browser in at this address, by the session with this token."""
    name, value = signed_cookie(app, token)
    context.add_cookies([{"name": name, "value": value, "url": address}])


@dataclass
class OpenOrder:
    """The open page of an order. The test can change the order without telling the page."""

    page: Page
    engine: Engine
    database: Database
    order_id: str
    address: str
    requests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    open_requests: int = 0

    def pass_time(self, seconds: float, *, step: float = 1) -> None:
        """Let the page's clock run, and wait after each step until all requests of the page have ended.

        Without this the clock would run ahead of a busy machine, and the page would treat a slow response as missing.
        """
        for _ in range(round(seconds / step)):
            self.page.clock.run_for(round(step * 1000))
            self.wait_for_responses()

    def stop_time(self) -> None:
        """Stop the page's clock, so that it runs only when a test moves it, however long this machine takes."""
        self.page.clock.pause_at(self.page.evaluate("Date.now() / 1000 + 1"))

    def wait_for_responses(self) -> None:
        """Wait until all requests of the page have ended."""
        while self.open_requests:
            self.page.wait_for_timeout(5)

    def act(self, operation: Callable[..., OrderEvent | None], *arguments: Any, **details: Any) -> int:
        """Run this operation of the platform on the order, publish nothing, and return the order's new version."""
        now = clock.now()
        report = Report(now, f"{now:%Y%m%d%H%M%S%f} b")
        with self.database.transaction() as session:
            order = session.get_one(Order, self.order_id)
            operation(order, *arguments, **details, report=report, now=now)
            return order.version

    def step(self, step: Callable[[Order, datetime], OrderEvent | None]) -> int:
        """Run this step on the order, publish nothing, and return the order's new version."""
        with self.database.transaction() as session:
            order = load_order_for_update(session, self.order_id)
            step(order, clock.now())
            return order.version

    def stored_order(self) -> Order:
        """Return the order as it is stored."""
        with self.database.read_session() as session:
            return load_order_for_update(session, self.order_id)

    def end_sessions(self) -> None:
        """End every session, so that the customer is signed out everywhere."""
        with self.database.transaction() as session:
            for row in session.query(CustomerSession):
                row.ended_at = clock.now()

    @property
    def list_address(self) -> str:
        """Return the address of the list of the customer's orders."""
        return self.address.rpartition("/")[0]

    def count_refetches(self) -> int:
        """Return how often the page has fetched its live region."""
        return sum(path.endswith("/live") for path in self.requests)

    def expect_connection(self, words: str) -> None:
        """Wait until the page's words about its connection match. Other tests check how long that may take."""
        expect(self.page.locator("#connection-words")).to_have_text(re.compile(words), timeout=20_000)

    def count_spoken(self) -> Callable[[], int]:
        """Return a function that counts how often a screen reader has been given something to read since now."""
        self.page.evaluate(
            """() => {
                window.spoken = 0;
                const observer = new MutationObserver((changes) => (window.spoken += changes.length));
                document.querySelectorAll("[aria-live]").forEach((one) => observer.observe(one, { childList: true }));
            }"""
        )
        return lambda: int(self.page.evaluate("window.spoken"))

    def seconds_until_it_connects(self) -> float:
        """Return how many seconds the page waits before it connects, by its own clock, which must be stopped."""
        self.page.evaluate(_COUNT_TRIES)
        start = self.page.evaluate("Date.now()")
        while not self.page.evaluate("window.tries"):
            self.pass_time(0.2, step=0.1)
        return float(self.page.evaluate("Date.now()") - start) / 1000

    def note(self, path: str, body: str | None) -> None:
        """Record a request of the page."""
        self.open_requests += 1
        self.requests.append(path)
        if body and "access_token=" in body:
            self.tokens.append(body.split("access_token=")[1])

    def note_end(self) -> None:
        """Record that a request of the page has succeeded or failed."""
        self.open_requests -= 1


@contextmanager
def open_order(
    browser: Browser,
    settings: Settings,
    url: str,
    *,
    go: bool = True,
    wrong_by: timedelta = _CORRECT_CLOCK,
    placed: Callable[[datetime], Order] | None = None,
) -> Iterator[OpenOrder]:
    """Open the page of an order for its customer and wait until it is live.

    The order is the result of `placed`, called with the present time; by default it is confirmed and due in half an
    hour. The clock of the customer's device is wrong by `wrong_by`.
    """
    port, database = free_port(), Database(url)
    address = f"http://localhost:{port}"
    app = create_app(settings.model_copy(update={"base_url": address}), database)
    order_id, token = _store_order(database, placed or _a_confirmed_order)
    context = browser.new_context(viewport={"width": 360, "height": 740})
    sign_browser_in(context, app, token, address)
    engine = Engine(context)
    page = context.new_page()
    opened = OpenOrder(page, engine, database, order_id, f"{address}/orders/{order_id}")
    page.on("request", lambda request: opened.note(request.url.removeprefix(address), request.post_data))
    page.on("requestfinished", lambda _: opened.note_end())
    page.on("requestfailed", lambda _: opened.note_end())
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("console", lambda message: opened.complaints.append(message.text) if "Policy" in message.text else None)
    with served(app, port):
        if go:
            page.clock.install(time=clock.now() + wrong_by)
            with page.expect_request_finished(lambda request: request.url.endswith("/live")):
                page.goto(opened.address)
            opened.expect_connection("^Live$")
        yield opened
        context.close()
    database.close()
    assert opened.complaints == []


def _store_order(database: Database, placed: Callable[[datetime], Order]) -> tuple[str, str]:
    now = clock.now()
    order = placed(now)
    with database.transaction() as session:
        session.add(order)
        session.flush()
        assert order.customer is not None
        return order.id, start_session(session, order.customer, remember=False, now=now)


def _a_confirmed_order(now: datetime) -> Order:
    report = Report(now, f"{now:%Y%m%d%H%M%S%f} a")
    details = some_details(placed_at=now, promised_at=now + timedelta(minutes=30))
    order = by_platform.place_order(a_platform_account(), "1", details, report=report, now=now).order
    order.customer = a_customer()
    by_platform.confirm_order(order, at=None, report=report, now=now)
    return order
