"""Everybody can use what is shared and where it is shared: small or large, light or dark, by keyboard, by ear."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import complaints, complaints_by_day_and_night
from tests.browser.friends import open_shared
from tests.conftest import Clock
from tracker.config import Settings
from tracker.samples.platform_orders import STATES
from tracker.web.dev.gallery_shared import PAGES

ALL = [f"/gallery/shared/{state}" for state in STATES] + [f"/gallery{path}" for path in PAGES]
WIDTHS = [320, 360, 640, 1280]


@pytest.fixture
def page(browser: Browser, address: str, clock: Clock) -> Iterator[Page]:
    """A browser window on that site, where it is a Friday evening."""
    context = browser.new_context(base_url=address)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("half", [0, 1])
def test_axe_finds_nothing_wrong_with_any_state(page: Page, half: int) -> None:
    found = {}
    for path in ALL[half::2]:
        page.goto(path)
        found[path] = complaints_by_day_and_night(page, widths=(320 if half else 360, 1280))

    assert {path: those for path, those in found.items() if those} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_a_live_page(
    browser: Browser, settings: Settings, sqlite_url: str, scheme: str
) -> None:
    with open_shared(browser, settings, sqlite_url) as it:
        it.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

        live = complaints(it.page)
        it.engine.break_down()
        it.shows("^Reconnecting")

        assert live == complaints(it.page) == []


def test_nothing_has_to_be_scrolled_sideways(page: Page) -> None:
    wider = []
    for path in ALL:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wider.append((path, width))

    assert wider == []


def test_whatever_can_be_pressed_is_large_enough_for_a_finger(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})

    small = []
    for path in (f"/gallery{path}" for path in PAGES):
        page.goto(path)
        heights = page.locator("a:visible, button:visible, input:visible").evaluate_all(
            "all => all.map(one => [one.textContent.trim() || one.id, one.getBoundingClientRect().height])"
        )
        small += [(path, name) for name, height in heights if height < 44 and name != "Skip to content"]

    assert small == []


@pytest.mark.parametrize("state", ["confirmed", "rejected", "overdue"])
def test_there_are_exactly_two_places_that_speak_up_and_both_are_silent_at_first(page: Page, state: str) -> None:
    page.goto(f"/gallery/shared/{state}")

    places = page.locator("[aria-live], [role=status], [role=alert], output")

    assert places.evaluate_all("all => all.map(one => one.getAttribute('aria-live'))") == ["polite", "assertive"]
    assert places.all_text_contents() == ["", ""]


def test_to_somebody_who_listens_the_page_tells_the_state_the_time_and_each_step(page: Page) -> None:
    page.goto("/gallery/shared/on-the-way")

    tree = page.locator("main").aria_snapshot()

    assert 'heading "The order from Bella Napoli is on its way" [level=1]' in tree
    assert tree.index("is on its way") < tree.index("Expected") < tree.index('heading "Progress"')
    assert tree.index('heading "Progress"') < tree.index('heading "The order" [level=2]') < tree.index("Total")
