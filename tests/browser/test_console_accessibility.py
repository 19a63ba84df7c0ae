"""Everybody can use the console: on a small or large, light or dark screen, close to it or from two metres."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import complaints, complaints_by_day_and_night
from tests.browser.consoles import Kitchen, a_kitchen, region_of
from tests.browser.looks import looked_at, looked_at_together, too_small_for_a_finger, widths_too_small
from tracker.config import Settings
from tracker.samples.evening import STATES
from tracker.web.dev.gallery_console import FORMS, PAGES

USUAL = [f"/gallery/console{path}" for path in PAGES]
USUAL += [f"/gallery/console/order/{state}" for state in ("placed", "adjusted", "late", "rejected", "long")]
USUAL += [f"/gallery/console/{form}/placed" for form in FORMS]
EVERY_STATE = [f"/gallery/console/order/{state}" for state in STATES]
EVERY_PATH = dict.fromkeys([*USUAL, *EVERY_STATE, *(f"/gallery/console/{form}/advance" for form in FORMS)])
ALL = looked_at(EVERY_PATH, usual=USUAL)
ALL_TOGETHER = looked_at_together(EVERY_PATH, usual=USUAL)


@pytest.fixture
def kitchen(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Kitchen]:
    """Yield the console on a tablet in a kitchen."""
    with a_kitchen(browser, settings, sqlite_url) as kitchen:
        yield kitchen


@ALL
def test_axe_finds_nothing_wrong_with_any_page_of_the_console(page: Page, path: str) -> None:
    page.goto(path)

    assert complaints_by_day_and_night(page, widths=(360, 1024)) == []


def test_axe_finds_nothing_wrong_with_a_live_board_and_a_live_order(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()

    for address in (kitchen.board, kitchen.address(order_id)):
        assert complaints(kitchen.open(address)) == []


@ALL_TOGETHER
def test_nothing_has_to_be_scrolled_sideways(page: Page, paths: list[str]) -> None:
    too_small = {path: widths_too_small(page, path, (320, 360, 768, 1024, 1280)) for path in paths}

    assert {path: widths for path, widths in too_small.items() if widths} == {}


@ALL_TOGETHER
def test_every_link_and_button_is_large_enough_for_a_finger(page: Page, paths: list[str]) -> None:
    small = {}
    for path in paths:
        page.goto(path)
        small[path] = too_small_for_a_finger(
            page, "a:visible, button:visible, label:has(input):visible, select:visible"
        )

    assert {path: names for path, names in small.items() if names} == {}


def test_code_time_and_next_step_can_be_read_from_two_metres(page: Page) -> None:
    page.goto("/gallery/console")

    def pixels(selector: str) -> float:
        size = page.locator(selector).first.evaluate("one => getComputedStyle(one).fontSize")
        return float(size.removesuffix("px"))

    assert min(pixels("#kitchen .code"), pixels("#kitchen .due")) >= 40
    assert min(pixels("#kitchen .acts button"), pixels("#kitchen .dishes")) >= 22
    assert "min late" in region_of(page)
