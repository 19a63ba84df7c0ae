"""A restaurant's console and its customer's page in two browsers, on a whole site of real processes, and the time from
an event until a page shows it."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.builders import a_line, some_details
from tests.site import Site, wait_for
from tracker import clock
from tracker.accounts.model import Customer, Restaurant, Role
from tracker.accounts.staff import add_staff_member
from tracker.orders.adjustment import Adjustment
from tracker.orders.bill import Bill
from tracker.orders.model import OrderEvent
from tracker.orders.operations.placement import place_order
from tracker.orders.states import OrderEventKind
from tracker.samples.demo_people import KITCHEN_ADDRESS

SECOND = timedelta(seconds=1)
PRESSURE = Path("/proc/pressure/cpu")
PATIENCE = 15_000
LINES = (
    a_line("Margherita", ref="pizza", options=({"name": "Extra cheese", "minor": 100},)),
    a_line("Tiramisu", ref="dessert", quantity=1, unit_minor=650),
)

_numbers = itertools.count()


@dataclass
class Table:
    """One order on three pages: the customer's page, and the restaurant's page of the order and its board."""

    site: Site
    browser: Browser
    order_id: str
    has_scripts: bool = True
    customer: Page = field(init=False)
    console: Page = field(init=False)
    board: Page = field(init=False)

    def __post_init__(self) -> None:
        board_address = f"{self.site.url}/console/{self.site.platform_account.restaurant.id}"
        self.customer = self._page("", f"{self.site.url}/orders/{self.order_id}")
        self.board = self._page("/console", board_address)
        self.console = self.board.context.new_page()
        self.console.goto(f"{board_address}/orders/{self.order_id}")
        if self.has_scripts:
            wait_until_live(self.console)

    def close(self) -> None:
        """Close both browsers."""
        for page in (self.customer, self.board):
            page.context.close()

    def wait_for_event(self, kind: OrderEventKind) -> OrderEvent:
        """Wait for an event of this kind and return the last one."""

        def newest() -> OrderEvent | None:
            with self.site.database.read_session() as session:
                events = session.query(OrderEvent).filter_by(order_id=self.order_id, kind=kind)
                return events.order_by(OrderEvent.number.desc()).first()

        event: OrderEvent = wait_for(newest, kind)
        return event

    def end_time_to_answer(self) -> None:
        """Let the time to answer end now, instead of in many minutes."""
        with self.site.database.transaction() as session:
            session.get_one(Adjustment, (self.order_id, 1)).answer_by = clock.now()

    def _page(self, sign_in_path: str, address: str) -> Page:
        page = self.browser.new_context(java_script_enabled=self.has_scripts).new_page()
        page.goto(f"{self.site.url}/demo/let-me-in{sign_in_path}")
        page.goto(address)
        if self.has_scripts:
            wait_until_live(page)
        return page


def a_table(site: Site, browser: Browser, *, has_scripts: bool = True, **details: Any) -> Table:
    """Place an own order of two pizzas and a dessert, and open its pages in two browsers."""
    now = clock.now()
    values = {"placed_at": now, "requested_for": None, "lines": LINES, "bill": Bill(items=2950, charged=2950)} | details
    with site.database.transaction() as session:
        restaurant = session.get_one(Restaurant, site.platform_account.restaurant.id)
        customer = session.get_one(Customer, site.customer.id)
        add_staff_member(session, restaurant, KITCHEN_ADDRESS, Role.STAFF, now=now)
        order = place_order(restaurant, some_details(**values), customer=customer, actor_name=None, now=now).order
        session.add(order)
    return Table(site, browser, order.id, has_scripts)


def wait_until_live(page: Page) -> None:
    """Wait until the page is live, and set a mark by which was_never_reloaded() notices a reload."""
    expect(page.locator("#connection-words")).to_have_text("Live", timeout=PATIENCE)
    page.evaluate("() => { window.mark = 'here' }")


def was_never_reloaded(page: Page) -> bool:
    return bool(page.evaluate("() => window.mark === 'here'"))


def watched(page: Page, condition: str) -> Callable[[], datetime]:
    """Return a function that waits until this condition, which is false now, is first true, and returns that time.

    The page itself records the time.
    """
    number = next(_numbers)
    assert not page.evaluate(f"() => Boolean({condition})"), condition
    page.evaluate(f"""() => {{
        window.seen ??= {{}};
        const look = () => {{ if (!({number} in window.seen) && ({condition})) window.seen[{number}] = Date.now(); }};
        const everything = {{ subtree: true, childList: true, characterData: true, attributes: true }};
        new MutationObserver(look).observe(document.documentElement, everything);
    }}""")

    def seen() -> datetime:
        at = wait_for(lambda: page.evaluate(f"() => window.seen[{number}]"), condition)
        return datetime.fromtimestamp(at / 1000, UTC)

    return seen


class Machine:
    """Measures for which share of the time since its creation processes waited for a processor.

    The figure is that of https://docs.kernel.org/accounting/psi.html. A machine without it counts as idle.
    """

    def __init__(self) -> None:
        self._began, self._waited = time.monotonic(), self._waited_so_far()

    def is_within_a_second(self, delay: timedelta) -> bool:
        """Return whether the delay would have been less than a second on a machine without other work."""
        waited = (self._waited_so_far() - self._waited) / (time.monotonic() - self._began)
        return timedelta(0) <= delay * (1 - min(waited, 0.9)) < SECOND

    @staticmethod
    def _waited_so_far() -> float:
        line = PRESSURE.read_text().splitlines()[0] if PRESSURE.exists() else "total=0"
        return int(line.rpartition("total=")[2]) / 1e6


def shows(words: str) -> str:
    """Return the JavaScript condition that the live region contains these words."""
    return f"document.getElementById('live').innerText.includes({words!r})"
