"""Steps of tests in which the restaurant proposes a change and the customer presses a button."""

from playwright.sync_api import expect

from tests.browser.pages import OpenOrder
from tests.order_actions import ADJUST, Step

SECOND, MINUTE = 1000, 60_000
ASKS = "Bella Napoli would like to change your order"


def propose_change(it: OpenOrder, step: Step = ADJUST) -> None:
    """Propose a change, wait until the page shows it, and let a second of the page's clock pass."""
    it.engine.send_event("order_adjustment", version=it.step(step))
    expect(it.page.locator("h1")).to_have_text(ASKS)
    it.page.clock.run_for(SECOND)


def press(it: OpenOrder, name: str) -> None:
    """Press the button with this name."""
    it.page.get_by_role("button", name=name).click()
