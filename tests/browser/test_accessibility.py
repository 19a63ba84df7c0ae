"""Everybody can use the customer's pages: on any screen, by keyboard, with a screen reader and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import complaints, complaints_by_day_and_night
from tests.browser.looks import (
    TELLING_STATES,
    is_too_wide,
    looked_at,
    looked_at_together,
    too_small_for_a_finger,
    widths_too_small,
)
from tests.browser.pages import open_order
from tests.conftest import Clock
from tracker.config import Settings
from tracker.samples.platform_orders import STATES

WIDTHS = [320, 360, 640, 1280]
STATES_PATHS = [f"/gallery/order/{state}" for state in STATES]
TELLING_PATHS = [f"/gallery/order/{state}" for state in TELLING_STATES]
OTHERS = ["/gallery/orders", "/gallery/orders/none", "/gallery/error/404", "/gallery/error/500", "/gallery"]
EVERY_PATH, USUAL = [*STATES_PATHS, *OTHERS], [*TELLING_PATHS, *OTHERS]
ALL, ALL_TOGETHER = looked_at(EVERY_PATH, usual=USUAL), looked_at_together(EVERY_PATH, usual=USUAL)


@ALL
def test_axe_finds_nothing_wrong_with_any_state(page: Page, path: str) -> None:
    page.goto(path)

    assert complaints_by_day_and_night(page, widths=(360, 1280)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_a_live_page(
    browser: Browser, settings: Settings, sqlite_url: str, scheme: str
) -> None:
    with open_order(browser, settings, sqlite_url) as it:
        it.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

        live = complaints(it.page)
        it.engine.break_down()
        it.expect_connection("^Reconnecting")

        assert live == complaints(it.page) == []


@ALL_TOGETHER
def test_nothing_has_to_be_scrolled_sideways(page: Page, paths: list[str]) -> None:
    too_small = {path: widths_too_small(page, path, WIDTHS) for path in paths}

    assert {path: widths for path, widths in too_small.items() if widths} == {}


BROKEN_WORDS = """
    () => {
      const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
      const broken = [];
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        if (text.parentElement.closest(".unseen, noscript")) continue;
        for (const { 0: word, index } of text.data.matchAll(/[\\p{Script=Latin}\\p{N}]+/gu)) {
          const range = document.createRange();
          range.setStart(text, index);
          range.setEnd(text, index + word.length);
          const lines = new Set([...range.getClientRects()].map((part) => part.top));
          if (word.length < 12 && lines.size > 1) broken.push(word);
        }
      }
      return broken;
    }"""


@looked_at_together([*STATES_PATHS, "/gallery/orders"], usual=[*TELLING_PATHS, "/gallery/orders"])
def test_with_text_twice_as_large_no_word_is_broken_and_nothing_has_to_be_scrolled_sideways(
    page: Page, paths: list[str]
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})

    found = {}
    for path in paths:
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found[path] = page.evaluate(BROKEN_WORDS) + ["sideways"] * is_too_wide(page)

    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("width", [360, 412])
def test_on_a_small_screen_a_step_forward_moves_nothing_that_stands_below(page: Page, clock: Clock, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})

    tops = {}
    for state in ("placed", "confirmed-without-a-time", "at-table", "ready-to-collect", "arrived"):
        page.goto(f"/gallery/order/{state}")
        tops[state] = page.locator("#timeline").evaluate("one => one.getBoundingClientRect().top")

    assert max(tops.values()) - min(tops.values()) < 1


def test_every_link_and_button_is_large_enough_for_a_finger(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with open_order(browser, settings, sqlite_url) as it:
        assert too_small_for_a_finger(it.page, "a:visible, button:visible, summary:visible") == []


def test_the_keyboard_alone_reaches_everything_in_the_order_of_the_page(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with open_order(browser, settings, sqlite_url) as it:
        reached = []
        for _ in range(8):
            it.page.keyboard.press("Tab")
            reached.append(it.page.evaluate("document.activeElement.textContent.trim()"))
            outline = it.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid"

        assert reached == [
            "Skip to content",
            "Your orders",
            "Sign out",
            "Pause updates",
            "Share this order",
            "Your links",
            "Call Bella Napoli",
            "What has happened",
        ]
        it.page.keyboard.press("Space")
        expect(it.page.locator("#history ol")).to_be_hidden()


def test_a_screen_reader_reads_the_state_the_time_and_each_step(page: Page) -> None:
    page.goto("/gallery/order/on-the-way")

    tree = page.locator("main").aria_snapshot()

    assert 'heading "Your order from Bella Napoli is on its way" [level=1]' in tree
    assert tree.index("is on its way") < tree.index("With you") < tree.index('heading "Progress"')
    assert tree.index('heading "Progress"') < tree.index('heading "Your order" [level=2]') < tree.index("Need help?")
    expect(page.locator("[aria-current=step]")).to_contain_text("On the way")
    expect(page.locator("[aria-current=step]")).to_contain_text("now")
    assert page.locator(".step.ahead").all_inner_texts() == ["Delivered\n\nstill to come"]
    expect(page.get_by_role("row", name="Total €48.50")).to_be_visible()


def test_steps_and_history_are_lists_though_they_show_no_bullets(page: Page) -> None:
    page.goto("/gallery/order/on-the-way")

    roles = page.locator("main ol, main ul").evaluate_all("all => all.map(one => one.getAttribute('role'))")

    assert roles == ["list"] * 3


def test_a_removed_line_is_named_as_removed_and_not_only_struck_through(page: Page) -> None:
    page.goto("/gallery/order/lines-changed")

    tree = page.locator("#lines").aria_snapshot()

    assert "Removed:" in tree
    assert "Changed from" in tree


@pytest.mark.parametrize("state", ["rejected", "cancelled", "overdue", "completed-with-rating-and-refunds"])
def test_there_are_two_live_regions_for_screen_readers_and_both_are_empty_at_first(page: Page, state: str) -> None:
    page.goto(f"/gallery/order/{state}")

    places = page.locator("[aria-live], [role=status], [role=alert], output")

    assert places.evaluate_all("all => all.map(one => one.getAttribute('aria-live'))") == ["polite", "assertive"]
    assert places.all_text_contents() == ["", ""]


def test_a_printed_order_is_a_receipt(page: Page) -> None:
    page.goto("/gallery/order/completed-with-rating-and-refunds")

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Total after refunds")).to_be_visible()
    expect(page.get_by_text("Paid with Visa ****2371")).to_be_visible()
    expect(page.get_by_text("+353 1 555 0142")).to_be_visible()
    expect(page.locator(".stars")).to_have_css("color", "rgb(0, 0, 0)")
    for selector in ("#timeline", "#help h2", "#history"):
        expect(page.locator(selector)).to_be_hidden()


def test_nothing_moves_for_a_reader_who_prefers_no_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/gallery/order/confirmed")

    assert page.evaluate("document.getAnimations().length") == 0


def test_the_order_can_be_read_without_scripts(browser: Browser, settings: Settings, sqlite_url: str) -> None:
    with open_order(browser, settings, sqlite_url) as it:
        context = browser.new_context(java_script_enabled=False)
        context.add_cookies(it.page.context.cookies())
        page = context.new_page()

        page.goto(it.address)

        expect(page.get_by_role("heading", level=1)).to_have_text("Bella Napoli is making your order")
        expect(page.get_by_role("link", name="Refresh now")).to_be_visible()
        expect(page.get_by_text("Connecting…")).to_be_hidden()
        expect(page.get_by_role("button", name="Pause updates")).to_be_hidden()
        context.close()
