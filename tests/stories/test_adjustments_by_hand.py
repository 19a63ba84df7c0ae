"""A restaurant changes orders and its customer reacts, in browsers without scripts, and by keyboard alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.sampling import sampled
from tests.site import Site, wait_for
from tests.stories.conftest import SharedSite
from tests.stories.two_browsers import PATIENCE, SECOND, Table, a_table
from tracker import clock
from tracker.orders.progress import Fulfilment
from tracker.orders.states import OrderEventKind

DUBLIN = ZoneInfo("Europe/Dublin")
MAX_TABS = 60


class Pointer:
    """A person whose browser runs no scripts: they click, and load a page again to see what is new."""

    has_scripts = False

    def press(self, what: Locator) -> None:
        what.click()

    def tick(self, what: Locator) -> None:
        what.check()

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)

    def write_day(self, what: Locator, day: date) -> None:
        what.fill(day.isoformat())

    def reload(self, page: Page) -> None:
        page.goto(page.url)


class Keyboard:
    """A person who uses only a keyboard; their pages are live."""

    has_scripts = True

    def press(self, what: Locator) -> None:
        self._reach(what).press("Enter")

    def tick(self, what: Locator) -> None:
        self._reach(what).press("Space")

    def write(self, what: Locator, text: str) -> None:
        self._reach(what).type(text)

    def write_day(self, what: Locator, day: date) -> None:
        self.write(what, f"{day:%m%d%Y}")

    def reload(self, page: Page) -> None:
        """Do nothing, because the page is live."""

    def _reach(self, what: Locator) -> Any:
        expect(what).to_be_visible(timeout=PATIENCE)
        for _ in range(MAX_TABS):
            if what.evaluate("element => element === document.activeElement"):
                return what.page.keyboard
            what.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard doesn't reach {what}.")


Hand = Pointer | Keyboard


@dataclass
class Story:
    """The restaurant's change, the customer's reaction, and the words that both read afterwards."""

    ticks: tuple[str, ...] = ()
    minutes: str = ""
    over_midnight: bool = False
    presses: tuple[str, ...] = ()
    words_at_restaurant: str = "Cancelled by the customer"
    words_for_customer: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def midnight_story() -> Story:
    wanted = datetime.combine(clock.now().astimezone(DUBLIN).date() + timedelta(days=2), time(23, 30), DUBLIN)
    details = {"is_advance": True, "requested_for": wanted.astimezone(UTC), "fulfilment": Fulfilment.COLLECTION}
    accepts = {
        "presses": ("Accept the change",),
        "words_at_restaurant": "Accepted the change",
        "words_for_customer": "You accepted",
    }
    return Story(over_midnight=True, details=details, **accepts)


STORIES = {
    "another time, accepted": lambda: Story(
        minutes="45",
        presses=("Accept the change",),
        words_at_restaurant="Accepted the change",
        words_for_customer="You accepted",
    ),
    "without a line, rejected": lambda: Story(
        ticks=("Tiramisu",), presses=("Reject and cancel the order",), words_for_customer="You rejected"
    ),
    "without an option, not answered": lambda: Story(
        ticks=("Extra cheese",),
        words_at_restaurant="Cancelled by the clock",
        words_for_customer="There was no answer in time",
    ),
    "all at once, cancelled": lambda: Story(
        ticks=("Tiramisu", "Extra cheese"),
        minutes="50",
        presses=("Cancel this order", "Yes, cancel my order"),
        words_for_customer="You cancelled the order",
    ),
    "over midnight, accepted": midnight_story,
}


@pytest.fixture(scope="module")
def site(shared_site: SharedSite) -> Iterator[Site]:
    with shared_site() as site:
        yield site


HANDS: dict[str, Hand] = {"without scripts": Pointer(), "by keyboard alone": Keyboard()}
EVERY_PAIR = [(name, hand) for name in STORIES for hand in HANDS]
ALTERNATING = [(name, list(HANDS)[number % 2]) for number, name in enumerate(STORIES)]
"""Each story with one of the hands, and each hand with every second story: what each run of the tests plays."""


def adjust(table: Table, story: Story, hand: Hand) -> None:
    """Let a staff member fill in the form, preview the customer's card, and send it."""
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
    table.wait_for_event(OrderEventKind.ADJUSTED)


def react(table: Table, story: Story, hand: Hand) -> None:
    """Let the customer read the card, and press the story's buttons or let the time pass."""
    hand.reload(table.customer)
    expect(table.customer.locator("#decision[data-number]")).to_be_visible(timeout=PATIENCE)
    began = clock.now()
    wait_for(lambda: clock.now() - began > SECOND, "a second, because the page ignores a press before that")
    for name in story.presses:
        hand.press(table.customer.locator("summary, button").filter(has_text=name))
    if not story.presses:
        table.end_time_to_answer()


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "hand"), sampled(EVERY_PAIR, ALTERNATING, pytest.mark.long))
def test_restaurant_and_customer_see_the_same_outcome(site: Site, browser: Browser, name: str, hand: str) -> None:
    story = STORIES[name]()
    table = a_table(site, browser, has_scripts=HANDS[hand].has_scripts, **story.details)

    adjust(table, story, HANDS[hand])
    react(table, story, HANDS[hand])

    accepted = story.words_at_restaurant == "Accepted the change"
    table.wait_for_event(OrderEventKind.ADJUSTMENT_ACCEPTED if accepted else OrderEventKind.CANCELLED)
    for page, words in ((table.console, story.words_at_restaurant), (table.customer, story.words_for_customer)):
        HANDS[hand].reload(page)
        expect(page.locator("#live")).to_contain_text(words, timeout=PATIENCE)
    HANDS[hand].reload(table.board)
    expect(table.board.locator(f"#waiting #order-{table.order_id}")).to_have_count(0, timeout=PATIENCE)
    table.close()
