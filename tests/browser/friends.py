"""A shared order open in front of a friend, who is not signed in, with an engine of which the test is the master."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.browser.pages import OpenOrder, open_order
from tracker import clock
from tracker.accounts.tokens import share_link_secret
from tracker.config import Settings
from tracker.orders.model import Order
from tracker.orders.operations.share_links import ShareLink, links_expire_at, share_order
from tracker.orders.operations.storage import load_order_for_update

DEAD = "This link doesn’t show an order (any more)"


@contextmanager
def open_shared(
    browser: Browser,
    settings: Settings,
    url: str,
    *,
    placed: Callable[[datetime], Order] | None = None,
    go: bool = True,
) -> Iterator[OpenOrder]:
    """The shared page of an order, live; of one like that of open_order()."""
    with open_order(browser, settings, url, go=False, placed=placed) as it:
        it.page.context.clear_cookies()
        it.address = shared(it, settings)
        if go:
            follow(it)
        yield it


def shared(it: OpenOrder, settings: Settings) -> str:
    """The address of a link that the customer has made."""
    key = settings.secret_key.get_secret_value()
    with it.database.transaction() as session:
        order = load_order_for_update(session, it.order_id)
        link = share_order(order, [], "Sam", secret_key=key, now=clock.now())
        session.add(link)
    there = urlsplit(it.address)
    return f"{there.scheme}://{there.netloc}/shared/{share_link_secret(key, link.id)}"


def follow(it: OpenOrder) -> None:
    """Open the page, and wait until it is live and has looked whether it missed anything."""
    it.page.clock.install(time=clock.now())
    with it.page.expect_request_finished(lambda request: request.url.endswith("/live")):
        it.page.goto(it.address)
    it.shows("^Live$")


def stop_links(it: OpenOrder) -> None:
    """The customer takes every link back. Nobody tells the page."""
    with it.database.transaction() as session:
        for link in session.query(ShareLink):
            link.revoked_at = clock.now()


def end_long_ago(it: OpenOrder) -> None:
    """The order ended so long ago that no link shows it any more. Nobody tells the page."""
    with it.database.transaction() as session:
        order = session.get_one(Order, it.order_id)
        order.ended_at = order.placed_at - (links_expire_at(order) - order.placed_at)
