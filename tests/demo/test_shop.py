"""The demo's shop, on a site of its own: it shows the order as a widget, and signs its customer in with a ticket."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.demo.demonstration import a_demo, fetch_signed_in


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Yield the description of a demo whose kitchen is quiet."""
    with a_demo(tmp_path_factory.mktemp("shop")) as demo:
        demo.start("--quiet-kitchen")
        yield demo.wait_until_described()


def test_the_shop_shows_the_order_and_hands_its_customer_over(description: dict[str, Any]) -> None:
    [order] = [order for order in description["orders"] if "share_url" in order]
    shop = description["shop_url"]

    page = fetch_signed_in(shop)
    [token] = re.findall(r'<order-status token="([^"]+)"', page)
    asks = {"Authorization": f"Bearer {token}", "X-Embedded-In": shop}
    shown = fetch_signed_in(f"{description['base_url']}/embed/v1/order-status/region", headers=asks)
    arrived = fetch_signed_in(f"{shop}/order", b"", {"Origin": shop})

    assert token.startswith(f"{description['application_id']}.")
    assert "Bella Napoli" in shown
    assert f"/orders/{order['id']}/share" in arrived
    assert "Quattro formaggi" in fetch_signed_in(order["share_url"])
    assert description["application_key"] in fetch_signed_in(description["embed_url"])


def test_the_shops_page_asks_for_nothing_that_its_own_policy_forbids(description: dict[str, Any]) -> None:
    with urlopen(description["shop_url"], timeout=10) as response:  # noqa: S310  the demo's own address
        policy, page = response.headers["Content-Security-Policy"], response.read().decode()

    assert "img-src data:" in policy
    # Without an icon the browser asks for /favicon.ico and reports that the policy forbids it.
    assert '<link rel="icon" href="data:,">' in page


def test_another_sites_page_gets_nothing_of_the_shop(description: dict[str, Any]) -> None:
    for path in ("/token", "/order"):
        with pytest.raises(HTTPError, match="403"):
            fetch_signed_in(description["shop_url"] + path, b"", {"Origin": "https://elsewhere.example.com"})
