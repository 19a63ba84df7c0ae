"""The live promise in a real browser: what a page became by listening is what a page freshly loaded is."""

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
"""The region, without what htmx notes on elements for itself."""


PAGES = {"the customer's": open_order, "a friend's": open_shared}
SAYS_NO_MORE_TO_A_FRIEND = {
    "rate_order": "the rating is the customer's",
    "adjust_order, again": "that something is asked is told, and not what",
    "ask_for_more_time": "the same",
}


@pytest.fixture(params=PAGES)
def it(request: pytest.FixtureRequest, browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """An order that nobody has answered yet, open in front of somebody, and live."""
    with PAGES[request.param](browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_page_that_only_listened_equals_a_page_freshly_loaded(it: OpenOrder, operation: str) -> None:
    before, act = OPERATIONS[operation]
    for step in before:
        it.engine.say("order_changed", version=it.step(step))
    wait_until_shown(it, it.kept().version)
    first = it.page.evaluate(SHOWN, "live")

    version = it.step(act)
    it.engine.say("order_changed", version=version)
    wait_until_shown(it, version)
    listened = it.page.evaluate(SHOWN, "live")
    it.page.reload()
    fresh = it.page.evaluate(SHOWN, "live")

    says_no_more = "/shared/" in it.address and operation in SAYS_NO_MORE_TO_A_FRIEND
    assert (without_marks(listened) == without_marks(first)) == says_no_more
    assert without_the_time(listened) == without_the_time(fresh)


def wait_until_shown(it: OpenOrder, version: int) -> None:
    """Return when the page shows this version of the order, and everything is in its place."""

    def is_shown() -> bool:
        it.page.wait_for_timeout(5)
        return it.page.get_attribute("#live", "data-version") == str(version)

    wait_for(is_shown, f"version {version} on the page")
    it.wait_for_answers()


def without_marks(shown: str) -> str:
    """Only what can be seen or heard."""
    return re.sub(r'data-version="[^"]*"', "", without_the_time(shown))


def without_the_time(shown: str) -> str:
    """A minute may go by between two looks."""
    return re.sub(r'data-etag="[^"]*"|\d+ minutes? left|in about \d+ minutes', "", shown)
