"""The first seconds of an order's page: what it does while its scripts are still on their way."""

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
    """An order whose page nobody has opened yet."""
    with open_order(browser, settings, sqlite_url, go=False) as opened:
        yield opened


def wait_until_it_asks_to_listen(it: OpenOrder, held_up: list[Route]) -> None:
    def asks() -> bool:
        it.page.wait_for_timeout(5)  # else Playwright would have no time to tell
        return bool(held_up and it.engine.connections and times_asked_to_listen(it))

    wait_for(asks, "the page asking whether it may listen")


def times_asked_to_listen(it: OpenOrder) -> int:
    return sum("/pusher/auth" in path for path in it.requests)


def test_a_page_connects_and_asks_to_listen_while_its_scripts_are_on_their_way(it: OpenOrder) -> None:
    held_up: list[Route] = []
    it.page.route(LATE_SCRIPT, lambda route: held_up.append(route))

    it.page.goto(it.address, wait_until="commit")
    wait_until_it_asks_to_listen(it, held_up)
    held_up[0].continue_()
    it.shows("^Live$")

    assert (it.engine.connections, times_asked_to_listen(it), len(it.engine.asked)) == (1, 1, 1)


def test_a_page_whose_first_connection_came_to_nothing_makes_another(it: OpenOrder) -> None:
    held_up: list[Route] = []
    it.page.route(LATE_SCRIPT, lambda route: held_up.append(route))

    it.page.goto(it.address, wait_until="commit")
    wait_until_it_asks_to_listen(it, held_up)
    it.engine.break_down()
    it.engine.is_up = True
    held_up[0].continue_()
    it.shows("^Live$")

    assert (it.engine.connections, len(it.engine.asked)) == (1, 1)


def test_a_page_that_was_not_heard_when_it_asked_to_listen_asks_again_at_once(it: OpenOrder) -> None:
    it.page.route("**/pusher/auth*", lambda route: route.abort(), times=1)

    it.page.goto(it.address)
    it.shows("^Live$")

    assert (it.engine.connections, times_asked_to_listen(it), len(it.engine.asked)) == (1, 2, 1)


def test_a_page_that_can_not_connect_before_its_scripts_have_come_does_so_with_them(it: OpenOrder) -> None:
    it.page.add_init_script(NO_FIRST_SOCKET)

    it.page.goto(it.address)
    it.shows("^Live$")
    complaints = it.complaints[:]
    it.complaints.clear()
    it.engine.break_down()
    it.shows("^Reconnecting")
    it.engine.is_up = True
    it.shows("^Live$")

    assert complaints == ["An address like this cannot be connected to."]
    assert it.engine.connections == 1


def test_the_first_answer_is_all_that_is_needed_to_see_the_order(it: OpenOrder) -> None:
    it.page.route("**/static/**", lambda route: None)

    it.page.goto(it.address, wait_until="commit")
    it.page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")

    assert it.page.locator("h1").evaluate("(headline) => getComputedStyle(headline).lineHeight") != "normal"
    assert it.page.locator("main").evaluate("(main) => getComputedStyle(main).maxWidth") != "none"
