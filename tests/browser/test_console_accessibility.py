"""Everybody can use the console: small or large, light or dark, near or two metres away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import complaints, complaints_by_day_and_night
from tests.browser.consoles import Kitchen, a_kitchen, region_of
from tracker.config import Settings
from tracker.samples.evening import STATES
from tracker.web.dev.gallery_console import FORMS, PAGES

GALLERY = [f"/gallery/console{path}" for path in PAGES]
GALLERY += [f"/gallery/console/order/{state}" for state in STATES]
GALLERY += [f"/gallery/console/{form}/{state}" for form in FORMS for state in ("placed", "advance")]
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def kitchen(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Kitchen]:
    """A tablet in a kitchen."""
    with a_kitchen(browser, settings, sqlite_url) as kitchen:
        yield kitchen


def test_axe_finds_nothing_wrong_with_any_page_of_the_console(kitchen: Kitchen) -> None:
    page = kitchen.context.new_page()

    found = {}
    for path in GALLERY:
        page.goto(kitchen.url + path)
        found[path] = complaints_by_day_and_night(page, widths=(360, 1024))

    assert {path: those for path, those in found.items() if those} == {}


def test_axe_finds_nothing_wrong_with_a_live_board_and_a_live_order(kitchen: Kitchen) -> None:
    order_id = kitchen.takes_in()

    for address in (kitchen.board, kitchen.address(order_id)):
        assert complaints(kitchen.open(address)) == []


def test_nothing_has_to_be_scrolled_sideways(kitchen: Kitchen) -> None:
    page = kitchen.context.new_page()

    wider = []
    for path in GALLERY:
        page.goto(kitchen.url + path)
        for width in (320, 360, 768, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 768})
            if page.evaluate(TOO_WIDE):
                wider.append((path, width))

    assert wider == []


def test_whatever_can_be_pressed_is_large_enough_for_a_finger(kitchen: Kitchen) -> None:
    page = kitchen.context.new_page()

    small = {}
    for path in GALLERY:
        page.goto(kitchen.url + path)
        sizes = page.locator("a:visible, button:visible, label:has(input):visible, select:visible").evaluate_all(
            "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
        )
        small[path] = [name for name, height in sizes if height < 44 and name != "Skip to content"]

    assert {path: those for path, those in small.items() if those} == {}


def test_code_time_and_next_step_can_be_read_from_two_metres(kitchen: Kitchen) -> None:
    page = kitchen.context.new_page()
    page.goto(f"{kitchen.url}/gallery/console")

    def pixels(selector: str) -> float:
        size = page.locator(selector).first.evaluate("one => getComputedStyle(one).fontSize")
        return float(size.removesuffix("px"))

    assert min(pixels("#kitchen .code"), pixels("#kitchen .due")) >= 40
    assert min(pixels("#kitchen .acts button"), pixels("#kitchen .dishes")) >= 22
    assert "min late" in region_of(page)
