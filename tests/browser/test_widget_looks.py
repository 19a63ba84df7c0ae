"""The widget in every state, layout, language and colour scheme: of constant height, complete, and accessible."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.axe import complaints
from tests.browser.other_sites import FITS
from tests.browser.widgets import TELLING_LANGUAGES, see
from tests.sampling import sampled
from tracker.samples.platform_orders import STATES
from tracker.translation import LANGUAGES
from tracker.web.embed.theme import HEIGHTS, Layout

WIDTHS = (260, 344, 700)
AXE_STATES = (
    "placed",
    "adjusted-time",
    "overdue",
    "on-the-way",
    "own-statuses",
    "completed-and-not-thanked",
    "rejected",
)
APPEARANCE = pytest.mark.appearance
IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", sampled(LANGUAGES, TELLING_LANGUAGES, APPEARANCE))
CUT = """() => [...document.querySelectorAll("#status :is(h1, .label, .clock, .soon, .newest, .count, .name, a)")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === "hidden")
    .map((one) => one.textContent.trim())"""


@pytest.fixture(scope="module")
def page_options() -> dict[str, Any]:
    """Return options for a reader who prefers no motion."""
    return {"reduced_motion": "reduce"}


@pytest.mark.parametrize("layout", Layout)
def test_in_every_state_the_widget_has_the_reserved_height(page: Page, layout: Layout) -> None:
    wrong = []
    for state in STATES:
        see(page, state, layout=layout)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHTS[layout]})
            height = page.locator("#widget").evaluate("one => one.getBoundingClientRect().height")
            has_room = page.evaluate(FITS)
            if height != HEIGHTS[layout] or not has_room:
                wrong.append((state, width, height))

    assert wrong == []


@IN_EVERY_LANGUAGE
def test_in_every_language_the_widget_has_the_reserved_height_and_no_sentence_is_cut(page: Page, language: str) -> None:
    wrong = []
    for state in AXE_STATES:
        for layout in (Layout.CARD, Layout.FULL):
            see(page, state, layout=layout, lang=language)
            page.set_viewport_size({"width": 260, "height": HEIGHTS[layout]})
            height = page.locator("#widget").evaluate("one => one.getBoundingClientRect().height")
            if height != HEIGHTS[layout] or page.evaluate(CUT):
                wrong.append((state, layout, height, page.evaluate(CUT)))

    assert wrong == []


@IN_EVERY_LANGUAGE
def test_a_line_shows_all_words_of_the_state_at_every_width(page: Page, language: str) -> None:
    cut = []
    for state in AXE_STATES:
        see(page, state, layout=Layout.LINE, lang=language)
        for width in (344, 440, 560, 700, 800):
            page.set_viewport_size({"width": width, "height": HEIGHTS[Layout.LINE]})
            if page.locator("h1").evaluate("one => one.scrollWidth > one.clientWidth + 1"):
                cut.append((state, width))

    assert cut == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("state", sampled(AXE_STATES, ("adjusted-time", "on-the-way", "rejected"), APPEARANCE))
def test_axe_finds_nothing_wrong_with_the_widget(page: Page, layout: Layout, theme: str, state: str) -> None:
    found = {}
    for width, language in ((260, "he"), (700, "en")):
        page.set_viewport_size({"width": width, "height": HEIGHTS[layout]})
        see(page, state, layout=layout, theme=theme, lang=language)
        found[width] = complaints(page)

    assert found == {260: [], 700: []}


@pytest.mark.parametrize("accent", sampled(["ffffff", "000000", "ffd400", "808080"], ("ffffff", "000000"), APPEARANCE))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_accent_that_could_not_be_read_is_made_readable(page: Page, accent: str, theme: str) -> None:
    see(page, "on-the-way", layout="full", theme=theme, accent=f"#{accent}")

    assert complaints(page) == []


@pytest.mark.parametrize(("theme", "by_day", "by_night"), [("auto", 255, 27), ("light", 255, 255), ("dark", 27, 27)])
def test_the_widget_has_the_chosen_theme_or_else_that_of_the_browser(
    page: Page, theme: str, by_day: int, by_night: int
) -> None:
    backgrounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        see(page, "confirmed", theme=theme)
        background = page.locator("#status").evaluate("one => getComputedStyle(one).backgroundColor")
        backgrounds.append(int(background.removeprefix("rgb(").partition(",")[0]))

    assert backgrounds == [by_day, by_night]


def test_corners_and_letters_are_as_chosen_and_invalid_choices_are_ignored(page: Page) -> None:
    looks = []
    for radius, font in (("0", "mono"), ("24", "serif"), ("99", "comic"), ("-1", "sans;}")):
        see(page, "confirmed", radius=radius, font=font, layout="huge", accent="red", theme="x")
        looks.append(
            page.locator("#status").evaluate(
                "one => [getComputedStyle(one).borderRadius, getComputedStyle(one).fontFamily.split(',')[0]]"
            )
        )

    assert looks == [["0px", "ui-monospace"], ["24px", "ui-serif"], ["24px", "system-ui"], ["12px", "system-ui"]]


def test_in_a_language_from_right_to_left_the_layout_is_mirrored(page: Page) -> None:
    starts = []
    for language in ("en", "ar"):
        see(page, "on-the-way", layout="full", lang=language)
        page.set_viewport_size({"width": 400, "height": 442})
        link = page.locator(".foot a").bounding_box()
        assert link is not None
        starts.append(link["x"] < 200)

    assert starts == [True, False]


def test_nothing_moves_for_a_reader_who_prefers_no_motion(page: Page) -> None:
    see(page, "on-the-way", layout="full")

    assert page.evaluate("document.getAnimations().length") == 0


def test_with_forced_colours_the_steps_can_still_be_told_apart(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    see(page, "on-the-way", layout="full")

    backgrounds = page.locator(".bar span").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")

    assert backgrounds[0] == backgrounds[2]
    assert backgrounds[2] != backgrounds[3]


def test_every_link_is_large_enough_for_a_finger(page: Page) -> None:
    for layout in Layout:
        page.set_viewport_size({"width": 260, "height": HEIGHTS[layout]})
        see(page, "on-the-way", layout=layout)
        middle = {"line": (130, 32)}.get(layout)

        if middle:
            assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('a') !== null", middle)
        else:
            assert page.locator(".foot a").evaluate("one => one.getBoundingClientRect().height") >= 44
