"""The shared page in a real browser: it is live, it is for everybody, and it goes away with its link."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.friends import DEAD, end_long_ago, follow, open_shared, stop_links
from tests.browser.pages import OpenOrder
from tests.order_actions import ADJUST, CONFIRM, an_own_order
from tracker.config import Settings

SECOND = 1000


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """An order that nobody has answered yet, open in front of a friend, and live."""
    with open_shared(browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


def is_gone(it: OpenOrder) -> None:
    """The page is the one that says kindly that there is nothing, and shows nothing of the order."""
    expect(it.page.get_by_role("heading", level=1)).to_have_text(DEAD)
    expect(it.page.get_by_text("Margherita")).to_have_count(0)
    expect(it.page.locator("#connection")).to_have_count(0)


def test_a_friend_sees_the_order_move_and_hears_of_it_without_being_signed_in(it: OpenOrder) -> None:
    it.engine.say("order_changed", version=it.step(CONFIRM))

    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making the order")
    expect(it.page.locator("#said")).to_contain_text("Bella Napoli is making the order. Expected")
    expect(it.page).to_have_title("Bella Napoli is making the order")
    assert {asked["channel"] for asked in it.engine.asked} == {f"private-s-{it.order_id}"}


def test_a_question_to_the_customer_interrupts_no_friend(it: OpenOrder) -> None:
    it.engine.say("order_changed", version=it.step(ADJUST))

    expect(it.page.locator("h1")).to_have_text("Bella Napoli has asked about a change to the order")
    expect(it.page.locator("#said")).to_contain_text("has asked about a change")
    expect(it.page.locator("#said-at-once")).to_have_text("")


@pytest.mark.parametrize("dies", [stop_links, end_long_ago])
def test_when_the_link_dies_the_open_page_goes_away_within_half_a_minute_though_nobody_tells_it(
    it: OpenOrder, dies: object
) -> None:
    dies(it)

    it.page.clock.run_for(31 * SECOND)

    is_gone(it)


def test_a_page_that_was_paused_goes_away_as_well(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Pause updates").click()
    it.shows("^Paused")
    stop_links(it)

    it.page.clock.run_for(31 * SECOND)

    is_gone(it)


def test_a_page_that_does_not_hear_goes_away_as_well(it: OpenOrder) -> None:
    it.engine.break_down()
    it.shows("^Reconnecting")
    stop_links(it)

    it.page.clock.run_for(11 * SECOND)

    is_gone(it)


def test_coming_back_to_a_page_whose_link_has_died_shows_nothing_of_the_order(it: OpenOrder) -> None:
    it.page.goto("about:blank")
    stop_links(it)

    it.page.go_back()

    is_gone(it)


def test_a_page_open_for_long_listens_on_with_a_new_token(it: OpenOrder) -> None:
    it.pass_time(600, step=5)
    it.engine.break_down()
    it.shows("^Reconnecting")
    it.engine.is_up = True

    it.shows("^Live$")
    assert len(set(it.tokens)) == 2


def test_the_keyboard_alone_reaches_all_there_is_to_press(it: OpenOrder) -> None:
    reached = []
    for _ in range(2):
        it.page.keyboard.press("Tab")
        reached.append(it.page.evaluate("document.activeElement.textContent.trim()"))
        assert it.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    assert reached == ["Skip to content", "Pause updates"]
    it.page.keyboard.press("Enter")
    it.shows("^Paused")


def test_without_scripts_a_friend_reads_it_all_and_may_ask_again(
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


def test_on_paper_there_is_the_state_what_was_ordered_and_the_total(it: OpenOrder) -> None:
    it.page.emulate_media(media="print")

    for seen in ("h1", "#lines", "#total"):
        expect(it.page.locator(seen)).to_be_visible()
    for gone in ("#connection", "#timeline"):
        expect(it.page.locator(gone)).to_be_hidden()


def test_no_request_of_the_page_tells_anybody_where_it_was_made(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with open_shared(browser, settings, sqlite_url, placed=an_own_order, go=False) as it:
        referrers = []
        it.page.on("request", lambda request: referrers.append(request.all_headers().get("referer")))

        follow(it)

        assert len(referrers) > 5
        assert set(referrers) == {None}
