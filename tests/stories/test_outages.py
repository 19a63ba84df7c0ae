"""A page catches up by itself, without a reload, after the engine, the worker or the customer's device was down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import Site, running_site
from tests.stories.test_flipdish_to_page import SECOND, mark, seed, was_never_reloaded

WAITING = "Waiting for Bella Napoli to confirm your order"
MAKING = "Bella Napoli is making your order"


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(sqlite_url, tmp_path) as site:
        site.post(seed("order.created", wrapped=True))
        yield site


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    page = mark(site.open_order(browser))
    expect(page.locator("#connection-words")).to_have_text("Live")
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    yield page
    assert was_never_reloaded(page)
    page.context.close()


def test_a_page_is_right_within_five_seconds_of_the_engines_return_after_half_a_minute(site: Site, page: Page) -> None:
    page.route("**/live", lambda route: route.abort())  # so that only the engine's return can update the page
    site.kill("engine")
    expect(page.locator("#connection-words")).not_to_have_text("Live", timeout=10 * SECOND)
    site.post(seed("order.accepted", wrapped=True))
    page.wait_for_timeout(30 * SECOND)
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)

    page.unroute("**/live")
    site.start("engine")
    site.wait_until_up()

    expect(page.get_by_role("heading", level=1)).to_have_text(MAKING, timeout=5 * SECOND)
    expect(page.locator("#connection-words")).to_have_text("Live", timeout=10 * SECOND)


def test_without_the_engine_a_page_is_at_most_fifteen_seconds_behind(site: Site, page: Page) -> None:
    site.kill("engine")
    expect(page.locator("#connection-words")).not_to_have_text("Live", timeout=10 * SECOND)

    site.post(seed("order.accepted", wrapped=True))

    expect(page.get_by_role("heading", level=1)).to_have_text(MAKING, timeout=15 * SECOND)


def test_a_page_that_never_reached_the_engine_is_at_most_fifteen_seconds_behind(site: Site, browser: Browser) -> None:
    site.kill("engine")
    page = mark(site.open_order(browser))

    site.post(seed("order.accepted", wrapped=True))

    expect(page.get_by_role("heading", level=1)).to_have_text(MAKING, timeout=15 * SECOND)
    page.context.close()


def test_a_page_whose_device_slept_is_right_within_five_seconds_of_waking(site: Site, page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    site.kill("engine")  # the socket of a machine that sleeps is dead when it wakes
    site.post(seed("order.accepted", wrapped=True))
    site.start("engine")
    site.wait_until_up()

    devtools.send("Page.setWebLifecycleState", {"state": "active"})

    expect(page.get_by_role("heading", level=1)).to_have_text(MAKING, timeout=5 * SECOND)
    expect(page.locator("#connection-words")).to_have_text("Live", timeout=10 * SECOND)


def test_events_from_while_the_worker_was_down_are_published_when_it_is_back(site: Site, page: Page) -> None:
    site.kill("work")
    site.post(seed("order.accepted", wrapped=True))
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)

    site.start("work")

    expect(page.get_by_role("heading", level=1)).to_have_text(MAKING, timeout=5 * SECOND)


def test_a_page_without_javascript_shows_the_order_and_reloads_by_itself(site: Site, browser: Browser) -> None:
    page = site.open_order(browser, java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_text(WAITING)
    expect(page.get_by_text("Item 1")).to_be_visible()

    site.post(seed("order.accepted", wrapped=True))

    expect(page.get_by_role("heading", level=1)).to_have_text(MAKING, timeout=40 * SECOND)
    page.context.close()
