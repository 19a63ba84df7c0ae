"""A restaurant changes orders and its customer answers, in browsers that run no scripts; and by keyboard alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.site import Site, wait_for
from tests.stories.conftest import SharedSite
from tests.stories.two_browsers import PATIENCE, SECOND, Table, a_table
from tracker import clock
from tracker.orders.progress import Fulfilment
from tracker.orders.states import OrderEventKind

DUBLIN = ZoneInfo("Europe/Dublin")
MOST_STOPS = 60


class Pointer:
    """Somebody whose browser runs no scripts: they point and click, and load a page again to see what is new."""

    has_scripts = False

    def press(self, what: Locator) -> None:
        what.click()

    def tick(self, what: Locator) -> None:
        what.check()

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)

    def write_day(self, what: Locator, day: date) -> None:
        what.fill(day.isoformat())

    def looks_again(self, page: Page) -> None:
        page.goto(page.url)


class Keyboard:
    """Somebody with nothing but a keyboard; their pages are live."""

    has_scripts = True

    def press(self, what: Locator) -> None:
        self._reach(what).press("Enter")

    def tick(self, what: Locator) -> None:
        self._reach(what).press("Space")

    def write(self, what: Locator, text: str) -> None:
        self._reach(what).type(text)

    def write_day(self, what: Locator, day: date) -> None:
        self.write(what, f"{day:%m%d%Y}")

    def looks_again(self, page: Page) -> None:
        """There is nothing to do."""

    def _reach(self, what: Locator) -> Any:
        expect(what).to_be_visible(timeout=PATIENCE)
        for _ in range(MOST_STOPS):
            if what.evaluate("element => element === document.activeElement"):
                return what.page.keyboard
            what.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard doesn't reach {what}.")


Hand = Pointer | Keyboard


@dataclass
class Story:
    """What the restaurant changes, what its customer does, and what both then read."""

    ticks: tuple[str, ...] = ()
    minutes: str = ""
    over_midnight: bool = False
    presses: tuple[str, ...] = ()
    at_work: str = "Cancelled by the customer"
    to_the_customer: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def midnight_story() -> Story:
    wanted = datetime.combine(clock.now().astimezone(DUBLIN).date() + timedelta(days=2), time(23, 30), DUBLIN)
    details = {"is_advance": True, "requested_for": wanted.astimezone(UTC), "fulfilment": Fulfilment.COLLECTION}
    accepts = {"presses": ("Accept the change",), "at_work": "Accepted the change", "to_the_customer": "You accepted"}
    return Story(over_midnight=True, details=details, **accepts)


STORIES = {
    "another time, accepted": lambda: Story(
        minutes="45", presses=("Accept the change",), at_work="Accepted the change", to_the_customer="You accepted"
    ),
    "without a line, rejected": lambda: Story(
        ticks=("Tiramisu",), presses=("Reject and cancel the order",), to_the_customer="You rejected"
    ),
    "without an option, not answered": lambda: Story(
        ticks=("Extra cheese",), at_work="Cancelled by the clock", to_the_customer="There was no answer in time"
    ),
    "all at once, cancelled": lambda: Story(
        ticks=("Tiramisu", "Extra cheese"),
        minutes="50",
        presses=("Cancel this order", "Yes, cancel my order"),
        to_the_customer="You cancelled the order",
    ),
    "over midnight, accepted": midnight_story,
}


@pytest.fixture(scope="module")
def site(shared_site: SharedSite) -> Iterator[Site]:
    with shared_site() as site:
        yield site


def adjusts(table: Table, story: Story, hand: Hand) -> None:
    """Who works there fills in the form, sees the customer's card, and sends it."""
    form = table.console
    hand.press(form.get_by_role("link", name="Change…"))
    if story.over_midnight:
        day = story.details["requested_for"].astimezone(DUBLIN).date() + timedelta(days=1)
        hand.write_day(form.locator("#day"), day)
        hand.write(form.locator("#clock"), "00:15")
    if story.minutes:
        hand.write(form.locator("#other-minutes"), story.minutes)
    for label in story.ticks:
        hand.tick(form.get_by_role("checkbox", name=label))
    hand.press(form.get_by_role("button", name="See what the customer will see"))
    hand.press(form.get_by_role("button", name="Send to the customer"))
    table.happened(OrderEventKind.ADJUSTED)


def answers(table: Table, story: Story, hand: Hand) -> None:
    """The customer reads the card, and does what they do."""
    hand.looks_again(table.customer)
    expect(table.customer.locator("#decision[data-number]")).to_be_visible(timeout=PATIENCE)
    began = clock.now()
    wait_for(lambda: clock.now() - began > SECOND, "the customer to read it: what is pressed sooner counts nothing")
    for name in story.presses:
        hand.press(table.customer.locator("summary, button").filter(has_text=name))
    if not story.presses:
        table.time_is_up()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("hand", [Pointer(), Keyboard()], ids=["without scripts", "by keyboard alone"])
@pytest.mark.parametrize("name", STORIES)
def test_both_sides_come_to_the_same_end(site: Site, browser: Browser, hand: Hand, name: str) -> None:
    story = STORIES[name]()
    table = a_table(site, browser, has_scripts=hand.has_scripts, **story.details)

    adjusts(table, story, hand)
    answers(table, story, hand)

    accepted = story.at_work == "Accepted the change"
    table.happened(OrderEventKind.ADJUSTMENT_ACCEPTED if accepted else OrderEventKind.CANCELLED)
    for page, words in ((table.console, story.at_work), (table.customer, story.to_the_customer)):
        hand.looks_again(page)
        expect(page.locator("#live")).to_contain_text(words, timeout=PATIENCE)
    hand.looks_again(table.board)
    expect(table.board.locator(f"#waiting #order-{table.order_id}")).to_have_count(0, timeout=PATIENCE)
    table.close()
