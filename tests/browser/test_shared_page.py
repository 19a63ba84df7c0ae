"""The shared page in a real browser: it is live, everybody can use it, and it disappears with its link."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.friends import DEAD, end_long_ago, follow, open_shared, revoke_links
from tests.browser.pages import OpenOrder
from tests.order_actions import ADJUST, CONFIRM, an_own_order
from tracker.config import Settings

SECOND = 1000


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Open the live shared page of an order that the restaurant has not answered yet."""
    with open_shared(browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


def is_gone(it: OpenOrder) -> None:
    """Check that the page explains that the link shows no order any more, and shows nothing of the order."""
    expect(it.page.get_by_role("heading", level=1)).to_have_text(DEAD)
    expect(it.page.get_by_text("Margherita")).to_have_count(0)
    expect(it.page.locator("#connection")).to_have_count(0)


def test_a_friend_follows_the_order_live_without_being_signed_in(it: OpenOrder) -> None:
    it.engine.send_event("order_changed", version=it.step(CONFIRM))

    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making the order")
    expect(it.page.locator("#said")).to_contain_text("Bella Napoli is making the order. Expected")
    expect(it.page).to_have_title("Bella Napoli is making the order")
    assert {subscription["channel"] for subscription in it.engine.subscriptions} == {f"private-s-{it.order_id}"}


def test_a_change_that_the_customer_must_answer_does_not_interrupt_a_friend(it: OpenOrder) -> None:
    it.engine.send_event("order_changed", version=it.step(ADJUST))

    expect(it.page.locator("h1")).to_have_text("Bella Napoli has asked about a change to the order")
    expect(it.page.locator("#said")).to_contain_text("has asked about a change")
    expect(it.page.locator("#said-at-once")).to_have_text("")


@pytest.mark.parametrize("invalidate", [revoke_links, end_long_ago])
def test_when_the_link_ends_the_open_page_disappears_within_half_a_minute_without_a_message(
    it: OpenOrder, invalidate: object
) -> None:
    invalidate(it)

    it.page.clock.run_for(31 * SECOND)

    is_gone(it)


def test_a_paused_page_disappears_with_its_link_as_well(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Pause updates").click()
    it.expect_connection("^Paused")
    revoke_links(it)

    it.page.clock.run_for(31 * SECOND)

    is_gone(it)


def test_a_page_without_a_connection_disappears_with_its_link_as_well(it: OpenOrder) -> None:
    it.engine.break_down()
    it.expect_connection("^Reconnecting")
    revoke_links(it)

    it.page.clock.run_for(11 * SECOND)

    is_gone(it)


def test_going_back_to_a_page_whose_link_has_ended_shows_nothing_of_the_order(it: OpenOrder) -> None:
    it.page.goto("about:blank")
    revoke_links(it)

    it.page.go_back()

    is_gone(it)


def test_a_page_that_is_open_for_long_stays_subscribed_with_a_new_token(it: OpenOrder) -> None:
    it.pass_time(600, step=5)
    it.engine.break_down()
    it.expect_connection("^Reconnecting")
    it.engine.is_up = True

    it.expect_connection("^Live$")
    assert len(set(it.tokens)) == 2


def test_the_keyboard_alone_reaches_every_link_and_button(it: OpenOrder) -> None:
    reached = []
    for _ in range(2):
        it.page.keyboard.press("Tab")
        reached.append(it.page.evaluate("document.activeElement.textContent.trim()"))
        assert it.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    assert reached == ["Skip to content", "Pause updates"]
    it.page.keyboard.press("Enter")
    it.expect_connection("^Paused")


def test_without_scripts_a_friend_can_read_and_refresh_the_page(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with open_shared(browser, settings, sqlite_url, placed=an_own_order, go=False) as it:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(it.address)
        it.step(CONFIRM)

        page.get_by_role("link", name="Refresh now").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Bella Napoli is making the order")
        expect(page.get_by_text("€34.50")).to_be_visible()
        expect(page.get_by_text("Connecting…")).to_be_hidden()
        page.context.close()


def test_a_printed_page_has_the_state_the_lines_and_the_total(it: OpenOrder) -> None:
    it.page.emulate_media(media="print")

    for selector in ("h1", "#lines", "#total"):
        expect(it.page.locator(selector)).to_be_visible()
    for selector in ("#connection", "#timeline"):
        expect(it.page.locator(selector)).to_be_hidden()


def test_no_request_of_the_page_has_a_referrer(browser: Browser, settings: Settings, sqlite_url: str) -> None:
    with open_shared(browser, settings, sqlite_url, placed=an_own_order, go=False) as it:
        referrers = []
        it.page.on("request", lambda request: referrers.append(request.all_headers().get("referer")))

        follow(it)

        assert len(referrers) > 5
        assert set(referrers) == {None}
