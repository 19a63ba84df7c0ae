"""A restaurant confirms and progresses an order over the public API, and the widget on the shop's page shows it, with
a real engine and worker."""

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
    with hosts() as sites:
        yield sites


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path, others: Hosts) -> Iterator[Site]:
    """Run the site, with the shop as an origin of its application."""
    with running_site(sqlite_url, tmp_path) as site:
        with site.database.transaction() as session:
            session.get_one(Application, site.application.id).origins = [others.origin("shop")]
        yield site


def place_order(site: Site) -> tuple[str, str]:
    """Store a new order, and return its id and a secret of the restaurant."""
    with site.database.transaction() as session:
        restaurant = session.get_one(Restaurant, site.platform_account.restaurant.id)
        customer = session.get_one(Customer, site.customer.id)
        order = an_own_order(restaurant, customer=customer, placed_at=clock.now())
        stored_secret, secret = issue_secret(restaurant, now=clock.now())
        session.add_all([order, stored_secret])
        return order.id, secret


def call(site: Site, secret: str, path: str, **body: Any) -> dict[str, Any]:
    """Send this POST request to the API and return its response."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{site.url}/api/v1{path}", json.dumps(body).encode(), headers)  # noqa: S310  our own
    with urllib.request.urlopen(request) as response:  # noqa: S310  our own address
        return dict(json.load(response))


@pytest.mark.timeout(150)
def test_the_widget_shows_what_a_restaurant_does_over_the_api(site: Site, others: Hosts, browser: Browser) -> None:
    order_id, secret = place_order(site)
    grant = {"key": site.application.key, "order_id": order_id, "scopes": ["status"], "origin": others.origin("shop")}
    token = call(site, secret, "/access_tokens", **grant)["access_token"]
    loader = f'<script type="module" src="{site.url}/embed/v1/order-status.js"></script>'
    page = browser.new_context().new_page()
    page.goto(others.put("shop", a_page(f'<order-status token="{token}"></order-status>', head=loader)))
    (frame,) = wait_on_page(page, lambda: frames_of(page), "the widget's frame")
    expect(frame.locator("#widget")).to_have_attribute("data-connection", "live", timeout=PATIENCE)
    expect(frame.locator("h1")).to_contain_text("Waiting for Bella Napoli")

    order_path = f"/restaurants/{site.platform_account.restaurant.id}/orders/{order_id}"
    call(site, secret, f"{order_path}/confirm", minutes=30)
    expect(frame.locator("h1")).to_contain_text("is making the order", timeout=PATIENCE)
    call(site, secret, f"{order_path}/progress", status="Out for delivery")

    expect(frame.locator("h1")).to_contain_text("on its way", timeout=PATIENCE)
    assert [event["detail"]["state"] for event in page.evaluate("watch.events")] == [
        "placed",
        "confirmed",
        "confirmed",
    ]
