"""The restaurant proposes a change while its customer looks, and a button is pressed."""

from playwright.sync_api import expect

from tests.browser.pages import OpenOrder
from tests.order_actions import ADJUST, Step

SECOND, MINUTE = 1000, 60_000
ASKS = "Bella Napoli would like to change your order"


def asked(it: OpenOrder, step: Step = ADJUST) -> None:
    """The restaurant proposes a change, and the page has heard of it for a second."""
    it.engine.say("order_adjustment", version=it.step(step))
    expect(it.page.locator("h1")).to_have_text(ASKS)
    it.page.clock.run_for(SECOND)


def press(it: OpenOrder, name: str) -> None:
    """Press this button."""
    it.page.get_by_role("button", name=name).click()
