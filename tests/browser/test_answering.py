"""A customer answers, tips, rates and cancels on the page of their order in a real browser, also without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.adjustments import press, propose_change
from tests.browser.axe import complaints
from tests.browser.pages import OpenOrder, open_order
from tests.order_actions import ADJUST, COMPLETE, CONFIRM, an_own_order, kitchen
from tracker.config import Settings
from tracker.orders.operations import by_restaurant


@pytest.fixture
def it(browser: Browser, settings: Settings, sqlite_url: str) -> Iterator[OpenOrder]:
    """Open the live page of an order that the restaurant has not answered yet, for its customer."""
    with open_order(browser, settings, sqlite_url, placed=an_own_order) as opened:
        yield opened


# --- after the food has come ----------------------------------------------------------------------------------------


def test_a_tip_and_a_rating_are_given_in_place_and_typed_text_is_kept(it: OpenOrder) -> None:
    it.step(CONFIRM)
    it.engine.send_event("order_tracker", version=it.step(COMPLETE))
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
    order = it.stored_order()
    assert (order.rating, order.bill.tip) == (4, 350)


def test_nobody_cancels_by_a_slip_of_the_finger(it: OpenOrder) -> None:
    expect(it.page.get_by_role("button", name="Yes, cancel my order")).to_be_hidden()

    it.page.get_by_role("heading", name="Cancel this order").click()
    press(it, "Yes, cancel my order")

    expect(it.page.locator("h1")).to_have_text("Your order at Bella Napoli was cancelled")
    expect(it.page.locator("h1")).to_be_focused()


# --- without scripts ------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(it: OpenOrder, browser: Browser) -> Iterator[Page]:
    """Yield a page in a browser of the same customer without JavaScript."""
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
    order = it.stored_order()
    assert (order.rating, order.bill.tip, order.bill.charged) == (5, 350, 2500)


def test_without_scripts_a_refusal_is_shown_above_the_current_order(it: OpenOrder, plain: Page) -> None:
    plain.goto(it.address)
    it.step(kitchen(by_restaurant.reject_order, "We are closing soon."))

    plain.get_by_role("heading", name="Cancel this order").click()
    plain.get_by_role("button", name="Yes, cancel my order").click()

    expect(plain.get_by_role("alert").first).to_contain_text("The restaurant has rejected this order. That was at")
    expect(plain.locator("h1")).to_have_text("Bella Napoli couldn’t take your order")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_card_and_everything_on_it_is_large_enough(it: OpenOrder, scheme: str) -> None:
    it.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    propose_change(it)
    it.page.get_by_role("heading", name="Cancel this order").click()

    sizes = it.page.locator("a:visible, button:visible, summary:visible").evaluate_all(
        "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
    )
    responses = [it.page.get_by_role("button", name=name).bounding_box() for name in ("Accept the", "Reject and")]

    assert complaints(it.page) == []
    assert [name for name, height in sizes if height < 44 and name != "Skip to content"] == []
    assert responses[0]["width"] == responses[1]["width"]
    assert responses[0]["height"] == responses[1]["height"]
