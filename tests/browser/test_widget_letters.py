"""All text of a widget can be read with larger or wider letters, and in every language."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.hosts import a_page
from tests.browser.legibility import SPACED, TWICE_AS_LARGE, height, unreadable
from tests.browser.other_sites import FITS, Elsewhere, elsewhere, frames_of, size_of, wait_on_page
from tests.browser.widgets import TELLING_LANGUAGES, see
from tests.sampling import sampled
from tracker.config import Settings
from tracker.samples.platform_orders import STATES
from tracker.translation import LANGUAGES
from tracker.web.embed.theme import HEIGHTS, Layout
from tracker.web.embed.translation import CONNECTION, translator_for

LONG = ("overdue", "own-statuses", "ready-to-collect", "called-off-and-partly-refunded")
"""States with the longest words in at least one language."""
TELLING = (*LONG, "placed", "adjusted-time", "rejected", "confirmed-for-tomorrow")
SMALL = (260, 320)
IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", sampled(LANGUAGES, TELLING_LANGUAGES, pytest.mark.appearance))
CONNECT = """([state, words]) => {
    document.getElementById("widget").dataset.connection = state;
    document.querySelector(".connection").textContent = words;
}"""

ADD_STYLES = """(css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
}"""


@pytest.fixture(scope="module")
def page_options() -> dict[str, Any]:
    """Return options for a reader who prefers no motion and has own style sheets."""
    return {"reduced_motion": "reduce", "bypass_csp": True}


def look(page: Page, state: str, layout: str, width: int, *, lang: str = "en", letters: str = "") -> None:
    """Show the order in this state in a live widget, with these styles of letters."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[Layout(layout)]})
    see(page, state, layout=layout, lang=lang)
    connect(page, "live", lang)
    if letters:
        page.add_style_tag(content=letters)


def connect(page: Page, state: str, lang: str) -> None:
    """Show this state of the connection, as the widget's script does."""
    words = translator_for(lang)(CONNECTION[state]).replace("{time}", "10:58 م" if lang == "ar" else "20:58")
    page.evaluate(CONNECT, [state, words])


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("letters", [SPACED, TWICE_AS_LARGE], ids=["far apart", "twice as large"])
@pytest.mark.parametrize("states", [TELLING, pytest.param(STATES, marks=pytest.mark.appearance)], ids=["some", "all"])
def test_in_every_state_all_text_can_be_read_with_wider_or_larger_letters(
    page: Page, layout: Layout, letters: str, states: Iterable[str]
) -> None:
    wrong = {}
    for state in states:
        look(page, state, layout, 260, letters=letters)
        for width in (260, 360):
            page.set_viewport_size({"width": width, "height": HEIGHTS[layout]})
            wrong[state, width] = unreadable(page)

    assert {case: problems for case, problems in wrong.items() if problems} == {}


@IN_EVERY_LANGUAGE
def test_in_every_language_all_text_can_be_read_with_wider_or_larger_letters(page: Page, language: str) -> None:
    wrong = {}
    for state, layout, letters in product(LONG, Layout, (SPACED, TWICE_AS_LARGE)):
        look(page, state, layout, 260, lang=language, letters=letters)
        wrong[state, layout, letters] = unreadable(page)

    assert {case: problems for case, problems in wrong.items() if problems} == {}


@IN_EVERY_LANGUAGE
@pytest.mark.parametrize("layout", Layout)
def test_in_every_language_all_text_fits_into_a_small_frame_of_constant_height(
    page: Page, layout: Layout, language: str
) -> None:
    wrong = {}
    for state in TELLING:
        look(page, state, layout, 260, lang=language)
        for width in SMALL:
            page.set_viewport_size({"width": width, "height": HEIGHTS[layout]})
            for connection in ("connecting", "live", "reconnecting"):
                connect(page, connection, language)
                changed_height = [] if height(page) == HEIGHTS[layout] else [f"{height(page)} pixels"]
                wrong[state, width, connection] = unreadable(page) + changed_height

    assert {case: problems for case, problems in wrong.items() if problems} == {}


@IN_EVERY_LANGUAGE
def test_in_an_even_narrower_frame_a_line_is_higher_but_never_cut(page: Page, language: str) -> None:
    wrong = {}
    for state, width in product(LONG, (180, 240)):
        look(page, state, Layout.LINE, width, lang=language)
        wrong[state, width] = unreadable(page)

    assert {case: problems for case, problems in wrong.items() if problems} == {}


def test_the_check_finds_text_that_cannot_be_read(page: Page) -> None:
    look(page, "rejected", Layout.LINE, 260)
    found = [unreadable(page)]

    for letters in (
        "h1 { overflow: hidden; width: 4em; text-wrap: nowrap !important }",
        "h1 { margin-bottom: -1.5em }",
    ):
        look(page, "rejected", Layout.LINE, 260, letters=letters)
        found.append([what.partition(":")[0] for what in unreadable(page)])

    assert [bool(problems) for problems in found] == [False, True, True]
    assert "cut" in found[1]
    assert "over each other" in found[2]


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Elsewhere]:
    """Serve a shop whose pages contain our widget."""
    with elsewhere(browser, settings, sqlite_url) as sites:
        yield sites


@pytest.mark.parametrize("layout", Layout)
def test_the_widget_grows_on_its_page_for_wider_letters(it: Elsewhere, layout: Layout) -> None:
    page = it.open(a_page(it.element(layout=layout), head=it.loader))
    (frame,) = frames_of(page)
    wait_on_page(page, lambda: frame.locator("[data-version]").count(), "the order to be shown")
    before = size_of(page)["height"]

    # Browser extensions add styles in this way too: no policy of the frame forbids such a style sheet.
    frame.evaluate(ADD_STYLES, SPACED)

    wait_on_page(page, lambda: size_of(page)["height"] > before, "more room")
    wait_on_page(page, lambda: frame.evaluate(FITS), "room for all of it")
    assert unreadable(frame) == []
