"""A change that the restaurant proposes, on the customer's page in a browser: card, answer, focus and countdown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.adjustments import ASKS, MINUTE, SECOND, press, propose_change
from tests.browser.pages import OpenOrder, open_order
from tests.order_actions import CONFIRM, an_own_order, lapse, propose
from tracker import clock
from tracker.config import Settings
from tracker.orders.states import OrderEventKind, OrderState
from tracker.web.order.formatting import left


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Open the live page of an order that the restaurant has not answered yet, for its customer."""
    with open_order(browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


# --- the card, and the answer ---------------------------------------------------------------------------------------


def test_a_change_appears_by_itself_and_a_screen_reader_reads_it_at_once(it: OpenOrder) -> None:
    it.page.get_by_role("link", name="Call Bella Napoli").focus()

    propose_change(it)

    card = it.page.locator("#decision")
    expect(card).to_contain_text("1 × Tiramisu")
    expect(card).to_contain_text("Extra basil of 2 × Margherita")
    expect(card).to_contain_text("€34.50 → but €27.00 €7.50 less", use_inner_text=False)
    expect(it.page).to_have_title(ASKS)
    announced = it.page.locator("#said-at-once")
    expect(announced).to_contain_text(f"{ASKS}. The time would be ")
    expect(announced).to_contain_text("Left out: 1 × Tiramisu, Extra basil. The mascarpone has run out.")
    expect(announced).to_contain_text("The total would be €27.00. If you don’t answer by")
    expect(it.page.get_by_role("link", name="Call Bella Napoli")).to_be_focused()


@pytest.mark.parametrize(
    ("button", "headline", "receipt"),
    [
        ("Accept the change", "Bella Napoli is making your order", "You accepted Bella Napoli’s change at"),
        (
            "Reject and cancel the order",
            "Your order at Bella Napoli was cancelled",
            "You rejected Bella Napoli’s change",
        ),
    ],
)
def test_an_answer_is_given_in_place_and_the_focus_moves_to_the_new_state(
    it: OpenOrder, button: str, headline: str, receipt: str
) -> None:
    propose_change(it)
    it.page.evaluate("window.isTheSame = true")

    press(it, button)

    expect(it.page.locator("h1")).to_have_text(headline)
    expect(it.page.locator("#decision")).to_contain_text(receipt)
    expect(it.page.locator("h1")).to_be_focused()
    assert it.page.evaluate("window.isTheSame")
    it.expect_connection("^Live$")


def test_by_keyboard_alone_the_card_comes_first_and_an_answer_is_one_key(it: OpenOrder) -> None:
    propose_change(it)
    it.page.get_by_role("button", name="Pause updates").focus()

    reached = []
    for _ in range(4):
        it.page.keyboard.press("Tab")
        reached.append(it.page.evaluate("document.activeElement.textContent.trim()"))
    it.page.keyboard.press("Shift+Tab")
    it.page.keyboard.press("Shift+Tab")
    it.page.keyboard.press("Shift+Tab")
    it.page.keyboard.press("Enter")

    assert reached[:3] == ["Accept the change", "Reject and cancel the order", "I need more time (10 more minutes)"]
    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    expect(it.page.locator("h1")).to_be_focused()


def test_more_time_keeps_the_card_and_the_focus_where_they_are(it: OpenOrder) -> None:
    propose_change(it)
    expect(it.page.locator(".soon[data-until]")).to_have_text("10 minutes left")

    press(it, "I need more time")

    expect(it.page.locator(".soon[data-until]")).to_have_text("20 minutes left")
    expect(it.page.get_by_role("button", name="I need more time")).to_be_focused()
    assert it.stored_order().state is OrderState.ADJUSTED


def test_a_double_click_answers_once(it: OpenOrder) -> None:
    propose_change(it)

    it.page.get_by_role("button", name="Accept the change").dblclick()

    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    it.wait_for_responses()
    expect(it.page.locator("#refusal")).to_have_count(0)
    kinds = [event.kind for event in it.stored_order().events]
    assert kinds.count(OrderEventKind.ADJUSTMENT_ACCEPTED) == 1


def test_an_answer_does_not_wait_for_a_slow_refetch(it: OpenOrder) -> None:
    propose_change(it)
    held_up: list[Route] = []
    it.page.route("**/live", lambda route: held_up.append(route), times=1)
    it.engine.send_event("order_changed")
    it.page.wait_for_timeout(50)

    press(it, "Accept the change")

    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    assert held_up
    it.expect_connection("^Live$")


def test_an_unanswered_change_lapses_on_the_open_page(it: OpenOrder) -> None:
    propose_change(it)
    it.page.get_by_role("button", name="Accept the change").focus()

    it.engine.send_event("order_confirmation", version=it.step(lapse))

    expect(it.page.locator("#decision")).to_contain_text("There was no answer in time, so your order was cancelled")
    expect(it.page.locator("#said-at-once")).to_contain_text("Your order at Bella Napoli was cancelled.")
    expect(it.page.locator("h1")).to_be_focused()


# --- what comes between ---------------------------------------------------------------------------------------------


def test_an_answer_that_comes_too_late_is_refused_with_the_reason_and_the_current_order(it: OpenOrder) -> None:
    propose_change(it)
    it.step(CONFIRM)

    press(it, "Accept the change")

    refusal = it.page.get_by_role("alert").filter(
        has_text="The restaurant has confirmed your order without the change."
    )
    expect(refusal).to_be_visible()
    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making your order")
    expect(it.page.locator(".line.removed")).to_have_count(0)
    it.expect_connection("^Live$")


def test_a_press_on_a_card_that_has_just_changed_is_not_taken_for_an_answer(it: OpenOrder) -> None:
    propose_change(it)
    it.stop_time()

    it.engine.send_event("order_adjustment", version=it.step(propose(90)))
    expect(it.page.locator("#decision")).to_contain_text("This takes the place of what was proposed")
    press(it, "Accept the change")
    it.wait_for_responses()

    assert it.stored_order().state is OrderState.ADJUSTED
    it.page.clock.run_for(SECOND)
    press(it, "Accept the change")
    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change")


def test_an_answer_that_was_not_sent_can_be_tried_again(it: OpenOrder) -> None:
    propose_change(it)
    it.page.route("**/accept", lambda route: route.abort(), times=1)

    press(it, "Accept the change")
    note = it.page.get_by_text("That didn’t get through. Please try again.").first
    expect(note).to_be_visible()
    expect(it.page.locator("#said-at-once")).to_contain_text("That didn’t get through.")
    press(it, "Accept the change")

    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    expect(note).to_be_hidden()


def test_a_customer_who_has_signed_out_meanwhile_is_informed(it: OpenOrder) -> None:
    propose_change(it)
    it.end_sessions()

    press(it, "Accept the change")

    it.expect_connection("^You are signed out")
    assert it.stored_order().state is OrderState.ADJUSTED


# --- the time to answer ---------------------------------------------------------------------------------------------


def test_a_screen_reader_reads_the_time_to_answer_at_five_minutes_at_one_and_at_its_end(it: OpenOrder) -> None:
    propose_change(it)
    it.page.clock.run_for(6 * SECOND)
    it.page.route("**/live", lambda route: route.abort())
    it.page.evaluate(
        """() => {
            window.said = [];
            const place = document.getElementById("said-at-once");
            new MutationObserver(() => window.said.push(place.textContent)).observe(place, { childList: true });
        }"""
    )

    it.page.clock.run_for(11 * MINUTE)

    spoken = [words for words in it.page.evaluate("window.said") if words.startswith("To answer")]
    assert spoken == [
        "To answer: 5 minutes left.",
        "To answer: less than a minute left.",
        "To answer: the time is over.",
    ]


def test_the_page_counts_down_the_time_to_answer_in_the_same_words_as_the_server(it: OpenOrder) -> None:
    seconds = [-90, -1, 1, 59, 61, 119, 121, 590, 5340, 5399, 5401, 9000, 90000]
    now = clock.now()
    it.page.evaluate(
        """([now, seconds]) => seconds.forEach((second) => {
            const place = document.createElement("i");
            place.dataset.until = new Date(now + second * 1000 + 500).toISOString();
            document.body.append(place);
        })""",
        [now.timestamp() * 1000, seconds],
    )
    it.stop_time()

    it.page.clock.run_for(6 * SECOND)
    shown = it.page.locator("i[data-until]").all_inner_texts()

    at = datetime.fromtimestamp(it.page.evaluate("Date.now()") / 1000, UTC)  # the server's Date is of a whole second
    ends = [now + timedelta(seconds=second + 0.5) for second in seconds]
    words = [{left(end, at + timedelta(seconds=wrong)) for wrong in (-6, -5, -4, -3, -2, -1, 0, 1, 2)} for end in ends]
    assert [text in allowed for text, allowed in zip(shown, words, strict=True)] == [True] * len(seconds)
