"""A widget's token is valid for minutes. The page provides another one, or the widget shows how old its content is. A
revoked token shows nothing new."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.hosts import a_page
from tests.browser.other_sites import FRAME, Elsewhere, elsewhere, events_of, frames_of, size_of, wait_on_page
from tracker import clock
from tracker.config import Settings
from tracker.orders.operations.by_restaurant import confirm_order, progress_order

SHORT = timedelta(seconds=3)
PROVIDE_TOKENS = """(tokens) => {
    window.asked = [];
    document.querySelector("order-status").refreshToken = async () => tokens[asked.push(performance.now()) - 1];
}"""


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[Elsewhere]:
    """Serve the sites, with an order that is due in half an hour."""
    with elsewhere(browser, settings, sqlite_url) as sites:
        yield sites


def set_tokens(page: Page, *tokens: str) -> None:
    """Let the page provide these tokens, one after the other, when the widget asks for a new one."""
    page.evaluate(PROVIDE_TOKENS, list(tokens))


def progress(it: Elsewhere, page: Page, status: str, words: str) -> None:
    """Set this status of the order, publish it, and wait until the widget shows these words."""
    it.change_and_publish(progress_order, status)
    expect(frames_of(page)[0].locator("h1")).to_contain_text(words)


def region_statuses(it: Elsewhere) -> list[int]:
    """Return the status of each response to a request for the widget's region."""
    return [request.status for request in it.requests if request.path == f"{FRAME}region"]


def test_a_page_that_provides_a_new_token_is_asked_in_time_and_misses_nothing(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    ends = it.shorten_tokens(SHORT)
    set_tokens(page, it.token())

    wait_on_page(page, lambda: page.evaluate("asked.length") and clock.now() > ends, "the first token to end")
    progress(it, page, "Out for delivery", "on its way")

    assert page.evaluate("asked.length") == 1
    assert 401 not in region_statuses(it)
    assert events_of(page, "token-expired") == []
    assert frames_of(page)[0].locator("#widget").get_attribute("data-connection") == "live"


def test_a_page_that_provides_no_token_gets_an_event_and_the_widget_shows_its_age(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    it.shorten_tokens(SHORT)

    wait_on_page(page, lambda: {"name": "token-expired", "detail": None} in page.evaluate("watch.events"), "the event")
    it.change_order(progress_order, "Out for delivery")

    frame = frames_of(page)[0]
    expect(frame.locator("h1")).to_contain_text("is making the order")
    expect(frame.locator(".connection")).to_contain_text("As of")
    wait_on_page(page, lambda: it.engine.listeners == 0, "it to disconnect")


def test_a_widget_whose_token_has_ended_continues_with_a_new_one(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    it.shorten_tokens(SHORT)
    wait_on_page(page, lambda: events_of(page, "token-expired"), "the event")
    before = len(it.engine.subscriptions)
    it.change_order(progress_order, "Ready")

    page.locator("order-status").evaluate("(one, token) => one.setAttribute('token', token)", it.token())
    wait_on_page(page, lambda: len(it.engine.subscriptions) > before, "the widget to listen")
    progress(it, page, "Out for delivery", "on its way")

    assert len(frames_of(page)) == 1
    assert [request.path for request in it.requests].count(
        f"{FRAME}{it.application_id}"
    ) == 1  # the frame was not loaded again
    assert page.evaluate("watch.shift") == 0


def test_a_revoked_token_shows_nothing_new_although_its_frame_was_connected(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))

    it.revoke_tokens()
    it.change_and_publish(progress_order, "Out for delivery")
    wait_on_page(page, lambda: events_of(page, "token-expired"), "the event")

    expect(frames_of(page)[0].locator("h1")).to_contain_text("is making the order")
    expect(frames_of(page)[0].locator(".connection")).to_contain_text("As of")
    wait_on_page(page, lambda: it.engine.listeners == 0, "it to disconnect")


def test_a_page_that_has_only_revoked_tokens_is_not_asked_again_and_again(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    dead = [it.token() for _ in range(3)]
    set_tokens(page, *dead)
    it.revoke_tokens()

    it.change_and_publish(progress_order, "Out for delivery")
    wait_on_page(page, lambda: page.evaluate("asked.length") == 2, "the page to be asked twice")

    first, second = page.evaluate("asked")
    assert second - first > 1500
    assert region_statuses(it).count(401) <= 3


def test_a_callback_that_fails_causes_no_error_on_the_page(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    it.shorten_tokens(SHORT)

    page.evaluate("() => void (document.querySelector('order-status').refreshToken = () => nothing.at.all)")
    wait_on_page(page, lambda: events_of(page, "token-expired"), "the event")

    expect(frames_of(page)[0].locator(".connection")).to_contain_text("As of")


def test_a_plain_frame_whose_token_has_ended_continues_with_a_new_fragment(it: Elsewhere) -> None:
    address = f"{it.url}{FRAME}{it.application_id}"
    page = it.open(a_page(f'<iframe src="{address}#token={it.token()}"></iframe>'))
    it.shorten_tokens(SHORT)
    expired = "watch.messages.some(({ data }) => data.type === 'token-expired')"
    wait_on_page(page, lambda: page.evaluate(expired), "the message")
    before = len(it.engine.subscriptions)

    page.locator("iframe").evaluate("(one, to) => (one.src = to)", f"{address}#token={it.token()}")
    wait_on_page(page, lambda: len(it.engine.subscriptions) > before, "the frame to listen")

    progress(it, page, "Out for delivery", "on its way")
    assert [request.path for request in it.requests].count(f"{FRAME}{it.application_id}") == 1


@pytest.mark.parametrize("token", ["nonsense", "52a7289e96ba1c6209000003."])
def test_a_malformed_token_causes_an_error_event(it: Elsewhere, token: str) -> None:
    page = it.open(a_page(it.element(token), head=it.loader), live=0)

    wait_on_page(page, lambda: events_of(page, "error"), "the event")

    assert [event["reason"] for event in events_of(page, "error")] == ["refused"]
    assert region_statuses(it) == []


@pytest.mark.parametrize("answer", ["<!doctype html><title>500. Try again</title>", "", None])
def test_a_page_that_provides_an_error_instead_of_a_token_keeps_the_widgets_content(
    it: Elsewhere, answer: str | None
) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    it.shorten_tokens(SHORT)
    page.evaluate("(said) => void (document.querySelector('order-status').refreshToken = async () => said)", answer)

    wait_on_page(page, lambda: events_of(page, "token-expired"), "the event")

    expect(frames_of(page)[0].locator("h1")).to_contain_text("is making the order")
    expect(frames_of(page)[0].locator(".connection")).to_contain_text("As of")


def test_a_token_with_a_line_break_is_accepted_without_it(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    it.shorten_tokens(SHORT)
    token = it.token()
    set_tokens(page, f"{token}\n")

    wait_on_page(page, lambda: page.locator("order-status").get_attribute("token") == token, "the new token")

    progress(it, page, "Out for delivery", "on its way")


def test_an_invalid_new_token_shows_nothing_of_the_order_of_the_old_one(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    progress(it, page, "Ready", "is ready")
    expect(frames_of(page)[0].locator("#said")).to_contain_text("Bella Napoli")

    wrong = f"{it.application_id}.of-another-order"
    page.locator("order-status").evaluate("(one, token) => one.setAttribute('token', token)", wrong)
    wait_on_page(page, lambda: events_of(page, "token-expired"), "the event")

    expect(frames_of(page)[0].locator("body")).not_to_contain_text("Bella Napoli")
    expect(frames_of(page)[0].locator("h1")).to_have_text("The status can’t be shown here.")
    page.locator("order-status").evaluate("(one, token) => one.setAttribute('token', token)", it.token())
    wait_on_page(page, lambda: it.engine.listeners == 1, "it to connect again")
    progress(it, page, "Out for delivery", "on its way")


def test_a_page_that_changes_the_order_gets_an_event_with_the_state_of_the_new_order(it: Elsewhere) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    first = events_of(page, "status")

    it.order_id = it.place_another_order("B77")
    it.change_order(confirm_order, clock.now() + timedelta(minutes=30))
    page.locator("order-status").evaluate("(one, token) => one.setAttribute('token', token)", it.token())
    wait_on_page(page, lambda: len(events_of(page, "status")) > len(first), "the event")

    expect(frames_of(page)[0].locator(".code")).to_contain_text("B77")
    assert {event["version"] for event in events_of(page, "status")} == {first[0]["version"]}


@pytest.mark.parametrize("token", [None, "", "nonsense"])
def test_a_widget_whose_token_is_removed_shows_no_order(it: Elsewhere, token: str | None) -> None:
    page = it.open(a_page(it.element(), head=it.loader))
    height = size_of(page)["height"]
    change = "(one, said) => said === null ? one.removeAttribute('token') : one.setAttribute('token', said)"

    page.locator("order-status").evaluate(change, token)

    wait_on_page(page, lambda: it.engine.listeners == 0, "it to disconnect")
    assert frames_of(page) == []
    assert size_of(page)["height"] == height
    page.locator("order-status").evaluate(change, it.token())
    wait_on_page(page, lambda: it.engine.listeners == 1, "it to connect again")
    progress(it, page, "Out for delivery", "on its way")
