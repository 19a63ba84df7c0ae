"""The widget in every state, layout, language and light: as high as was kept free for it, whole, open to everybody."""

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
    """Its reader wants nothing to move."""
    return {"reduced_motion": "reduce"}


@pytest.mark.parametrize("layout", Layout)
def test_whatever_happens_it_is_as_high_as_was_kept_free_for_it(page: Page, layout: Layout) -> None:
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
def test_in_every_language_it_needs_no_more_room_and_no_sentence_of_ours_is_cut(page: Page, language: str) -> None:
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
def test_a_line_says_the_state_to_its_end_however_wide_it_is(page: Page, language: str) -> None:
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
def test_axe_finds_nothing_wrong_with_it(page: Page, layout: Layout, theme: str, state: str) -> None:
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
def test_it_is_as_light_as_was_asked_for_or_else_as_the_browser_is(
    page: Page, theme: str, by_day: int, by_night: int
) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        see(page, "confirmed", theme=theme)
        ground = page.locator("#status").evaluate("one => getComputedStyle(one).backgroundColor")
        grounds.append(int(ground.removeprefix("rgb(").partition(",")[0]))

    assert grounds == [by_day, by_night]


def test_its_corners_and_letters_are_as_was_asked_for_and_what_was_asked_for_wrongly_is_usual(page: Page) -> None:
    looks = []
    for radius, font in (("0", "mono"), ("24", "serif"), ("99", "comic"), ("-1", "sans;}")):
        see(page, "confirmed", radius=radius, font=font, layout="huge", accent="red", theme="x")
        looks.append(
            page.locator("#status").evaluate(
                "one => [getComputedStyle(one).borderRadius, getComputedStyle(one).fontFamily.split(',')[0]]"
            )
        )

    assert looks == [["0px", "ui-monospace"], ["24px", "ui-serif"], ["24px", "system-ui"], ["12px", "system-ui"]]


def test_where_it_is_read_from_right_to_left_everything_is_the_other_way_round(page: Page) -> None:
    starts = []
    for language in ("en", "ar"):
        see(page, "on-the-way", layout="full", lang=language)
        page.set_viewport_size({"width": 400, "height": 442})
        link = page.locator(".foot a").bounding_box()
        assert link is not None
        starts.append(link["x"] < 200)

    assert starts == [True, False]


def test_nothing_moves_for_somebody_who_wants_nothing_to_move(page: Page) -> None:
    see(page, "on-the-way", layout="full")

    assert page.evaluate("document.getAnimations().length") == 0


def test_with_a_persons_own_few_colours_the_steps_can_still_be_told_apart(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    see(page, "on-the-way", layout="full")

    grounds = page.locator(".bar span").evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundColor)")

    assert grounds[0] == grounds[2]
    assert grounds[2] != grounds[3]


def test_what_can_be_pressed_is_large_enough_for_a_finger(page: Page) -> None:
    for layout in Layout:
        page.set_viewport_size({"width": 260, "height": HEIGHTS[layout]})
        see(page, "on-the-way", layout=layout)
        middle = {"line": (130, 32)}.get(layout)

        if middle:
            assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('a') !== null", middle)
        else:
            assert page.locator(".foot a").evaluate("one => one.getBoundingClientRect().height") >= 44
