"""The demo's shop, on a site of its own: it shows the order as a widget, and hands its customer over."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.demo.demonstration import a_demo, signed_in


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo whose kitchen is quiet."""
    with a_demo(tmp_path_factory.mktemp("shop")) as demo:
        demo.start("--quiet-kitchen")
        yield demo.wait_until_described()


def test_the_shop_shows_the_order_and_hands_its_customer_over(described: dict[str, Any]) -> None:
    [order] = [order for order in described["orders"] if "share_url" in order]
    shop = described["shop_url"]

    page = signed_in(shop)
    [token] = re.findall(r'<order-status token="([^"]+)"', page)
    asks = {"Authorization": f"Bearer {token}", "X-Embedded-In": shop}
    shown = signed_in(f"{described['base_url']}/embed/v1/order-status/region", headers=asks)
    arrived = signed_in(f"{shop}/order", b"", {"Origin": shop})

    assert token.startswith(f"{described['application_id']}.")
    assert "Bella Napoli" in shown
    assert f"/orders/{order['id']}/share" in arrived
    assert "Quattro formaggi" in signed_in(order["share_url"])
    assert described["application_key"] in signed_in(described["embed_url"])


def test_the_shops_page_asks_for_nothing_that_its_own_policy_forbids(described: dict[str, Any]) -> None:
    with urlopen(described["shop_url"], timeout=10) as response:  # noqa: S310  the demo's own address
        policy, page = response.headers["Content-Security-Policy"], response.read().decode()

    assert "img-src data:" in policy
    assert '<link rel="icon" href="data:,">' in page  # else a browser asks for /favicon.ico, and says that it may not


def test_another_sites_page_gets_nothing_of_the_shop(described: dict[str, Any]) -> None:
    for path in ("/token", "/order"):
        with pytest.raises(HTTPError, match="403"):
            signed_in(described["shop_url"] + path, b"", {"Origin": "https://elsewhere.example.com"})
