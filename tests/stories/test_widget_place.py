"""A widget does not harm the page that embeds it: nothing around it moves, the page stays fast, and no global name is
taken."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.hosts import a_page
from tests.browser.other_sites import FITS, LAYOUTS, Elsewhere, elsewhere, frames_of, size_of, wait_on_page
from tests.sampling import sampled
from tracker.config import Settings
from tracker.orders.operations.by_restaurant import progress_order

LONGEST = 50
"""Milliseconds. A page with longer tasks on its main thread feels slow."""


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Elsewhere]:
    """Serve the sites, with an order that is due in half an hour."""
    with elsewhere(browser, settings, sqlite_url) as sites:
        yield sites


@pytest.mark.parametrize("width", sampled([320, 360, 700], (320, 700), pytest.mark.appearance))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_space_of_the_widget_is_reserved_before_it_is_loaded_and_stays_the_same(
    it: Elsewhere, layout: str, width: int
) -> None:
    page = it.context.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(it.hosts.put("shop", a_page(it.element(layout=layout), head=it.loader)))
    page.wait_for_function("document.querySelector('order-status').clientHeight")
    reserved = size_of(page)
    wait_on_page(page, lambda: it.engine.subscriptions, "the widget to listen")

    for status in ("Ready", "Out for delivery", "Delivered"):
        it.change_and_publish(progress_order, status)
        expect(frames_of(page)[0].locator("#status")).to_have_attribute("data-version", str(it.version()))

    assert size_of(page) == reserved
    assert frames_of(page)[0].evaluate(FITS)
    assert page.evaluate("watch.shift") == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_pasted_html_reserves_the_space_before_our_script_is_loaded(it: Elsewhere, layout: str) -> None:
    about = it.context.new_page()
    about.goto(f"{it.url}/embed?layout={layout}")
    line, element = about.locator("#element code").inner_text().splitlines()
    held_up: list[Route] = []
    page = it.context.new_page()
    page.route("**/order-status.js", lambda route: held_up.append(route))

    pasted = element.replace("THE_APPLICATION.THE_TOKEN", it.token())
    page.goto(it.hosts.put("shop", a_page(pasted, head=line)), wait_until="commit")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    reserved = page.locator("#after").bounding_box()
    held_up[0].continue_()
    wait_on_page(page, lambda: it.engine.subscriptions, "the widget to listen")

    expect(frames_of(page)[0].locator("#widget")).to_have_attribute("data-connection", "live")
    assert page.locator("#after").bounding_box() == reserved
    assert page.evaluate("watch.shift") == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_widget_grows_with_larger_letters_and_shrinks_again(it: Elsewhere, layout: str) -> None:
    page = it.open(a_page(it.element(layout=layout), head=it.loader))
    frame, before = frames_of(page)[0], size_of(page)["height"]

    frame.evaluate("document.documentElement.style.fontSize = '200%'")
    wait_on_page(page, lambda: size_of(page)["height"] > before, "more room")
    wait_on_page(page, lambda: frame.evaluate(FITS), "all of it to be seen")

    frame.evaluate("document.documentElement.style.fontSize = ''")
    wait_on_page(page, lambda: size_of(page)["height"] == before, "its former size")


def test_the_page_gets_one_element_and_no_other_global_name(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    new = page.evaluate("Object.getOwnPropertyNames(window).filter((name) => !watch.names.includes(name))")

    assert set(new) <= {"watch", "event"}  # the page's own script, and the current event, which browsers set
    assert page.evaluate("typeof customElements.get('order-status')") == "function"
    assert page.evaluate("document.querySelector('order-status').shadowRoot") is None


def test_the_widget_causes_no_long_task_on_the_page(it: Elsewhere) -> None:
    """The best of three views counts: a busy machine may delay a view, but the widget's own work is in each of them."""
    longest = []

    for path in ("/first", "/second", "/third"):
        page = it.open(a_page(it.element(layout="full"), head=it.loader), path=path)
        it.change_and_publish(progress_order, "Ready" if path == "/second" else "Out for delivery")
        expect(frames_of(page)[0].locator("#status")).to_have_attribute("data-version", str(it.version()))
        longest.append(max((task["duration"] for task in own_tasks(page)), default=0))
        page.close()

    assert min(longest) < LONGEST


def own_tasks(page: Page) -> list[dict[str, float]]:
    """Return the long tasks of the page's own window, without those of its frames."""
    return [task for task in page.evaluate("watch.tasks") if task["name"] in ("self", "unknown")]


def test_the_check_finds_a_long_task_of_the_page(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    page.evaluate("setTimeout(() => { const end = performance.now() + 80; while (performance.now() < end); })")

    wait_on_page(page, lambda: own_tasks(page), "the long task")


def test_a_removed_widget_disconnects_and_an_inserted_one_is_live_again(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    page.evaluate("window.widget = document.querySelector('order-status'); widget.remove()")
    wait_on_page(page, lambda: not frames_of(page), "the frame to be gone")
    it.change_order(progress_order, "Out for delivery")
    before = len(it.engine.subscriptions)
    page.evaluate("document.body.append(widget)")
    wait_on_page(page, lambda: len(it.engine.subscriptions) > before, "the widget to listen")

    expect(frames_of(page)[0].locator("h1")).to_contain_text("on its way")
    assert len(frames_of(page)) == 1
    assert [event["name"] for event in page.evaluate("watch.events")] == ["status", "status"]
