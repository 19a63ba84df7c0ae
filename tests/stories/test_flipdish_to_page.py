"""The whole way of a notice: Flipdish posts one of its documented notices, and the customer's open page shows it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import Site, running_site

SEEDS = Path(__file__).parent.parent / "upstream" / "flipdish" / "seeds"
SECOND = 1000
PATIENCE = 15 * SECOND
"""Milliseconds. Other tests measure the delay; here it only has to be less than the two minutes until a refetch."""


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database_url, tmp_path) as site:
        yield site


def seed(name: str, *, wrapped: bool) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SEEDS / f"{name}.json").read_text())
    return {"Type": name, "CreateTime": "2026-11-20T18:00:00Z", "Body": body} if wrapped else body


def mark(page: Page) -> Page:
    """Set a mark on the page that a reload would remove, and return the page."""
    page.evaluate("window.mark = 'here'")
    return page


def was_never_reloaded(page: Page) -> bool:
    return bool(page.evaluate("window.mark === 'here'"))


@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "bare"])
def test_each_documented_notice_updates_the_open_page_without_a_reload(
    site: Site, browser: Browser, wrapped: bool
) -> None:
    my_orders = mark(site.open_orders(browser))
    expect(my_orders.get_by_role("link", name="Bella Napoli")).to_have_count(0)
    site.post(seed("order.created", wrapped=wrapped))
    expect(my_orders.get_by_role("link", name="Bella Napoli")).to_have_count(1, timeout=PATIENCE)
    assert was_never_reloaded(my_orders)

    page = mark(site.open_order(browser))
    expect(page.locator("#connection-words")).to_have_text("Live")
    headline, history = page.get_by_role("heading", level=1), page.locator("#history")
    expect(headline).to_have_text("Waiting for Bella Napoli to confirm your order")

    site.post(seed("order.accepted", wrapped=wrapped))
    expect(headline).to_have_text("Bella Napoli is making your order", timeout=PATIENCE)

    site.post(seed("order.tip.updated", wrapped=wrapped))
    expect(history).to_contain_text("tip", ignore_case=True, timeout=PATIENCE)

    site.post(seed("order.rating.updated", wrapped=wrapped))
    expect(page.get_by_text("3 of 5").first).to_be_visible(timeout=PATIENCE)

    site.post(seed("order.refunded", wrapped=wrapped))
    expect(history).to_contain_text("refund", ignore_case=True, timeout=PATIENCE)

    site.post(seed("order.rejected", wrapped=wrapped))
    expect(headline).to_have_text("Bella Napoli had to call your order off", timeout=PATIENCE)

    assert was_never_reloaded(page)
    for context in browser.contexts:
        context.close()
