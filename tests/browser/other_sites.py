"""Our widget on pages of other sites, in a real browser, with an engine that the test controls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Frame, Page, WebSocketRoute
from sqlalchemy import select, update

from tests.browser.controlled_engine import Engine
from tests.browser.hosts import NONCE, Hosts, hosts
from tests.browser.pages import served, sign_browser_in
from tests.browser.request_log import Request, recording_requests
from tests.builders import a_customer, a_restaurant, an_own_order
from tests.machine.ports import free_port
from tests.site import wait_for
from tracker import clock
from tracker.accounts.access_tokens import MAX_STATUS_LIFETIME, grant_access, revoke
from tracker.accounts.model import AccessToken, Application, Customer, Restaurant, Scope
from tracker.accounts.registration import register_application
from tracker.accounts.sign_in import start_session
from tracker.accounts.tokens import share_link_secret
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.share_links import ShareLink, enable_status_channel, revoke_link, share_order
from tracker.orders.operations.storage import load_order_for_update
from tracker.web.embed.theme import HEIGHTS, Layout

LAYOUTS = ("line", "card", "full")
FITS = "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
"""JavaScript condition: all of a frame can be seen without scrolling."""
PHONE = {"width": 360, "height": 740}
FRAME = "/embed/v1/order-status/"


class CountingEngine(Engine):
    """An engine that the test controls and that counts its open sockets."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__(context)
        self._closed: set[int] = set()

    @property
    def listeners(self) -> int:
        """Return how many sockets are open."""
        return self.connections - len(self._closed)

    def _connect(self, socket: WebSocketRoute) -> None:
        super()._connect(socket)
        number = self.connections
        socket.on_close(lambda code, reason: self._closed.add(number))


@dataclass
class Elsewhere:
    """A browser with pages of other sites, our own site, and one order that a widget shows there."""

    context: BrowserContext
    engine: CountingEngine
    hosts: Hosts
    database: Database
    app: Flask
    url: str
    order_id: str
    application_id: str
    requests: list[Request] = field(default_factory=list)
    """All requests to our site, by any page."""
    complaints: list[str] = field(default_factory=list)

    @property
    def loader(self) -> str:
        """Return the script tag that defines the element."""
        return f'<script type="module" nonce="{NONCE}" src="{self.url}/embed/v1/order-status.js"></script>'

    def token(self, *, host: str = "shop", lifetime: timedelta = MAX_STATUS_LIFETIME, order_id: str = "") -> str:
        """Grant an access token for the widget of this order on pages of this site, and return it."""
        order_id = order_id or self.order_id
        with self.database.transaction() as session:
            application = session.get_one(Application, self.application_id)
            order = session.get_one(Order, order_id)
            access_token, secret = grant_access(
                application,
                session.get_one(Customer, order.customer_id),
                lifetime=lifetime,
                now=clock.now(),
                order_id=order_id,
                restaurant_id=order.restaurant_id,
                scopes=(Scope.STATUS,),
                origin=self.hosts.origin(host),
            )
            session.add(access_token)
            enable_status_channel(session, order_id)
        return secret

    def share(self) -> str:
        """Create a share link to the order and return its secret."""
        key = str(self.app.secret_key)
        with self.database.transaction() as session:
            order = load_order_for_update(session, self.order_id)
            link = share_order(order, [], None, secret_key=key, now=clock.now())
            session.add(link)
            return share_link_secret(key, link.id)

    def revoke_links(self) -> None:
        """Revoke every share link, as the customer does."""
        with self.database.transaction() as session:
            for link in session.scalars(select(ShareLink)):
                revoke_link(link, now=clock.now())

    def revoke_tokens(self) -> None:
        """Revoke every access token, as the restaurant does."""
        with self.database.transaction() as session:
            revoke(session.scalars(select(AccessToken)).all(), now=clock.now())

    def shorten_tokens(self, lifetime: timedelta) -> datetime:
        """Let every token end after this time, publish a change so that widgets learn it, and return the end.

        Tokens that were granted for so short a time would end on a busy machine before the page is open.
        """
        ends = clock.now() + lifetime
        with self.database.transaction() as session:
            session.execute(update(AccessToken).values(ends_at=ends))
        self.engine.send_event("order_changed", version=self.version() + 1)
        return ends

    def set_origins(self, *names: str) -> None:
        """Set the application's origins to these sites."""
        with self.database.transaction() as session:
            application = session.get_one(Application, self.application_id)
            application.origins = [self.hosts.origin(name) for name in names]

    def change_order(self, act: Callable[..., object], *arguments: Any, **more: Any) -> int:
        """Run this operation on the order, publish nothing, and return the order's new version."""
        with self.database.transaction() as session:
            order = load_order_for_update(session, self.order_id)
            act(order, *arguments, **{"actor_name": "API", "now": clock.now()} | more)
            session.flush()
            return order.version

    def change_and_publish(self, act: Callable[..., object], *arguments: Any, **more: Any) -> None:
        """Run this operation on the order and publish it to every page."""
        self.engine.send_event("order_changed", version=self.change_order(act, *arguments, **more))

    def version(self) -> int:
        """Return the stored version of the order."""
        with self.database.read_session() as session:
            return session.get_one(Order, self.order_id).version

    def place_another_order(self, short_code: str) -> str:
        """Store another order with this code, of the same customer at the same restaurant, and return its id."""
        with self.database.transaction() as session:
            first = session.get_one(Order, self.order_id)
            customer = session.get_one(Customer, first.customer_id)
            restaurant = session.get_one(Restaurant, first.restaurant_id)
            order = an_own_order(restaurant, customer=customer, placed_at=clock.now(), short_code=short_code)
            session.add(order)
            return order.id

    def element(self, token: str | None = None, **attributes: str) -> str:
        """Return the HTML that a site owner pastes into a page."""
        values = {"token": self.token() if token is None else token} | attributes
        html_attributes = " ".join(f'{name}="{value}"' for name, value in values.items())
        height = HEIGHTS[Layout(attributes.get("layout", "card"))]
        return f'<order-status {html_attributes}><svg display="block" width="1" height="{height}"></svg></order-status>'

    def open(self, html: str, *, name: str = "shop", path: str = "/", live: int = 1, **headers: str) -> Page:
        """Open a page of this site with this HTML, and return it when so many widgets have subscribed."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if is_complaint(line.text) else None)
        before = len(self.engine.subscriptions)
        page.goto(self.hosts.put(name, html, path, **headers))
        wait_on_page(page, lambda: len(self.engine.subscriptions) >= before + live, f"{live} widgets to subscribe")
        return page


def wait_on_page(page: Page, condition: Callable[[], Any], what: str) -> Any:
    """Return the first true result of the condition, and let the events of this page be handled meanwhile."""

    def checked() -> Any:
        page.wait_for_timeout(5)
        return condition()

    return wait_for(checked, what)


def size_of(page: Page) -> dict[str, float]:
    """Return the position and size of the first widget on the page."""
    box = page.locator("order-status").first.bounding_box()
    assert box is not None
    return dict(box)


def events_of(page: Page, name: str = "") -> list[dict[str, Any]]:
    """Return the details of the events that the page has received from its widgets, all or those of this name."""
    events = page.evaluate("watch.events")
    return [event["detail"] for event in events if name in ("", event["name"])]


def is_complaint(text: str) -> bool:
    """Return whether this line of the browser's console reports that a page's policy was violated."""
    return "Policy" in text or "Trusted" in text or "violates" in text


def frames_of(page: Page) -> list[Frame]:
    """Return the frames of our widgets on the page."""
    return [frame for frame in page.frames if FRAME in frame.url]


@contextmanager
def elsewhere(
    browser: Browser, settings: Settings, database_url: str, *, context: BrowserContext | None = None
) -> Iterator[Elsewhere]:
    """Serve our site and the other sites, with an order that Bella Napoli has confirmed for in half an hour."""
    port, database = free_port(), Database(database_url)
    url = f"http://localhost:{port}"
    app = create_app(settings.model_copy(update={"base_url": url}), database)
    with hosts() as others:
        application_id, order_id, session_token = _store_order(database, others)
        window = context or browser.new_context(viewport=PHONE, reduced_motion="reduce")
        sign_browser_in(window, app, session_token, url)
        sites = Elsewhere(window, CountingEngine(window), others, database, app, url, order_id, application_id)
        with served(recording_requests(app, sites.requests), port):  # type: ignore[arg-type]  # any application would do
            yield sites
            window.close()
    database.close()
    assert sites.complaints == []


def _store_order(database: Database, others: Hosts) -> tuple[str, str, str]:
    now = clock.now()
    with database.transaction() as session:
        restaurant, customer = a_restaurant(), a_customer()
        application = register_application("Shop", [others.origin("shop"), others.origin("second")], now=now)
        order = an_own_order(restaurant, customer=customer, placed_at=now)
        session.add_all([restaurant, customer, application, order])
        session.flush()
        by_restaurant.confirm_order(order, now + timedelta(minutes=30), actor_name="API", now=now)
        return application.id, order.id, start_session(session, customer, remember=False, now=now)
