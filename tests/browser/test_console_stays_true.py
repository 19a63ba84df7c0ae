"""After every operation on an order, its live pages on the console show what freshly loaded pages show."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.consoles import WHO, Kitchen, a_kitchen, in_minutes, region_of
from tests.builders import a_change
from tracker import clock
from tracker.accounts.model import IfUnanswered, Restaurant
from tracker.config import Settings
from tracker.orders.operations import by_clock, by_customer, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange

pytestmark = pytest.mark.usefixtures("clock")
Act = Callable[[Kitchen, str], None]


def staff(operation: Callable[..., object], *arguments: Any) -> Act:
    """Return an act in which a staff member runs this operation."""
    return lambda kitchen, order_id: kitchen.change_order(order_id, operation, *arguments, actor_name=WHO)


def customer(operation: Callable[..., object], *arguments: Any) -> Act:
    """Return an act in which the customer runs this operation."""
    return lambda kitchen, order_id: kitchen.change_order(order_id, operation, *arguments)


def customer_who_sees(operation: Callable[..., object], *arguments: Any) -> Act:
    """Return an act in which the customer runs this operation on the newest version of the order."""
    return lambda kitchen, order_id: kitchen.change_order(order_id, operation, *arguments, kitchen.version(order_id))


def confirm(kitchen: Kitchen, order_id: str) -> None:
    """Confirm the order."""
    kitchen.change_order(order_id, by_restaurant.confirm_order, in_minutes(30), actor_name=WHO)


def move_promise(kitchen: Kitchen, order_id: str) -> None:
    """Move the promise to a later time."""
    kitchen.change_order(order_id, by_restaurant.move_promise, in_minutes(50), actor_name=WHO)


def propose_another_time(kitchen: Kitchen, order_id: str) -> None:
    """Propose a later time."""
    kitchen.change_order(
        order_id, by_restaurant.adjust_order, ProposedChange(promised_at=in_minutes(70)), actor_name=WHO
    )


def lapse(kitchen: Kitchen, order_id: str) -> None:
    """Let the time to answer pass."""
    kitchen.change_order(order_id, by_clock.lapse_adjustment, now=clock.now() + timedelta(minutes=11))


def propose_with_go_ahead(kitchen: Kitchen, order_id: str) -> None:
    """Let unanswered changes count as accepted, and propose one."""
    with kitchen.database.transaction() as session:
        session.get_one(Restaurant, kitchen.restaurant_id).if_unanswered = IfUnanswered.GO_AHEAD
    propose_another_time(kitchen, order_id)


ADJUSTS = staff(by_restaurant.adjust_order, a_change(lines=("dolce",), reason="Sold out"))
STORIES: dict[str, list[Act]] = {
    "a whole evening": [
        ADJUSTS,
        customer(by_customer.ask_for_more_time, 1, 1),
        propose_another_time,
        customer(by_customer.accept_adjustment, 2),
        move_promise,
        staff(by_restaurant.progress_order, "Out for delivery"),
        staff(by_restaurant.progress_order, "Being made"),
        staff(by_restaurant.progress_order, "Delivered"),
        customer_who_sees(by_customer.change_tip, 500),
        customer_who_sees(by_customer.rate_order, 5),
    ],
    "rejected by the customer": [
        staff(by_restaurant.adjust_order, a_change(options=("Extra cocoa",))),
        customer(by_customer.reject_adjustment, 1),
    ],
    "cancelled": [customer_who_sees(by_customer.cancel_order)],
    "rejected": [staff(by_restaurant.reject_order, "We are closing soon.")],
    "called off": [confirm, staff(by_restaurant.reject_order, None)],
    "cancelled by the clock": [ADJUSTS, lapse],
    "gone ahead by the clock": [propose_with_go_ahead, lapse],
    "confirmed as it was": [ADJUSTS, confirm],
}


@pytest.mark.parametrize("story", STORIES)
def test_live_pages_of_the_console_equal_freshly_loaded_ones(
    browser: Browser, settings: Settings, sqlite_url: str, story: str
) -> None:
    with a_kitchen(browser, settings, sqlite_url) as kitchen:
        order_id = kitchen.place_order()
        board, page = kitchen.open(kitchen.board), kitchen.open(kitchen.address(order_id))

        for act in STORIES[story]:
            before = [region_of(shown) for shown in (board, page)]
            act(kitchen, order_id)
            kitchen.publish(order_id)

            for shown, was in zip((board, page), before, strict=True):
                kitchen.wait_until_fresh(shown)
                assert region_of(shown) != was


def test_the_board_shows_a_new_order_as_soon_as_it_is_published(
    browser: Browser, settings: Settings, sqlite_url: str
) -> None:
    with a_kitchen(browser, settings, sqlite_url) as kitchen:
        board = kitchen.open(kitchen.board)

        order_id = kitchen.place_order(short_code="NEW1")
        kitchen.engine.send_event("new_order", order_id=order_id)
        kitchen.publish(order_id)

        board.locator("#answer").get_by_role("link", name="NEW1", exact=True).wait_for()
        kitchen.wait_until_fresh(board)
        assert board.title() == "(1) Bella Napoli"
