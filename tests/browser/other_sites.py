"""Our widget on pages of other people's sites, in a real browser, with an engine of which the test is the master."""

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
from tests.browser.request_log import Request, noting_requests
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
"""All of a frame is to be seen without scrolling."""
PHONE = {"width": 360, "height": 740}
FRAME = "/embed/v1/order-status/"


class CountingEngine(Engine):
    """The same, and it counts who has gone."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__(context)
        self._gone: set[int] = set()

    @property
    def listeners(self) -> int:
        """How many sockets are open."""
        return self.connections - len(self._gone)

    def _connect(self, socket: WebSocketRoute) -> None:
        super()._connect(socket)
        number = self.connections
        socket.on_close(lambda code, reason: self._gone.add(number))


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
    asked: list[Request] = field(default_factory=list)
    """Whatever our site was asked, by whichever page."""
    complaints: list[str] = field(default_factory=list)

    @property
    def loader(self) -> str:
        """The line that brings the element."""
        return f'<script type="module" nonce="{NONCE}" src="{self.url}/embed/v1/order-status.js"></script>'

    def token(self, *, host: str = "shop", lifetime: timedelta = MAX_STATUS_LIFETIME, order_id: str = "") -> str:
        """A token for the widget of the order on this site's pages."""
        order_id = order_id or self.order_id
        with self.database.transaction() as session:
            application = session.get_one(Application, self.application_id)
            order = session.get_one(Order, order_id)
            kept, token = grant_access(
                application,
                session.get_one(Customer, order.customer_id),
                lifetime=lifetime,
                now=clock.now(),
                order_id=order_id,
                restaurant_id=order.restaurant_id,
                scopes=(Scope.STATUS,),
                origin=self.hosts.origin(host),
            )
            session.add(kept)
            enable_status_channel(session, order_id)
        return token

    def share(self) -> str:
        """The secret of a share link to the order."""
        key = str(self.app.secret_key)
        with self.database.transaction() as session:
            order = load_order_for_update(session, self.order_id)
            link = share_order(order, [], None, secret_key=key, now=clock.now())
            session.add(link)
            return share_link_secret(key, link.id)

    def stops_sharing(self) -> None:
        """The customer stops every share link."""
        with self.database.transaction() as session:
            for link in session.scalars(select(ShareLink)):
                revoke_link(link, now=clock.now())

    def revokes(self) -> None:
        """The restaurant takes every token back."""
        with self.database.transaction() as session:
            revoke(session.scalars(select(AccessToken)).all(), now=clock.now())

    def tokens_end_in(self, lifetime: timedelta) -> datetime:
        """Every token that there is ends so soon, and the widgets know it; when. Had they been made so, a machine with
        much to do would not have the page open before."""
        ends = clock.now() + lifetime
        with self.database.transaction() as session:
            session.execute(update(AccessToken).values(ends_at=ends))
        self.engine.say("order_changed", version=self.version() + 1)
        return ends

    def pages_are_of(self, *names: str) -> None:
        """From now on the application's pages are of these sites."""
        with self.database.transaction() as session:
            application = session.get_one(Application, self.application_id)
            application.origins = [self.hosts.origin(name) for name in names]

    def happens(self, act: Callable[..., object], *arguments: Any, **more: Any) -> int:
        """Something is done to the order, and nobody tells the pages; the order's new version."""
        with self.database.transaction() as session:
            order = load_order_for_update(session, self.order_id)
            act(order, *arguments, **{"actor_name": "API", "now": clock.now()} | more)
            session.flush()
            return order.version

    def happens_and_is_heard(self, act: Callable[..., object], *arguments: Any, **more: Any) -> None:
        """The same, and every page hears of it."""
        self.engine.say("order_changed", version=self.happens(act, *arguments, **more))

    def version(self) -> int:
        """The order's version as it is kept."""
        with self.database.read_session() as session:
            return session.get_one(Order, self.order_id).version

    def another_order(self, short_code: str) -> str:
        """Another order of the same customer at the same restaurant, known by this code."""
        with self.database.transaction() as session:
            first = session.get_one(Order, self.order_id)
            customer = session.get_one(Customer, first.customer_id)
            restaurant = session.get_one(Restaurant, first.restaurant_id)
            order = an_own_order(restaurant, customer=customer, placed_at=clock.now(), short_code=short_code)
            session.add(order)
            return order.id

    def element(self, token: str | None = None, **attributes: str) -> str:
        """What is pasted into a page."""
        said = {"token": self.token() if token is None else token} | attributes
        attributes_said = " ".join(f'{name}="{value}"' for name, value in said.items())
        height = HEIGHTS[Layout(attributes.get("layout", "card"))]
        return f'<order-status {attributes_said}><svg display="block" width="1" height="{height}"></svg></order-status>'

    def open(self, html: str, *, name: str = "shop", path: str = "/", live: int = 1, **headers: str) -> Page:
        """A page of that site's, with this on it, when so many widgets have become live."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if is_complaint(said.text) else None)
        before = len(self.engine.asked)
        page.goto(self.hosts.put(name, html, path, **headers))
        waits_for(page, lambda: len(self.engine.asked) >= before + live, f"{live} widgets that listen")
        return page


def waits_for(page: Page, condition: Callable[[], Any], what: str) -> Any:
    """The first true answer of the condition, which asks this page; it goes on meanwhile."""

    def asked() -> Any:
        page.wait_for_timeout(5)
        return condition()

    return wait_for(asked, what)


def size_of(page: Page) -> dict[str, float]:
    """Of the place that the first widget takes on the page."""
    box = page.locator("order-status").first.bounding_box()
    assert box is not None
    return dict(box)


def events_of(page: Page, name: str = "") -> list[dict[str, Any]]:
    """The details of the events that the page has heard from its widgets; of this name."""
    heard = page.evaluate("watch.events")
    return [event["detail"] for event in heard if name in ("", event["name"])]


def is_complaint(text: str) -> bool:
    """Whether the browser says that something was refused by a page's policy."""
    return "Policy" in text or "Trusted" in text or "violates" in text


def frames_of(page: Page) -> list[Frame]:
    """The frames of our widgets on the page."""
    return [frame for frame in page.frames if FRAME in frame.url]


@contextmanager
def elsewhere(
    browser: Browser, settings: Settings, database_url: str, *, context: BrowserContext | None = None
) -> Iterator[Elsewhere]:
    """Everything, with an order that Bella Napoli has confirmed for in half an hour."""
    port, database = free_port(), Database(database_url)
    url = f"http://localhost:{port}"
    app = create_app(settings.model_copy(update={"base_url": url}), database)
    with hosts() as others:
        application_id, order_id, session_token = _kept(database, others)
        window = context or browser.new_context(viewport=PHONE, reduced_motion="reduce")
        sign_browser_in(window, app, session_token, url)
        made = Elsewhere(window, CountingEngine(window), others, database, app, url, order_id, application_id)
        with served(noting_requests(app, made.asked), port):  # type: ignore[arg-type]  # any application would do
            yield made
            window.close()
    database.close()
    assert made.complaints == []


def _kept(database: Database, others: Hosts) -> tuple[str, str, str]:
    now = clock.now()
    with database.transaction() as session:
        restaurant, customer = a_restaurant(), a_customer()
        application = register_application("Shop", [others.origin("shop"), others.origin("second")], now=now)
        order = an_own_order(restaurant, customer=customer, placed_at=now)
        session.add_all([restaurant, customer, application, order])
        session.flush()
        by_restaurant.confirm_order(order, now + timedelta(minutes=30), actor_name="API", now=now)
        return application.id, order.id, start_session(session, customer, remember=False, now=now)
