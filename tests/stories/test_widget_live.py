"""A restaurant moves an order, and the shop's own page shows it: with a real engine and worker, over the API that
everybody uses."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hosts import Hosts, a_page, hosts
from tests.browser.other_sites import frames_of, wait_on_page
from tests.builders import an_own_order
from tests.site import Site, running_site
from tracker import clock
from tracker.accounts.model import Application, Customer, Restaurant
from tracker.accounts.registration import issue_secret

PATIENCE = 20_000


@pytest.fixture
def others() -> Iterator[Hosts]:
    with hosts() as made:
        yield made


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path, others: Hosts) -> Iterator[Site]:
    """The running site, which knows the shop's pages."""
    with running_site(sqlite_url, tmp_path) as site:
        with site.database.transaction() as session:
            session.get_one(Application, site.application.id).origins = [others.origin("shop")]
        yield site


def placed(site: Site) -> tuple[str, str]:
    """A new order, and the restaurant's secret."""
    with site.database.transaction() as session:
        restaurant = session.get_one(Restaurant, site.platform_account.restaurant.id)
        customer = session.get_one(Customer, site.customer.id)
        order = an_own_order(restaurant, customer=customer, placed_at=clock.now())
        kept, secret = issue_secret(restaurant, now=clock.now())
        session.add_all([order, kept])
        return order.id, secret


def call(site: Site, secret: str, path: str, **said: Any) -> dict[str, Any]:
    """What the API answers to this."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{site.url}/api/v1{path}", json.dumps(said).encode(), headers)  # noqa: S310  our own
    with urllib.request.urlopen(request) as response:  # noqa: S310  our own address
        return dict(json.load(response))


@pytest.mark.timeout(150)
def test_what_a_restaurant_says_over_the_api_is_seen_in_the_shop_a_moment_later(
    site: Site, others: Hosts, browser: Browser
) -> None:
    order_id, secret = placed(site)
    asked = {"key": site.application.key, "order_id": order_id, "scopes": ["status"], "origin": others.origin("shop")}
    token = call(site, secret, "/access_tokens", **asked)["access_token"]
    loader = f'<script type="module" src="{site.url}/embed/v1/order-status.js"></script>'
    page = browser.new_context().new_page()
    page.goto(others.put("shop", a_page(f'<order-status token="{token}"></order-status>', head=loader)))
    (frame,) = wait_on_page(page, lambda: frames_of(page), "the widget's frame")
    expect(frame.locator("#widget")).to_have_attribute("data-connection", "live", timeout=PATIENCE)
    expect(frame.locator("h1")).to_contain_text("Waiting for Bella Napoli")

    at_home = f"/restaurants/{site.platform_account.restaurant.id}/orders/{order_id}"
    call(site, secret, f"{at_home}/confirm", minutes=30)
    expect(frame.locator("h1")).to_contain_text("is making the order", timeout=PATIENCE)
    call(site, secret, f"{at_home}/progress", status="Out for delivery")

    expect(frame.locator("h1")).to_contain_text("on its way", timeout=PATIENCE)
    assert [event["detail"]["state"] for event in page.evaluate("watch.events")] == ["placed", "confirmed", "confirmed"]
