"""Everybody can use the page for site owners and its previews: on any screen, by keyboard and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import complaints_by_day_and_night
from tests.browser.pages import served
from tests.machine.ports import free_port
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database

PREVIEWS = "iframe"


@pytest.fixture
def address(settings: Settings, sqlite_url: str) -> Iterator[str]:
    """Serve the site and yield its address."""
    port, database = free_port(), Database(sqlite_url)
    url = f"http://localhost:{port}"
    with served(create_app(settings.model_copy(update={"base_url": url}), database), port):
        yield url
    database.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Yield a browser page, and check that nothing has violated the site's policy."""
    context = browser.new_context(base_url=address, java_script_enabled=request.param, reduced_motion="reduce")
    console_lines: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: console_lines.append(message.text))
    page.on("pageerror", lambda error: console_lines.append(str(error)))
    yield page
    context.close()
    assert [text for text in console_lines if "Policy" in text or "refused" in text.lower()] == []


def test_the_look_is_chosen_by_keyboard_and_seen_in_every_layout(page: Page) -> None:
    page.goto("/embed")

    page.get_by_role("radio", name="Card").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Colour").fill("#0b57d0")
    page.get_by_label("Language").select_option("de")
    page.get_by_label("The example’s order").select_option("done")
    page.keyboard.press("Tab")
    page.get_by_label("Your application’s key").press("Enter")

    expect(page.locator("#element")).to_contain_text('layout="full" accent="#0b57d0" lang="de"')
    expect(page.get_by_role("radio", name="Full")).to_be_checked()
    for number in range(6):
        page.locator(PREVIEWS).nth(number).scroll_into_view_if_needed()
        frame = page.frame_locator(PREVIEWS).nth(number)
        expect(frame.locator("html")).to_have_attribute("lang", "de")
        expect(frame.locator("h1")).to_contain_text("Bella Napoli")


def test_axe_finds_nothing_wrong_with_the_page(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)

    for path in ("/embed", "/embed?key=nobodys&accent=red&radius=99&layout=line&state=rejected"):
        page.goto(path)
        assert complaints_by_day_and_night(page, widths=(360, 1280)) == [], path
    page.close()


def test_nothing_but_the_code_to_copy_has_to_be_scrolled_sideways(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/embed?key=nobodys")

    for width in (320, 360, 640, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.close()


def test_every_button_and_field_is_large_enough_for_a_finger(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/embed")

    sizes = page.locator("main :is(button, select, label:has(input), input:not([type=radio])):visible").evaluate_all(
        "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
    )

    assert len(sizes) > 15
    assert [name for name, height in sizes if height < 40] == []
    page.close()


def test_a_button_copies_the_shown_code_and_confirms_it(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/embed")

    page.get_by_role("button", name="Copy : Two lines for your page").click()

    expect(page.locator("#copied")).to_have_text("Copied: Two lines for your page")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#element").inner_text()
    context.close()


def test_without_scripts_there_is_no_button_that_does_nothing(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()

    page.goto("/embed")

    expect(page.get_by_role("button")).to_have_text(["Show it like this"])
    context.close()
