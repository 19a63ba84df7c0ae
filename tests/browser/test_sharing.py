"""Sharing an order by one tap in a real browser: the share sheet where there is one, else a copy, else a page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.pages import OpenOrder, open_order
from tests.order_actions import an_own_order, kitchen
from tracker.config import Settings
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.share_links import ShareLink

REJECT = kitchen(by_restaurant.reject_order, "We are closing soon.")
ADDRESS = re.compile(r"http://localhost:\d+/shared/[\w-]{43}")
COPIED = "The link is copied. Paste it wherever you like."
SHEET = """answer => {
    window.handed = [];
    navigator.share = async (what) => {
        window.handed.push({ ...what, asked: navigator.userActivation.isActive });
        if (answer) throw new DOMException("No.", answer);
    };
}"""
CLIPBOARD = """answer => {
    window.copied = [];
    const writeText = async (text) => { if (answer) throw new DOMException("No.", answer); window.copied.push(text); };
    Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
}"""


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """An order open in front of its customer, and live; their browser has neither a share sheet nor a clipboard."""
    with open_order(browser, settings, sqlite_url, placed=an_own_order) as opened:
        opened.page.evaluate("delete Navigator.prototype.share")
        opened.page.evaluate(CLIPBOARD, "NotAllowedError")
        yield opened


def tap(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Share this order").click()


def kept(it: OpenOrder) -> int:
    with it.database.read_session() as session:
        return session.query(ShareLink).count()


def test_one_tap_opens_the_share_sheet_with_a_link_that_names_nobody(it: OpenOrder) -> None:
    it.page.evaluate(SHEET, "")

    tap(it)
    it.page.wait_for_function("() => window.handed.length")

    [handed] = it.page.evaluate("window.handed")
    assert ADDRESS.fullmatch(handed["url"])
    assert (handed["title"], handed["asked"]) == ("Follow the order from Bella Napoli", True)
    assert it.page.url == it.address


def test_who_thinks_better_of_it_stays_where_they_are_and_the_next_tap_has_the_same_link(it: OpenOrder) -> None:
    it.page.evaluate(SHEET, "AbortError")

    for taps in (1, 2):
        tap(it)
        it.page.wait_for_function("taps => window.handed.length === taps", arg=taps)

    first, second = it.page.evaluate("window.handed")
    assert first == second
    assert kept(it) == 1
    expect(it.page.get_by_text(COPIED)).to_be_hidden()
    assert it.page.url == it.address


@pytest.mark.parametrize("sheet", ["none", "refuses"])
def test_where_there_is_no_share_sheet_the_link_is_copied_and_that_is_said(it: OpenOrder, sheet: str) -> None:
    if sheet == "refuses":
        it.page.evaluate(SHEET, "NotAllowedError")
    it.page.evaluate(CLIPBOARD, "")

    tap(it)

    expect(it.page.locator(".copied")).to_be_visible()
    expect(it.page.locator("#said")).to_have_text(COPIED)
    [copied] = it.page.evaluate("window.copied")
    assert ADDRESS.fullmatch(copied)


def test_where_nothing_can_be_copied_the_link_is_on_a_page_of_its_own(it: OpenOrder) -> None:
    tap(it)

    expect(it.page.get_by_role("heading", level=1)).to_have_text("Share your order")
    expect(it.page.get_by_role("textbox", name="For everybody you send it to")).to_have_value(ADDRESS)
    assert kept(it) == 1


def test_what_can_be_shared_no_more_is_said_on_that_page(it: OpenOrder) -> None:
    it.step(REJECT)

    tap(it)

    expect(it.page.get_by_role("alert")).to_contain_text("This order came to nothing; there is nothing to follow.")
    assert kept(it) == 0


def test_without_a_network_the_tap_says_that_it_did_not_get_through(it: OpenOrder) -> None:
    it.page.context.set_offline(True)

    tap(it)

    expect(it.page.locator("#unsent")).to_be_visible()
    it.page.context.set_offline(False)
    assert it.page.url == it.address


def test_by_keyboard_alone_somebody_makes_a_link_for_sam_and_stops_it(it: OpenOrder) -> None:
    page = it.page
    page.get_by_role("link", name="Your links").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/share")
    reach(it, "input", "made-for")
    page.keyboard.type("Sam")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="For Sam")).to_be_visible()

    reach(it, "button", "Stop")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Nobody can follow this order but you.")).to_be_visible()


def reach(it: OpenOrder, tag: str, name: str) -> None:
    """Press Tab until this has the focus, and see that it has."""
    for _ in range(20):
        it.page.keyboard.press("Tab")
        is_there = """([tag, name]) => {
            const one = document.activeElement;
            return one.localName === tag && [one.id, one.textContent].includes(name);
        }"""
        if it.page.evaluate(is_there, [tag, name]):
            assert it.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"{name} can't be reached.")


def test_on_the_page_with_the_links_each_can_be_shared_again(it: OpenOrder) -> None:
    it.page.goto(f"{it.address}/share")
    it.page.get_by_role("button", name="Make one for everybody").click()
    it.page.get_by_role("button", name=re.compile("Copy|Share…")).wait_for()
    it.page.evaluate(SHEET, "")

    it.page.get_by_role("button", name=re.compile("Copy|Share…")).click()
    it.page.wait_for_function("() => window.handed.length")

    address = it.page.get_by_role("textbox", name="For everybody").input_value()
    assert it.page.evaluate("window.handed[0].url") == address


def test_an_update_leaves_the_place_to_share_alone(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Share this order").focus()

    it.engine.say("order_changed", version=it.step(kitchen(by_restaurant.confirm_order, 30)))

    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making your order")
    expect(it.page.get_by_role("button", name="Share this order")).to_be_focused()
