"""Sharing an order by one tap in a real browser opens the share sheet, copies the link, or opens a page with it."""

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
    """Open the live page of an order for its customer, in a browser with neither a share sheet nor a clipboard."""
    with open_order(browser, settings, sqlite_url, placed=an_own_order) as opened:
        opened.page.evaluate("delete Navigator.prototype.share")
        opened.page.evaluate(CLIPBOARD, "NotAllowedError")
        yield opened


def tap(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Share this order").click()


def count_links(it: OpenOrder) -> int:
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


def test_after_closing_the_share_sheet_the_next_tap_shares_the_same_link(it: OpenOrder) -> None:
    it.page.evaluate(SHEET, "AbortError")

    for taps in (1, 2):
        tap(it)
        it.page.wait_for_function("taps => window.handed.length === taps", arg=taps)

    first, second = it.page.evaluate("window.handed")
    assert first == second
    assert count_links(it) == 1
    expect(it.page.get_by_text(COPIED)).to_be_hidden()
    assert it.page.url == it.address


@pytest.mark.parametrize("sheet", ["none", "refuses"])
def test_without_a_share_sheet_the_link_is_copied_and_the_page_says_so(it: OpenOrder, sheet: str) -> None:
    if sheet == "refuses":
        it.page.evaluate(SHEET, "NotAllowedError")
    it.page.evaluate(CLIPBOARD, "")

    tap(it)

    expect(it.page.locator(".copied")).to_be_visible()
    expect(it.page.locator("#said")).to_have_text(COPIED)
    [copied] = it.page.evaluate("window.copied")
    assert ADDRESS.fullmatch(copied)


def test_where_copying_is_not_possible_the_link_is_on_a_separate_page(it: OpenOrder) -> None:
    tap(it)

    expect(it.page.get_by_role("heading", level=1)).to_have_text("Share your order")
    expect(it.page.get_by_role("textbox", name="For everybody you send it to")).to_have_value(ADDRESS)
    assert count_links(it) == 1


def test_an_order_that_cannot_be_shared_any_more_is_refused_on_that_page(it: OpenOrder) -> None:
    it.step(REJECT)

    tap(it)

    expect(it.page.get_by_role("alert")).to_contain_text("This order came to nothing; there is nothing to follow.")
    assert count_links(it) == 0


def test_without_a_network_the_page_says_that_sharing_failed(it: OpenOrder) -> None:
    it.page.context.set_offline(True)

    tap(it)

    expect(it.page.locator("#unsent")).to_be_visible()
    it.page.context.set_offline(False)
    assert it.page.url == it.address


def test_a_link_for_sam_is_made_and_stopped_by_keyboard_alone(it: OpenOrder) -> None:
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
    """Press Tab until this has the focus, and check that the focus is visible."""
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


def test_an_update_keeps_the_focus_on_the_button_for_sharing(it: OpenOrder) -> None:
    it.page.get_by_role("button", name="Share this order").focus()

    it.engine.send_event("order_changed", version=it.step(kitchen(by_restaurant.confirm_order, 30)))

    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making your order")
    expect(it.page.get_by_role("button", name="Share this order")).to_be_focused()
