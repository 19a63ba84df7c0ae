"""After every operation, a live page in a real browser equals a freshly loaded page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.friends import open_shared
from tests.browser.pages import OpenOrder, open_order
from tests.order_actions import OPERATIONS, an_own_order
from tests.site import wait_for
from tracker.config import Settings

SHOWN = """id => {
    const region = document.getElementById(id).cloneNode(true);
    for (const one of [region, ...region.querySelectorAll("*")]) {
        one.removeAttribute("data-htmx-powered");
        one.innerHTML.trim() || one.replaceChildren();
    }
    return region.outerHTML.replace(/ class=""/g, "").replace(/\\s+/g, " ");
}"""
"""JavaScript that returns the HTML of a region without htmx's own attributes."""


PAGES = {"the customer's": open_order, "a friend's": open_shared}
NOT_SEEN_BY_A_FRIEND = {
    "rate_order": "the rating is the customer's",
    "adjust_order, again": "a friend sees that there is a change, and not which",
    "ask_for_more_time": "a friend sees that there is a change, and not which",
}


@pytest.fixture(params=PAGES)
def it(request: pytest.FixtureRequest, browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Open a live page of an order that the restaurant has not answered yet."""
    with PAGES[request.param](browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_live_page_equals_a_freshly_loaded_page(it: OpenOrder, operation: str) -> None:
    before, act = OPERATIONS[operation]
    for step in before:
        it.engine.send_event("order_changed", version=it.step(step))
    wait_until_shown(it, it.stored_order().version)
    first = it.page.evaluate(SHOWN, "live")

    version = it.step(act)
    it.engine.send_event("order_changed", version=version)
    wait_until_shown(it, version)
    live_region = it.page.evaluate(SHOWN, "live")
    it.page.reload()
    fresh = it.page.evaluate(SHOWN, "live")

    is_not_seen = "/shared/" in it.address and operation in NOT_SEEN_BY_A_FRIEND
    assert (without_marks(live_region) == without_marks(first)) == is_not_seen
    assert without_the_time(live_region) == without_the_time(fresh)


def wait_until_shown(it: OpenOrder, version: int) -> None:
    """Wait until the page shows this version of the order and all of its requests have ended."""

    def is_shown() -> bool:
        it.page.wait_for_timeout(5)
        return it.page.get_attribute("#live", "data-version") == str(version)

    wait_for(is_shown, f"version {version} on the page")
    it.wait_for_responses()


def without_marks(shown: str) -> str:
    """Return the region without the attributes that nobody can see or hear."""
    return re.sub(r'data-version="[^"]*"', "", without_the_time(shown))


def without_the_time(shown: str) -> str:
    """Return the region without texts that differ if a minute passes between two looks."""
    return re.sub(r'data-etag="[^"]*"|\d+ minutes? left|in about \d+ minutes', "", shown)
