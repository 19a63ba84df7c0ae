"""The list of orders in a real browser: how it updates itself, what it shows meanwhile, and what updates keep."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.pages import OpenOrder, open_order
from tracker.config import Settings
from tracker.orders.operations.by_platform import cancel_order, refund_order, reject_order

SECOND, MINUTE = 1000, 60_000


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Open the list of a customer with one confirmed order."""
    with open_order(browser, settings, sqlite_url, go=False) as opened:
        opened.page.clock.install()
        opened.page.goto(opened.list_address)
        opened.expect_connection("^Up to date at ")
        yield opened


# --- how fresh it is ---------------------------------------------------------------------------------------------


def test_the_list_refetches_by_itself_and_shows_when_it_did(it: OpenOrder) -> None:
    it.act(reject_order, reason="The oven is broken", at=None)

    it.page.clock.run_for(11 * SECOND)

    expect(it.page.get_by_role("heading", level=2)).to_have_text("Earlier")
    it.expect_connection("^Up to date at \\d\\d:\\d\\d")


def test_a_list_without_a_network_says_how_old_its_content_is(it: OpenOrder) -> None:
    it.page.context.set_offline(True)

    it.expect_connection("^Offline – showing what we knew at \\d\\d:\\d\\d")
    it.act(reject_order, reason="The oven is broken", at=None)
    it.page.context.set_offline(False)

    it.expect_connection("^Up to date")
    expect(it.page.get_by_role("heading", level=2)).to_have_text("Earlier")


def test_a_list_whose_server_does_not_answer_says_so_and_comes_back_by_itself(it: OpenOrder) -> None:
    it.page.route("**/orders/live", lambda route: route.abort())
    it.page.clock.run_for(11 * SECOND)
    it.expect_connection("^Offline – showing what we knew at ")
    it.page.clock.run_for(11 * SECOND)
    expect(it.page.locator("#said")).to_contain_text("Offline – showing what we knew at ")

    it.page.unroute("**/orders/live")
    it.page.clock.run_for(6 * SECOND)

    it.expect_connection("^Up to date")


def test_a_list_whose_customer_has_signed_out_says_so_and_stops_refetching(it: OpenOrder) -> None:
    it.end_sessions()

    it.page.clock.run_for(11 * SECOND)

    it.expect_connection("^You are signed out")
    it.page.clock.run_for(SECOND)
    expect(it.page.locator("#said")).to_have_text("You are signed out. This page no longer updates itself.")
    expect(it.page.get_by_role("link", name="Sign in")).to_have_attribute("href", "/sign-in?next=/orders")
    expect(it.page.get_by_role("button", name="Pause updates")).to_be_hidden()
    expect(it.page.locator(".card")).to_contain_text("Bella Napoli")
    refetches = len(it.requests)
    it.page.clock.run_for(5 * MINUTE)
    assert len(it.requests) == refetches


def test_a_hidden_list_does_not_refetch(it: OpenOrder) -> None:
    it.page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })")
    refetches = it.count_refetches()

    it.page.clock.run_for(2 * MINUTE)
    assert it.count_refetches() == refetches

    with it.page.expect_response("**/orders/live"):
        it.page.evaluate("delete document.visibilityState, document.dispatchEvent(new Event('visibilitychange'))")
    assert it.count_refetches() == refetches + 1


# --- pausing -------------------------------------------------------------------------------------------------------


def test_pausing_the_list_pauses_the_pages_of_the_orders_too(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Pause updates").click()
    it.expect_connection("^Paused – as of ")
    it.act(reject_order, reason="The oven is broken", at=None)
    it.page.clock.run_for(5 * MINUTE)
    expect(it.page.locator(".card")).to_contain_text("Being made")

    it.page.get_by_role("button", name="Resume").click()
    expect(it.page.get_by_role("heading", level=2)).to_have_text("Earlier")
    it.page.get_by_role("button", name="Pause updates").click()
    it.page.goto(it.address)

    it.expect_connection("^Paused")


# --- what an update keeps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("has_ended", "heading"), [(False, "Now"), (True, "Earlier")])
def test_an_update_of_the_list_does_not_take_the_focus(it: OpenOrder, has_ended: bool, heading: str) -> None:
    card = it.page.get_by_role("link", name="Bella Napoli A42")
    card.focus()

    it.act(refund_order, 650, ref="r1")
    if has_ended:
        it.act(cancel_order, at=None)
    with it.page.expect_response("**/orders/live"):
        it.page.clock.run_for(11 * SECOND)
    expect(it.page.get_by_role("heading", level=2)).to_have_text(heading)

    expect(card).to_be_focused()


def test_the_list_can_be_read_without_scripts(it: OpenOrder, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(it.page.context.cookies())
    page = context.new_page()

    page.goto(it.list_address)

    expect(page.locator(".card")).to_contain_text("Bella Napoli")
    expect(page.get_by_role("link", name="Refresh now")).to_have_attribute("href", "/orders")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)
    expect(page.get_by_text("Connecting…")).to_be_hidden()
    context.close()
