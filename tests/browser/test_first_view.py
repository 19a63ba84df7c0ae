"""The first seconds of an order's page, while its scripts are still loading."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.pages import OpenOrder, open_order
from tests.site import wait_for
from tracker.config import Settings

LATE_SCRIPT = "**/pusher.min.*.js"
NO_FIRST_SOCKET = """
    const Real = window.WebSocket;
    window.WebSocket = class {
        constructor() {
            window.WebSocket = Real;
            throw new SyntaxError("An address like this cannot be connected to.");
        }
    };
"""


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Yield an order whose page is not open yet."""
    with open_order(browser, settings, sqlite_url, go=False) as opened:
        yield opened


def wait_for_authorisation(it: OpenOrder, held_up: list[Route]) -> None:
    def asks() -> bool:
        it.page.wait_for_timeout(5)  # gives Playwright the time to handle events
        return bool(held_up and it.engine.connections and count_authorisations(it))

    wait_for(asks, "the page to ask for authorisation")


def count_authorisations(it: OpenOrder) -> int:
    return sum("/pusher/auth" in path for path in it.requests)


def test_a_page_connects_and_asks_for_authorisation_while_its_scripts_load(it: OpenOrder) -> None:
    held_up: list[Route] = []
    it.page.route(LATE_SCRIPT, lambda route: held_up.append(route))

    it.page.goto(it.address, wait_until="commit")
    wait_for_authorisation(it, held_up)
    held_up[0].continue_()
    it.expect_connection("^Live$")

    assert (it.engine.connections, count_authorisations(it), len(it.engine.subscriptions)) == (1, 1, 1)


def test_a_page_whose_first_connection_was_lost_opens_another(it: OpenOrder) -> None:
    held_up: list[Route] = []
    it.page.route(LATE_SCRIPT, lambda route: held_up.append(route))

    it.page.goto(it.address, wait_until="commit")
    wait_for_authorisation(it, held_up)
    it.engine.break_down()
    it.engine.is_up = True
    held_up[0].continue_()
    it.expect_connection("^Live$")

    assert (it.engine.connections, len(it.engine.subscriptions)) == (1, 1)


def test_a_page_whose_request_for_authorisation_failed_asks_again_at_once(it: OpenOrder) -> None:
    it.page.route("**/pusher/auth*", lambda route: route.abort(), times=1)

    it.page.goto(it.address)
    it.expect_connection("^Live$")

    assert (it.engine.connections, count_authorisations(it), len(it.engine.subscriptions)) == (1, 2, 1)


def test_a_page_that_cannot_connect_before_its_scripts_are_loaded_connects_with_them(it: OpenOrder) -> None:
    it.page.add_init_script(NO_FIRST_SOCKET)

    it.page.goto(it.address)
    it.expect_connection("^Live$")
    complaints = it.complaints[:]
    it.complaints.clear()
    it.engine.break_down()
    it.expect_connection("^Reconnecting")
    it.engine.is_up = True
    it.expect_connection("^Live$")

    assert complaints == ["An address like this cannot be connected to."]
    assert it.engine.connections == 1


def test_the_first_response_alone_shows_the_order_with_its_styles(it: OpenOrder) -> None:
    it.page.route("**/static/**", lambda route: None)

    it.page.goto(it.address, wait_until="commit")
    it.page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")

    assert it.page.locator("h1").evaluate("(headline) => getComputedStyle(headline).lineHeight") != "normal"
    assert it.page.locator("main").evaluate("(main) => getComputedStyle(main).maxWidth") != "none"
