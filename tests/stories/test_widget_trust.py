"""The widget is refused on pages of other origins, uses no cookies, ignores forged messages, and tells its page nothing
about the customer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.hosts import a_page, a_window
from tests.browser.other_sites import FRAME, Elsewhere, elsewhere, events_of, frames_of, size_of, wait_on_page
from tests.page_text import not_drawn
from tracker import clock
from tracker.accounts.registration import register_application
from tracker.config import Settings
from tracker.orders.operations.by_restaurant import progress_order, reject_order

PERSONAL = ("Ada", "ada@", "Sample", "blue door", "oregano", "Visa", "Margherita", "32.50", "34.50", "555", "closed")
"""Words of the order that only the customer and the restaurant may see."""
STORED_BY_THE_BROWSER = """() => {
    try {
        return { ...localStorage, ...sessionStorage, ...(document.cookie && { cookie: document.cookie }) };
    } catch { // blocked with the cookies
        return {};
    }
}"""


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Elsewhere]:
    """Serve the sites, with an order whose customer is signed in on the same browser."""
    with elsewhere(browser, settings, sqlite_url) as sites:
        yield sites


def set_cross_site_cookie(it: Elsewhere) -> None:
    """Set a cookie of our site that browsers also send from pages of other sites, unless they block such cookies."""
    page = it.context.new_page()
    page.goto(f"{it.url}/up")
    page.evaluate("document.cookie = 'mark=1; SameSite=None; Secure'")
    page.reload()
    assert "mark=1" in it.requests[-1].cookie
    page.close()
    it.requests.clear()


@pytest.mark.parametrize(("blocks", "sent"), [(True, ""), (False, "mark=1")])
def test_an_ordinary_frame_shows_whether_the_browser_blocks_cookies_of_other_sites(
    browser: Browser, settings: Settings, sqlite_url: str, tmp_path: Path, blocks: bool, sent: str
) -> None:
    window = a_window(browser, tmp_path / "profile", blocks_cookies_of_others=blocks)
    with elsewhere(browser, settings, sqlite_url, context=window) as it:
        set_cross_site_cookie(it)

        it.open(a_page(f'<iframe src="{it.url}/embed/v1/preview/card"></iframe>'), live=0).wait_for_load_state("load")
        it.complaints.clear()  # the browser refuses the frame after requesting it

        assert [(request.path, request.cookie) for request in it.requests] == [("/embed/v1/preview/card", sent)]


@pytest.mark.parametrize("blocks", [True, False], ids=["cookies blocked", "cookies allowed"])
def test_the_widget_is_live_without_cookies_whether_or_not_they_are_allowed(
    browser: Browser, settings: Settings, sqlite_url: str, tmp_path: Path, blocks: bool
) -> None:
    window = a_window(browser, tmp_path / "profile", blocks_cookies_of_others=blocks)
    with elsewhere(browser, settings, sqlite_url, context=window) as it:
        page = it.open(a_page(it.element(), head=it.loader))

        it.change_and_publish(progress_order, "Out for delivery")

        expect(frames_of(page)[0].locator("h1")).to_contain_text("on its way")
        assert {request.path for request in it.requests} >= {
            "/embed/v1/order-status.js",
            f"{FRAME}region",
            "/api/v1/pusher/auth",
        }
        assert [
            (request.path, request.cookie, request.set_cookie)
            for request in it.requests
            if request.cookie or request.set_cookie
        ] == []
        assert frames_of(page)[0].evaluate(STORED_BY_THE_BROWSER) == {}


def test_the_widget_never_sends_even_a_cookie_that_browsers_send_everywhere(
    browser: Browser, settings: Settings, sqlite_url: str, tmp_path: Path
) -> None:
    window = a_window(browser, tmp_path / "profile", blocks_cookies_of_others=False)
    with elsewhere(browser, settings, sqlite_url, context=window) as it:
        set_cross_site_cookie(it)

        it.open(a_page(it.element(), head=it.loader))

        cookies = {
            request.path: request.cookie
            for request in it.requests
            if "Authorization" in request.headers or request.method == "POST"
        }
        assert cookies == {f"{FRAME}region": "", "/api/v1/pusher/auth": ""}


def test_a_page_of_another_site_that_copies_the_html_shows_nothing_and_gets_an_event(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader), name="thief", live=0)

    wait_on_page(page, lambda: events_of(page), "the event")
    it.complaints.clear()  # the browser reports on its console that it has refused the frame

    assert events_of(page, "error") == [{"reason": "refused"}]
    assert f"{FRAME}region" not in [request.path for request in it.requests]
    assert frames_of(page) == [] or "Bella" not in frames_of(page)[0].content()
    assert it.engine.subscriptions == []


def test_a_token_for_one_of_the_applications_sites_shows_nothing_on_another(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(it.token(host="shop")), head=it.loader), name="second", live=0)

    wait_on_page(page, lambda: events_of(page), "the event")

    assert events_of(page, "error") == [{"reason": "origin"}]
    assert [request.status for request in it.requests if request.path == f"{FRAME}region"] == [403]
    assert "Bella" not in frames_of(page)[0].content()
    assert it.engine.subscriptions == []


def test_a_token_opens_nothing_in_another_applications_frame(it: Elsewhere) -> None:
    with it.database.transaction() as session:
        other_application = register_application("Another shop", [it.hosts.origin("rival")], now=clock.now())
        session.add(other_application)
        other_id = other_application.id
    stolen = f"{other_id}.{it.token().partition('.')[2]}"

    page = it.open(a_page(it.element(stolen), head=it.loader), name="rival", live=0)
    wait_on_page(page, lambda: events_of(page), "the event")

    assert {event["name"] for event in page.evaluate("watch.events")} == {"token-expired"}
    assert {request.status for request in it.requests if request.path == f"{FRAME}region"} == {401}
    assert "Bella" not in frames_of(page)[0].content()


def test_a_site_that_is_removed_from_the_application_loses_the_widget_at_once(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    it.set_origins("second")
    it.change_and_publish(progress_order, "Out for delivery")
    wait_on_page(page, lambda: events_of(page, "error"), "the event")

    assert events_of(page, "error") == [{"reason": "origin"}]
    assert "on its way" not in frames_of(page)[0].content()


def test_no_message_to_the_page_contains_the_customer_or_the_content_of_the_order(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    it.change_and_publish(progress_order, "Ready")
    wait_on_page(page, lambda: len(events_of(page)) == 2, "the event")
    it.change_and_publish(reject_order, "We are closed, Ada Byrne of 38 Sample Street.")
    wait_on_page(page, lambda: len(events_of(page)) == 3, "the event")

    messages = page.evaluate("watch.messages")
    assert {message["origin"] for message in messages} == {it.url}
    assert {key for message in messages for key in message["data"]} <= {
        *("orderStatus", "type", "height", "state", "step", "version")
    }
    assert [event["state"] for event in events_of(page, "status")] == ["confirmed", "confirmed", "rejected"]
    assert all(set(event) == {"state", "step", "version"} for event in events_of(page))
    content = frames_of(page)[0].content()
    for text in (str(messages), str(page.evaluate("watch.events")), content):
        assert [word for word in PERSONAL if word in not_drawn(text)] == []
    assert it.order_id not in str([messages, page.evaluate("watch.events")])


FORGED = [{"type": "resize", "height": 9999}, {"type": "status", "state": "lies"}, {"type": "error", "reason": "lies"}]
FORGE = """([type, more]) => {
    const said = { orderStatus: 1, type, ...more };
    parent.postMessage(said, "*");
    for (let at = 0; at < parent.frames.length; at += 1) parent.frames[at].postMessage(said, "*");
}"""


def forge(page: Page, *forged: dict[str, object]) -> None:
    """Send these messages from a frame of another site in the page to the page and to all of its frames."""
    (ads,) = [frame for frame in page.frames if "ads." in frame.url]
    for message in forged:
        ads.evaluate(FORGE, [message["type"], message])
    page.wait_for_function(
        "(count) => watch.messages.filter(({ origin }) => /ads/.test(origin)).length >= count", arg=1
    )


def test_the_element_ignores_messages_from_anything_but_its_own_frame(it: Elsewhere) -> None:
    ads = it.hosts.put("ads", "<p>An advertisement</p>")
    page = it.open(a_page(it.element() + f'<iframe src="{ads}"></iframe>', head=it.loader))
    before = size_of(page)

    forge(page, *FORGED, {"type": "token-expired"})
    page.evaluate("(said) => said.forEach((one) => postMessage({ orderStatus: 1, ...one }, '*'))", FORGED)
    it.change_and_publish(progress_order, "Out for delivery")
    wait_on_page(page, lambda: len(events_of(page)) == 2, "the true event")

    assert [event["state"] for event in events_of(page, "status")] == ["confirmed", "confirmed"]
    assert events_of(page, "error") == events_of(page, "token-expired") == []
    assert size_of(page) == before


def test_the_frame_ignores_messages_from_anything_but_the_page_that_embeds_it(it: Elsewhere) -> None:
    ads, second = it.hosts.put("ads", "<p>An advertisement</p>"), it.token(order_id=it.place_another_order("B77"))
    address = f"{it.url}{FRAME}{it.application_id}#token={it.token()}"
    page = it.open(a_page(f'<iframe src="{address}"></iframe><iframe src="{ads}"></iframe>'))

    forge(page, {"type": "hello", "token": second}, {"type": "token", "token": second})
    it.change_and_publish(progress_order, "Out for delivery")

    expect(frames_of(page)[0].locator("h1")).to_contain_text("on its way")
    assert "A42" in frames_of(page)[0].content()
    assert "B77" not in not_drawn(frames_of(page)[0].content())


def test_messages_of_the_frame_reach_no_page_of_another_origin(it: Elsewhere) -> None:
    inner = it.hosts.put("shop", a_page(it.element(), head=it.loader), path="/inner")

    page = it.open(a_page(f'<iframe src="{inner}"></iframe>'), name="thief", live=0)
    page.wait_for_load_state("networkidle")
    it.complaints.clear()  # our frame refuses a page that is itself embedded by another site

    assert page.evaluate("watch.messages") == []
    assert it.engine.subscriptions == []
