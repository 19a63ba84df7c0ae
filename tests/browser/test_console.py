"""The console in a real browser: with and without scripts, by keyboard, and with sounds and a screen reader."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.consoles import WHO, Kitchen, a_kitchen, in_minutes, record_requests, wait_until_live
from tests.builders import a_change
from tests.conftest import Clock
from tracker.config import Settings
from tracker.orders.operations import by_customer, by_restaurant

FOCUSED = "document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
LISTEN = """() => {
    window.sounds = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...said) { window.sounds += 1; return start.apply(this, said); };
}"""
NO_SPEAKER = """() => {
    Object.defineProperty(AudioContext.prototype, "state", { value: "suspended" });
    AudioContext.prototype.resume = () => new Promise(() => {});
}"""


@pytest.fixture
def kitchen(browser: Browser, settings: Settings, sqlite_url: str, clock: Clock) -> Iterator[Kitchen]:
    """Yield the console on a tablet in a kitchen."""
    with a_kitchen(browser, settings, sqlite_url) as kitchen:
        yield kitchen


def wait_until_settled(page: Page) -> None:
    """Wait until the board accepts a press again after the last one, which it would take for a double press."""
    expect(page.locator("body:not(.settling)")).to_be_attached()


# --- pressed --------------------------------------------------------------------------------------------------------


def test_a_button_on_the_board_acts_in_place_without_reloading_the_board(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()
    board = kitchen.open(kitchen.board)
    requests = record_requests(board)

    board.get_by_role("button", name="A42: Confirm for in 20 min").click()

    expect(board.locator(f"#kitchen #order-{order_id}")).to_be_visible()
    expect(board).to_have_title("Bella Napoli: board")
    assert [line for line in requests if "/confirm" in line] != []
    assert [line for line in requests if line.endswith(f'{kitchen.board}"]')] == []
    kitchen.wait_until_fresh(board)


def test_a_refusal_is_shown_on_the_board_until_the_next_action(kitchen: Kitchen) -> None:
    order_id, other = kitchen.place_order(short_code="GONE"), kitchen.place_order(short_code="NEXT")
    board = kitchen.open(kitchen.board)
    kitchen.change_order(order_id, by_customer.cancel_order, 1)

    board.get_by_role("button", name="GONE: Confirm for in 20 min").click()
    expect(board.locator("#refusal")).to_contain_text("This order was cancelled by the customer.")
    expect(board.locator(f"#stopped #order-{order_id}")).to_be_visible()
    kitchen.publish(order_id)
    kitchen.wait_until_fresh(board)
    expect(board.locator("#refusal")).to_contain_text("This order was cancelled by the customer.")
    wait_until_settled(board)
    board.get_by_role("button", name="NEXT: Confirm for in 15 min").click()

    expect(board.locator(f"#kitchen #order-{other}")).to_be_visible()
    expect(board.locator("#refusal")).to_have_text("")


def test_a_double_tap_presses_only_once(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()
    kitchen.change_order(order_id, by_restaurant.confirm_order, in_minutes(30), actor_name=WHO)
    board = kitchen.open(kitchen.board)

    board.get_by_role("button", name="A42: Out for delivery").click()
    expect(board.locator(f"#way #order-{order_id}")).to_be_visible()
    board.get_by_role("button", name="A42: Delivered").click(force=True)

    kitchen.wait_until_fresh(board)
    expect(board.locator(f"#way #order-{order_id}")).to_be_visible()


def test_the_keyboard_alone_takes_an_order_from_new_to_handed_over(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()
    board = kitchen.open(kitchen.board)
    names = []
    for _ in range(14):
        board.keyboard.press("Tab")
        names.append(board.evaluate(FOCUSED))
        assert board.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if names[-1] == "A42: Confirm for in 20 min":
            break
    board.keyboard.press("Enter")
    expect(board.locator(f"#kitchen #order-{order_id}")).to_be_visible()

    for section, button in (("way", "Out for delivery"), ("ended", "Delivered")):
        board.wait_for_function(f"document.getElementById('order-{order_id}').contains(document.activeElement)")
        wait_until_settled(board)
        if "A42: " + button not in board.evaluate(FOCUSED):
            board.keyboard.press("Tab")
        expect(board.get_by_role("button", name=f"A42: {button}")).to_be_focused()
        board.keyboard.press("Enter")
        expect(board.locator(f"#{section} #order-{order_id}")).to_be_visible()

    assert names[:3] == ["Skip to content", "Bella Napoli", "Settings"]
    assert names.index("A42") < names.index("A42: Confirm for in 15 min")


def test_a_change_is_previewed_and_sent_by_keyboard_alone(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()
    page = kitchen.open(f"{kitchen.address(order_id)}/adjust", live=False)

    tab_to(page, "dolce")
    page.keyboard.press("Space")
    tab_to(page, "reason")
    page.keyboard.type("The cocoa has run out.")
    page.keyboard.press("Enter")
    expect(page.locator("#decision")).to_contain_text("The cocoa has run out.")
    tab_to(page, "Send to the customer")
    page.keyboard.press("Enter")

    wait_until_live(page)
    expect(page.locator("#what")).to_contain_text("Waiting for the customer")
    expect(page.locator("#what")).to_contain_text("Without Tiramisu")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until this is focused: a field is found by its value or name, a button by its text."""
    names_of_focused = "(({ value, name, textContent }) => [value, name, textContent.trim()])(document.activeElement)"
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in page.evaluate(names_of_focused):
            return
    raise AssertionError(f"The keyboard does not reach {name}.")


# --- sounds ---------------------------------------------------------------------------------------------------------


def test_a_sound_is_played_for_each_order_that_needs_an_answer_once_it_is_switched_on(kitchen: Kitchen) -> None:
    board = kitchen.open(kitchen.board)
    board.evaluate(LISTEN)
    sound = board.get_by_role("button", name="Sound is off")
    first = kitchen.place_order(short_code="ONE")
    kitchen.publish(first)
    expect(board.locator(f"#answer #order-{first}")).to_be_visible()
    assert board.evaluate("window.sounds") == 0

    sound.click()
    expect(board.get_by_role("button", name="Sound is on")).to_have_attribute("aria-pressed", "true")
    tried = board.evaluate("window.sounds")
    second = kitchen.place_order(short_code="TWO")
    kitchen.publish(second)
    expect(board.locator(f"#answer #order-{second}")).to_be_visible()
    played = board.evaluate("window.sounds")
    kitchen.change_order(second, by_restaurant.confirm_order, None, actor_name=WHO)
    kitchen.publish(second)
    expect(board.locator(f"#kitchen #order-{second}")).to_be_visible()

    assert (tried, played) == (3, 6)
    assert board.evaluate("window.sounds") == 6
    board.reload()
    expect(board.get_by_role("button", name="Sound: touch the page once")).to_be_visible()


def test_the_sound_button_shows_that_it_was_pressed_where_no_sound_can_be_played(kitchen: Kitchen) -> None:
    board = kitchen.open(kitchen.board)
    board.evaluate(NO_SPEAKER)
    sound = board.locator("#sound")
    expect(sound).to_have_text("Sound is off")

    sound.click()
    expect(sound).to_have_text("Sound: touch the page once")
    expect(sound).to_have_attribute("aria-pressed", "true")
    sound.click()

    expect(sound).to_have_text("Sound is off")
    expect(sound).to_have_attribute("aria-pressed", "false")


def test_a_screen_reader_reads_how_many_orders_need_an_answer_and_what_was_cancelled(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()
    board = kitchen.open(kitchen.board)

    kitchen.change_order(order_id, by_customer.cancel_order, 1)
    kitchen.publish(order_id)

    expect(board.locator("#said-at-once")).to_have_text("Cancelled: A42. Nothing to answer.")


def test_the_minutes_go_on_while_nothing_happens(kitchen: Kitchen) -> None:
    kitchen.place_order()
    board = kitchen.context.new_page()
    board.clock.install()
    board.goto(kitchen.board)
    wait_until_live(board)
    board.clock.run_for(1000)
    requests = record_requests(board)

    board.clock.run_for(61_000)

    expect(board.locator("#connection-words")).to_have_text("Live")
    assert [line for line in requests if "/live" in line] != []


# --- without scripts --------------------------------------------------------------------------------------------------


def test_without_scripts_an_order_is_confirmed_changed_and_rejected(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with a_kitchen(browser, settings, sqlite_url, java_script_enabled=False) as kitchen:
        confirmed, changed, rejected = (kitchen.place_order(short_code=code) for code in ("YES", "BUT", "NO"))
        board = kitchen.open(kitchen.board, live=False)

        board.get_by_role("button", name="YES: Confirm for in 30 min").click()
        expect(board).to_have_url(f"{kitchen.board}#order-{confirmed}")
        board.get_by_role("link", name="BUT: Change…").click()
        board.get_by_label("1 × Tiramisu").check()
        board.get_by_role("button", name="See what the customer will see").click()
        expect(board.get_by_role("button", name="Accept the change")).to_be_disabled()
        board.get_by_role("button", name="Send to the customer").click()
        board.goto(kitchen.board)
        board.get_by_role("link", name="NO: Reject…").click()
        board.get_by_label("We are closing soon.").check()
        board.get_by_role("button", name="Reject the order").click()
        board.goto(kitchen.board)

        expect(board.locator(f"#kitchen #order-{confirmed}")).to_be_visible()
        expect(board.locator(f"#waiting #order-{changed}")).to_contain_text("Without Tiramisu")
        expect(board.locator(f"#ended #order-{rejected}")).to_contain_text("We are closing soon.")
        expect(board.get_by_role("link", name="Refresh now")).to_be_visible()
        expect(board.get_by_role("button", name="Sound")).to_have_count(0)


def test_a_half_typed_form_is_left_alone_when_the_order_changes(kitchen: Kitchen) -> None:
    order_id = kitchen.place_order()
    page = kitchen.open(f"{kitchen.address(order_id)}/reject", live=False)
    page.get_by_label("Or in your own words").fill("The oven is")

    kitchen.change_order(order_id, by_restaurant.adjust_order, a_change(), actor_name=WHO)
    kitchen.change_order(order_id, by_customer.ask_for_more_time, 1, 1)
    page.get_by_label("Or in your own words").press_sequentially(" broken.")
    page.get_by_role("button", name="Reject the order").click()

    expect(page.locator("#what")).to_contain_text("The oven is broken.")
