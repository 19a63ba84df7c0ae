"""The restaurant's change before its customer, in a real browser: the card, the answer, the focus, the clock."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.acting import ADJUST, COMPLETE, CONFIRM, Step, an_own_order, kitchen, lapse, propose
from tests.browser.pages import OpenOrder, open_order
from tests.browser.test_accessibility import complaints
from tracker import clock
from tracker.config import Settings
from tracker.orders import by_restaurant
from tracker.orders.states import OrderEventKind, OrderState
from tracker.web.format import left

SECOND, MINUTE = 1000, 60_000
ASKS = "Bella Napoli would like to change your order"


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """An order that nobody has answered yet, open in front of its customer, and live."""
    with open_order(browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


def asked(it: OpenOrder, step: Step = ADJUST) -> None:
    """The restaurant proposes a change, and the page has heard of it for a second."""
    it.engine.say("order_adjustment", version=it.step(step))
    expect(it.page.locator("h1")).to_have_text(ASKS)
    it.page.clock.run_for(SECOND)


def press(it: OpenOrder, name: str) -> None:
    """Press this button."""
    it.page.get_by_role("button", name=name).click()


# --- the card, and the answer ---------------------------------------------------------------------------------------


def test_a_change_appears_by_itself_and_interrupts_whoever_listens(it: OpenOrder) -> None:
    it.page.get_by_role("link", name="Call Bella Napoli").focus()

    asked(it)

    card = it.page.locator("#decision")
    expect(card).to_contain_text("1 × Tiramisu")
    expect(card).to_contain_text("Extra basil of 2 × Margherita")
    expect(card).to_contain_text("€34.50 → but €27.00 €7.50 less", use_inner_text=False)
    expect(it.page).to_have_title(ASKS)
    said = it.page.locator("#said-at-once")
    expect(said).to_contain_text(f"{ASKS}. The time would be ")
    expect(said).to_contain_text("Left out: 1 × Tiramisu, Extra basil. The mascarpone has run out.")
    expect(said).to_contain_text("The total would be €27.00. If you don’t answer by")
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
def test_an_answer_is_given_in_place_and_the_focus_goes_to_what_is_true_now(
    it: OpenOrder, button: str, headline: str, receipt: str
) -> None:
    asked(it)
    it.page.evaluate("window.isTheSame = true")

    press(it, button)

    expect(it.page.locator("h1")).to_have_text(headline)
    expect(it.page.locator("#decision")).to_contain_text(receipt)
    expect(it.page.locator("h1")).to_be_focused()
    assert it.page.evaluate("window.isTheSame")
    it.shows("^Live$")


def test_by_keyboard_alone_the_card_comes_first_and_an_answer_is_one_key(it: OpenOrder) -> None:
    asked(it)
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
    asked(it)
    expect(it.page.locator(".soon[data-until]")).to_have_text("10 minutes left")

    press(it, "I need more time")

    expect(it.page.locator(".soon[data-until]")).to_have_text("20 minutes left")
    expect(it.page.get_by_role("button", name="I need more time")).to_be_focused()
    assert it.kept().state is OrderState.ADJUSTED


def test_a_double_click_answers_once(it: OpenOrder) -> None:
    asked(it)

    it.page.get_by_role("button", name="Accept the change").dblclick()

    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    it.wait_for_answers()
    expect(it.page.locator("#refusal")).to_have_count(0)
    kinds = [event.kind for event in it.kept().events]
    assert kinds.count(OrderEventKind.ADJUSTMENT_ACCEPTED) == 1


def test_an_answer_overtakes_whatever_the_page_was_asking(it: OpenOrder) -> None:
    asked(it)
    held_up: list[Route] = []
    it.page.route("**/live", lambda route: held_up.append(route), times=1)
    it.engine.say("order_changed")
    it.page.wait_for_timeout(50)

    press(it, "Accept the change")

    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    assert held_up
    it.shows("^Live$")


def test_what_nobody_answers_ends_by_itself_before_their_eyes(it: OpenOrder) -> None:
    asked(it)
    it.page.get_by_role("button", name="Accept the change").focus()

    it.engine.say("order_confirmation", version=it.step(lapse))

    expect(it.page.locator("#decision")).to_contain_text("There was no answer in time, so your order was cancelled")
    expect(it.page.locator("#said-at-once")).to_contain_text("Your order at Bella Napoli was cancelled.")
    expect(it.page.locator("h1")).to_be_focused()


# --- what comes between ---------------------------------------------------------------------------------------------


def test_an_answer_that_comes_too_late_is_told_what_came_first_and_shown_the_order_as_it_is(it: OpenOrder) -> None:
    asked(it)
    it.step(CONFIRM)

    press(it, "Accept the change")

    refusal = it.page.get_by_role("alert").filter(
        has_text="The restaurant has confirmed your order without the change."
    )
    expect(refusal).to_be_visible()
    expect(it.page.locator("h1")).to_have_text("Bella Napoli is making your order")
    expect(it.page.locator(".line.removed")).to_have_count(0)
    it.shows("^Live$")


def test_a_press_on_what_has_just_moved_under_the_finger_is_not_taken_for_an_answer(it: OpenOrder) -> None:
    asked(it)
    it.stop_time()

    it.engine.say("order_adjustment", version=it.step(propose(90)))
    expect(it.page.locator("#decision")).to_contain_text("This takes the place of what was proposed")
    press(it, "Accept the change")
    it.wait_for_answers()

    assert it.kept().state is OrderState.ADJUSTED
    it.page.clock.run_for(SECOND)
    press(it, "Accept the change")
    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change")


def test_what_does_not_get_through_is_said_and_can_be_tried_again(it: OpenOrder) -> None:
    asked(it)
    it.page.route("**/accept", lambda route: route.abort(), times=1)

    press(it, "Accept the change")
    note = it.page.get_by_text("That didn’t get through. Please try again.").first
    expect(note).to_be_visible()
    expect(it.page.locator("#said-at-once")).to_contain_text("That didn’t get through.")
    press(it, "Accept the change")

    expect(it.page.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    expect(note).to_be_hidden()


def test_somebody_who_has_signed_out_meanwhile_is_told_so(it: OpenOrder) -> None:
    asked(it)
    it.end_sessions()

    press(it, "Accept the change")

    it.shows("^You are signed out")
    assert it.kept().state is OrderState.ADJUSTED


# --- the time to answer ---------------------------------------------------------------------------------------------


def test_the_time_to_answer_is_spoken_at_five_minutes_at_one_and_at_its_end_and_at_no_other_time(it: OpenOrder) -> None:
    asked(it)
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

    said = [words for words in it.page.evaluate("window.said") if words.startswith("To answer")]
    assert said == ["To answer: 5 minutes left.", "To answer: less than a minute left.", "To answer: the time is over."]


def test_the_page_counts_the_time_to_answer_in_the_servers_words(it: OpenOrder) -> None:
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

    shown_at = it.page.evaluate("Date.now()") + 6 * SECOND
    it.page.clock.run_for(6 * SECOND)

    expect(it.page.locator("i[data-until]")).to_have_count(len(seconds))
    shown = it.page.locator("i[data-until]").all_inner_texts()
    offsets = [second - round((shown_at - now.timestamp() * 1000) / 1000) for second in seconds]
    words = [{left(now + timedelta(seconds=offset + wrong), now) for wrong in (-2, -1, 0, 1, 2)} for offset in offsets]
    assert [said in allowed for said, allowed in zip(shown, words, strict=True)] == [True] * len(seconds)


# --- after the food has come ----------------------------------------------------------------------------------------


def test_a_tip_and_a_rating_are_given_in_place_and_what_was_typed_stays_typed(it: OpenOrder) -> None:
    it.step(CONFIRM)
    it.engine.say("order_tracker", version=it.step(COMPLETE))
    amount = it.page.get_by_label("Your tip")
    amount.fill("nothing")

    press(it, "4 of 5 stars")
    expect(it.page.get_by_role("button", name="4 of 5 stars")).to_have_attribute("aria-pressed", "true")
    expect(it.page.get_by_role("button", name="4 of 5 stars")).to_be_focused()
    expect(amount).to_have_value("nothing")
    press(it, "Save tip")
    expect(it.page.locator("#refusal")).to_contain_text("That is no amount of money that we can read.")
    expect(amount).to_have_value("nothing")
    amount.fill("3,50")
    amount.press("Enter")

    expect(it.page.locator("#bill")).to_contain_text("€36.00")
    expect(it.page.locator("#refusal")).to_have_count(0)
    order = it.kept()
    assert (order.rating, order.bill.tip) == (4, 350)


def test_nobody_cancels_by_a_slip_of_the_finger(it: OpenOrder) -> None:
    expect(it.page.get_by_role("button", name="Yes, cancel my order")).to_be_hidden()

    it.page.get_by_role("heading", name="Cancel this order").click()
    press(it, "Yes, cancel my order")

    expect(it.page.locator("h1")).to_have_text("Your order at Bella Napoli was cancelled")
    expect(it.page.locator("h1")).to_be_focused()


# --- everybody ------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(it: OpenOrder, browser: Browser) -> Iterator[Page]:
    """The same customer's browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    context.add_cookies(it.page.context.cookies())
    yield context.new_page()
    context.close()


def test_everything_can_be_done_without_scripts(it: OpenOrder, plain: Page) -> None:
    it.step(ADJUST)

    plain.goto(it.address)
    plain.get_by_role("button", name="I need more time").click()
    expect(plain.locator(".soon[data-until]")).to_have_text("20 minutes left")
    plain.get_by_role("button", name="Accept the change").click()
    expect(plain.locator("#decision")).to_contain_text("You accepted Bella Napoli’s change at")
    it.step(COMPLETE)
    plain.reload()
    plain.get_by_role("button", name="5 of 5 stars").click()
    plain.get_by_label("Your tip").fill("3.50")
    plain.get_by_role("button", name="Save tip").click()

    expect(plain.get_by_label("Your tip")).to_have_value("3.50")
    assert plain.url == it.address
    order = it.kept()
    assert (order.rating, order.bill.tip, order.bill.charged) == (5, 350, 2500)


def test_without_scripts_what_is_refused_is_said_on_top_of_the_order_as_it_is(it: OpenOrder, plain: Page) -> None:
    plain.goto(it.address)
    it.step(kitchen(by_restaurant.reject_order, "We are closing soon."))

    plain.get_by_role("heading", name="Cancel this order").click()
    plain.get_by_role("button", name="Yes, cancel my order").click()

    expect(plain.get_by_role("alert").first).to_contain_text("The restaurant has rejected this order. That was at")
    expect(plain.locator("h1")).to_have_text("Bella Napoli couldn’t take your order")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_card_and_everything_on_it_is_large_enough(it: OpenOrder, scheme: str) -> None:
    it.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    asked(it)
    it.page.get_by_role("heading", name="Cancel this order").click()

    sizes = it.page.locator("a:visible, button:visible, summary:visible").evaluate_all(
        "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
    )
    answers = [it.page.get_by_role("button", name=name).bounding_box() for name in ("Accept the", "Reject and")]

    assert complaints(it.page) == []
    assert [name for name, height in sizes if height < 44 and name != "Skip to content"] == []
    assert answers[0]["width"] == answers[1]["width"]
    assert answers[0]["height"] == answers[1]["height"]
