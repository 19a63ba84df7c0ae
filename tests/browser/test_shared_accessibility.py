"""Everybody can use shared orders and the pages for sharing: on any screen, by keyboard, with a screen reader."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import complaints, complaints_by_day_and_night
from tests.browser.friends import open_shared
from tests.browser.looks import TELLING_STATES, looked_at, looked_at_together, too_small_for_a_finger, widths_too_small
from tracker.config import Settings
from tracker.samples.platform_orders import STATES
from tracker.web.dev.gallery_shared import PAGES

SHARING = [f"/gallery{path}" for path in PAGES]
EVERY_PATH = [*(f"/gallery/shared/{state}" for state in STATES), *SHARING]
USUAL = [*(f"/gallery/shared/{state}" for state in TELLING_STATES), *SHARING]
ALL, ALL_TOGETHER = looked_at(EVERY_PATH, usual=USUAL), looked_at_together(EVERY_PATH, usual=USUAL)
WIDTHS = [320, 360, 640, 1280]


@ALL
def test_axe_finds_nothing_wrong_with_any_state(page: Page, path: str) -> None:
    page.goto(path)

    assert complaints_by_day_and_night(page, widths=(320, 1280)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_a_live_page(
    browser: Browser, settings: Settings, sqlite_url: str, scheme: str
) -> None:
    with open_shared(browser, settings, sqlite_url) as it:
        it.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

        live = complaints(it.page)
        it.engine.break_down()
        it.expect_connection("^Reconnecting")

        assert live == complaints(it.page) == []


@ALL_TOGETHER
def test_nothing_has_to_be_scrolled_sideways(page: Page, paths: list[str]) -> None:
    too_small = {path: widths_too_small(page, path, WIDTHS) for path in paths}

    assert {path: widths for path, widths in too_small.items() if widths} == {}


@pytest.mark.parametrize("path", SHARING)
def test_every_link_and_button_is_large_enough_for_a_finger(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)

    assert too_small_for_a_finger(page, "a:visible, button:visible, input:visible") == []


@pytest.mark.parametrize("state", ["confirmed", "rejected", "overdue"])
def test_there_are_two_live_regions_for_screen_readers_and_both_are_empty_at_first(page: Page, state: str) -> None:
    page.goto(f"/gallery/shared/{state}")

    places = page.locator("[aria-live], [role=status], [role=alert], output")

    assert places.evaluate_all("all => all.map(one => one.getAttribute('aria-live'))") == ["polite", "assertive"]
    assert places.all_text_contents() == ["", ""]


def test_a_screen_reader_reads_the_state_the_time_and_each_step(page: Page) -> None:
    page.goto("/gallery/shared/on-the-way")

    tree = page.locator("main").aria_snapshot()

    assert 'heading "The order from Bella Napoli is on its way" [level=1]' in tree
    assert tree.index("is on its way") < tree.index("Expected") < tree.index('heading "Progress"')
    assert tree.index('heading "Progress"') < tree.index('heading "The order" [level=2]') < tree.index("Total")
