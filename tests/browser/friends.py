"""The page of a shared order, open for a friend who is not signed in, with an engine that the test controls."""

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
    """Open the shared page of an order as open_order() opens the customer's page, and wait until it is live."""
    with open_order(browser, settings, url, go=False, placed=placed) as it:
        it.page.context.clear_cookies()
        it.address = share(it, settings)
        if go:
            follow(it)
        yield it


def share(it: OpenOrder, settings: Settings) -> str:
    """Create a share link and return its address."""
    key = settings.secret_key.get_secret_value()
    with it.database.transaction() as session:
        order = load_order_for_update(session, it.order_id)
        link = share_order(order, [], "Sam", secret_key=key, now=clock.now())
        session.add(link)
    address = urlsplit(it.address)
    return f"{address.scheme}://{address.netloc}/shared/{share_link_secret(key, link.id)}"


def follow(it: OpenOrder) -> None:
    """Open the page, and wait until it is live and has refetched what may have changed before."""
    it.page.clock.install(time=clock.now())
    with it.page.expect_request_finished(lambda request: request.url.endswith("/live")):
        it.page.goto(it.address)
    it.expect_connection("^Live$")


def revoke_links(it: OpenOrder) -> None:
    """Revoke every share link, and publish nothing."""
    with it.database.transaction() as session:
        for link in session.query(ShareLink):
            link.revoked_at = clock.now()


def end_long_ago(it: OpenOrder) -> None:
    """Let the order have ended so long ago that no share link shows it any more, and publish nothing."""
    with it.database.transaction() as session:
        order = session.get_one(Order, it.order_id)
        order.ended_at = order.placed_at - (links_expire_at(order) - order.placed_at)
