"""A restaurant changes an order on its console and its customer answers on their page. Each sees the other's action
within a second and without a reload."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import Site, wait_for
from tests.stories.conftest import SharedSite
from tests.stories.two_browsers import (
    SECOND,
    Machine,
    Table,
    a_table,
    shows,
    wait_until_live,
    was_never_reloaded,
    watched,
)
from tracker import clock
from tracker.orders.progress import Fulfilment
from tracker.orders.states import OrderEventKind

DUBLIN = ZoneInfo("Europe/Dublin")
NEW_TIME, WITHOUT_DESSERT, WITHOUT_CHEESE = ("radio", "45 min"), ("checkbox", "Tiramisu"), ("checkbox", "Extra cheese")
WHY = "It is a busy evening."


@pytest.fixture(scope="module")
def site(shared_site: SharedSite) -> Iterator[Site]:
    with shared_site() as site:
        yield site


def choose(form: Page, *choices: tuple[str, str]) -> None:
    """Tick these choices on the form."""
    for _, label in choices:
        form.locator("label").filter(has_text=label).first.click()


def adjust(table: Table, *choices: tuple[str, str], **typed: str) -> list[str]:
    """Let a staff member change the order after a preview, and return the lines of the customer's card.

    Check that the customer's page shows the card within a second, and that it equals the preview.
    """
    form = table.console
    form.get_by_role("link", name="Change…").click()
    choose(form, *choices)
    for label, text in {"Why?": WHY, **typed}.items():
        form.get_by_role("textbox", name=label, exact=label == "Day").fill(text)
    form.get_by_role("button", name="See what the customer will see").click()
    previewed = form.locator("#decision dl").inner_text()
    card = watched(table.customer, "document.querySelector('#decision[data-number]')")
    machine = Machine()

    form.get_by_role("button", name="Send to the customer").click()

    assert machine.is_within_a_second(card() - table.wait_for_event(OrderEventKind.ADJUSTED).recorded_at)
    wait_until_live(form)
    wait_for(lambda: clock.now() - card() > SECOND, "a second, because the page ignores a press before that")
    shown = table.customer.locator("#decision dl").inner_text()
    assert shown == previewed
    return shown.splitlines()


@dataclass
class WatchedPages:
    """Watches the console, the board and the customer's page for an event that all of them must show."""

    table: Table
    kind: OrderEventKind
    words_at_restaurant: str
    words_for_customer: str

    def __post_init__(self) -> None:
        waits = f"document.querySelector('#waiting #order-{self.table.order_id}')"
        assert self.table.board.evaluate(f"() => Boolean({waits})")
        self.seen = [
            watched(self.table.console, shows(self.words_at_restaurant)),
            watched(self.table.board, f"!{waits}"),
            watched(self.table.customer, shows(self.words_for_customer)),
        ]
        self.machine = Machine()

    def is_over_within_a_second(self) -> bool:
        """Return whether every page has shown the event within a second. Fails if one was reloaded for it."""
        shown = [seen() for seen in self.seen]
        recorded_at = self.table.wait_for_event(self.kind).recorded_at
        assert all(map(was_never_reloaded, (self.table.customer, self.table.console, self.table.board)))
        return all(self.machine.is_within_a_second(at - recorded_at) for at in shown)


def test_the_restaurant_proposes_another_time_and_the_customer_accepts(site: Site, browser: Browser) -> None:
    table = a_table(site, browser)
    card = adjust(table, NEW_TIME)
    assert WHY in " ".join(card)
    watched_pages = WatchedPages(table, OrderEventKind.ADJUSTMENT_ACCEPTED, "Accepted the change", "You accepted")

    table.customer.get_by_role("button", name="Accept the change").click()

    assert watched_pages.is_over_within_a_second()
    expect(table.customer.get_by_role("heading", level=1)).to_have_text("Bella Napoli is making your order")
    table.close()


def test_a_line_is_left_out_and_the_customer_rejects_the_change(site: Site, browser: Browser) -> None:
    table = a_table(site, browser)
    card = " ".join(adjust(table, WITHOUT_DESSERT))
    assert "1 × Tiramisu" in card
    assert "€23.00" in card
    watched_pages = WatchedPages(table, OrderEventKind.CANCELLED, "Cancelled by the customer", "You rejected")

    table.customer.get_by_role("button", name="Reject and cancel the order").click()

    assert watched_pages.is_over_within_a_second()
    table.close()


def test_an_option_is_left_out_and_the_customer_does_not_answer(site: Site, browser: Browser) -> None:
    table = a_table(site, browser)
    card = " ".join(adjust(table, WITHOUT_CHEESE))
    assert "Extra cheese" in card
    watched_pages = WatchedPages(
        table, OrderEventKind.CANCELLED, "Cancelled by the clock", "There was no answer in time"
    )

    table.end_time_to_answer()

    assert watched_pages.is_over_within_a_second()
    table.close()


def test_everything_is_changed_at_once_and_the_customer_cancels(site: Site, browser: Browser) -> None:
    table = a_table(site, browser)
    card = " ".join(adjust(table, NEW_TIME, WITHOUT_DESSERT, WITHOUT_CHEESE))
    assert all(words in card for words in ("1 × Tiramisu", "Extra cheese", "€21.00", WHY))
    watched_pages = WatchedPages(
        table, OrderEventKind.CANCELLED, "Cancelled by the customer", "You cancelled the order"
    )

    table.customer.get_by_role("heading", name="Cancel this order").click()
    table.customer.get_by_role("button", name="Yes, cancel my order").click()

    assert watched_pages.is_over_within_a_second()
    table.close()


def test_an_advance_order_is_put_off_over_midnight_and_the_customer_accepts(site: Site, browser: Browser) -> None:
    day = clock.now().astimezone(DUBLIN).date() + timedelta(days=2)
    wanted = datetime.combine(day, time(23, 30), DUBLIN).astimezone(UTC)
    table = a_table(site, browser, is_advance=True, requested_for=wanted, fulfilment=Fulfilment.COLLECTION)
    next_day = day + timedelta(days=1)
    card = " ".join(adjust(table, **{"Day": next_day.isoformat(), "Time of day": "00:15"}))
    assert "23:30" in card
    assert "00:15" in card
    assert f"{next_day:%a}" in card
    watched_pages = WatchedPages(table, OrderEventKind.ADJUSTMENT_ACCEPTED, "Accepted the change", "You accepted")

    table.customer.get_by_role("button", name="Accept the change").click()

    assert watched_pages.is_over_within_a_second()
    table.close()
