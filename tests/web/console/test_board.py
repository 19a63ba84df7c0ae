"""The console's board and its sections, when it is sent again, and the page of one order."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.builders import EVENING, a_change, a_customer, an_own_order
from tests.conftest import Clock
from tests.page_text import words_of
from tests.web.console.kitchen import COOK, OWNER, Work, at_work, section
from tracker.accounts.model import IfUnanswered
from tracker.database import Database
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.progress import Fulfilment

HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }}"


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner is signed in to the console."""
    return at_work(client, database, clock)


# --- the sections of the board ---------------------------------------------------------------------------------------


def test_every_order_is_in_the_section_for_what_needs_doing(work: Work) -> None:
    codes = ("NEW", "ASKED", "MADE", "SENT", "DONE", "BAD", "GONE")
    _, adjusted, confirmed, sent, delivered, rejected, cancelled = (work.place_order(short_code=code) for code in codes)
    work.perform(adjusted, by_restaurant.adjust_order, a_change(), actor_name=COOK)
    for order_id in (confirmed, sent, delivered):
        work.perform(order_id, by_restaurant.confirm_order, EVENING + timedelta(minutes=30), actor_name=COOK)
    work.perform(sent, by_restaurant.progress_order, "Out for delivery", actor_name=COOK)
    work.perform(delivered, by_restaurant.progress_order, "Delivered", actor_name=COOK)
    work.perform(rejected, by_restaurant.reject_order, "We are closing soon.", actor_name=COOK)
    work.perform(cancelled, by_customer.cancel_order, 1)

    page = work.client.get(work.board).text

    places = {"answer": "NEW", "waiting": "ASKED", "kitchen": "MADE", "way": "SENT", "stopped": "GONE"}
    for key, code in places.items():
        assert [other for other in codes if f" {other} " in section(page, key)] == [code]
    assert {code for code in codes if f" {code} " in section(page, "ended")} == {"DONE", "BAD"}
    assert "<title>(1) Bella Napoli</title>" in page
    assert "Cancelled by the customer" in section(page, "stopped")


def test_a_cancelled_order_leaves_the_top_after_ten_minutes_and_the_board_after_an_hour(work: Work) -> None:
    gone = work.place_order(short_code="GONE")
    work.perform(gone, by_customer.cancel_order, 1)

    work.clock.move(minutes=11)
    after_ten = work.client.get(work.board).text
    work.clock.move(minutes=50)

    assert (section(after_ten, "stopped"), "GONE" in section(after_ten, "ended")) == ("", True)
    assert "GONE" not in work.client.get(work.board).text


def test_orders_are_sorted_by_when_they_are_due_and_late_ones_are_marked(work: Work) -> None:
    for code, minutes in (("LAST", 50), ("FIRST", 5), ("SECOND", 20)):
        order_id = work.place_order(short_code=code)
        work.perform(order_id, by_restaurant.confirm_order, EVENING + timedelta(minutes=minutes), actor_name=COOK)
    work.clock.move(minutes=12)

    kitchen = section(work.client.get(work.board).text, "kitchen")

    assert kitchen.index("FIRST") < kitchen.index("SECOND") < kitchen.index("LAST")
    assert "7 min late" in kitchen
    assert "in 8 min" in kitchen


def test_orders_for_tomorrow_and_orders_left_open_are_not_among_those_of_the_kitchen(work: Work) -> None:
    tomorrow = work.place_order(short_code="TOMORROW", is_advance=True, requested_for=EVENING + timedelta(hours=26))
    left = work.place_order(short_code="LEFT")
    for order_id in (tomorrow, left):
        work.perform(order_id, by_restaurant.confirm_order, None, actor_name=COOK)
    work.clock.move(hours=7)

    page = work.client.get(work.board).text

    assert "TOMORROW" in section(page, "later")
    assert section(page, "open").endswith("LEFT: Delivered")
    assert section(page, "kitchen") == "In the kitchen Nothing is being made."


def test_a_card_shows_what_a_kitchen_needs_and_escapes_markup(work: Work) -> None:
    work.place_order(note=HOSTILE, customer_name=HOSTILE, fulfilment=Fulfilment.TABLE, table_name="12")
    work.clock.move(minutes=6)

    page = work.client.get(work.board).text
    shown = section(page, "answer")

    assert all(words in shown for words in ("A42", "Table 12", "6 min ago", "2 × Margherita", "Extra cocoa", HOSTILE))
    assert "<script>alert" not in page


def test_an_adjustment_is_shown_with_the_time_to_answer_and_what_happens_without_an_answer(work: Work) -> None:
    order_id = work.place_order()
    work.perform(
        order_id, by_restaurant.adjust_order, a_change(reason="No cocoa", options=("Extra cocoa",)), actor_name=COOK
    )

    board = section(work.client.get(work.board).text, "waiting")
    page = section(work.client.get(work.address(order_id)).text, "what")

    for shown in (board, page):
        assert "Without Extra cocoa" in shown
        assert "“No cocoa”" in shown
        assert "18:10" in shown
        assert "Without an answer it is cancelled." in shown


def test_the_console_does_not_show_the_name_and_address_of_a_customers_account(work: Work) -> None:
    order_id = work.place_order()

    for address in (work.board, work.address(order_id)):
        assert (work.customer.name or "") not in work.client.get(address).text
        assert (work.customer.email or "") not in work.client.get(address).text


def test_a_board_shows_a_limited_number_of_orders_and_how_many_more_there_are(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.orders.queries.board.MAX_ORDERS_PER_SECTION", 2)
    for number in range(5):
        work.place_order(short_code=f"N{number}")
        work.clock.move(seconds=1)

    page = work.client.get(work.board).text

    assert [f"N{number}" for number in range(5) if f" N{number} " in section(page, "answer")] == ["N0", "N1"]
    assert "There are 3 more live orders" in words_of(page)


def test_the_number_of_queries_does_not_depend_on_the_number_of_orders(work: Work) -> None:
    def count_statements() -> int:
        statements: list[Any] = []
        note = partial(lambda executed, *arguments: executed.append(arguments), statements)
        event.listen(work.database._read_engine, "before_cursor_execute", note)
        work.clock.move(minutes=1)
        assert work.client.get(work.board).status_code == 200
        event.remove(work.database._read_engine, "before_cursor_execute", note)
        return len(statements)

    work.place_order()
    gone = work.place_order()
    work.perform(gone, by_customer.cancel_order, 1)
    few = count_statements()
    for _ in range(6):
        order_id = work.place_order()
        work.perform(order_id, by_restaurant.adjust_order, a_change(), actor_name=COOK)

    assert count_statements() == few


# --- the live regions ------------------------------------------------------------------------------------------------


def test_the_board_is_sent_again_only_when_something_has_changed(work: Work) -> None:
    order_id = work.place_order()
    first = work.client.get(f"{work.board}/live")
    headers = {"If-None-Match": first.headers["ETag"]}

    same = work.client.get(f"{work.board}/live", headers=headers)
    work.perform(order_id, by_restaurant.confirm_order, None, actor_name=COOK)
    changed = work.client.get(f"{work.board}/live", headers=headers)

    assert (first.status_code, same.status_code, changed.status_code) == (200, 304, 200)
    assert "A42" in section(changed.text, "kitchen")


def test_the_region_of_an_order_is_sent_again_only_when_that_order_has_changed(work: Work) -> None:
    order_id, other = work.place_order(), work.place_order()
    address = f"{work.address(order_id)}/live"
    headers = {"If-None-Match": work.client.get(address).headers["ETag"]}

    work.perform(other, by_restaurant.confirm_order, None, actor_name=COOK)
    same = work.client.get(address, headers=headers)
    work.perform(order_id, by_restaurant.confirm_order, None, actor_name=COOK)

    assert same.status_code == 304
    assert work.client.get(address, headers=headers).status_code == 200


# --- one order in full -----------------------------------------------------------------------------------------------


def test_the_history_says_who_did_what_and_when(work: Work) -> None:
    order_id = work.place_order()
    work.clock.move(minutes=1)
    work.perform(order_id, by_restaurant.adjust_order, a_change(lines=("dolce",), reason="Sold out"), actor_name=COOK)
    work.clock.move(minutes=2)
    work.perform(order_id, by_customer.accept_adjustment, 1)
    work.perform(order_id, by_restaurant.move_promise, EVENING + timedelta(minutes=40), actor_name=OWNER)
    work.perform(order_id, by_restaurant.progress_order, "Out for delivery", actor_name=COOK)

    history = section(work.client.get(work.address(order_id)).text, "done")

    expected = [
        "Ordered API",
        f"Proposed a change: Without Tiramisu; “Sold out” {COOK}",
        "Accepted the change the customer",
    ]
    expected += [f"Time: 18:40 {OWNER}", f"18:03 Out for delivery {COOK}"]
    assert [words for words in expected if words not in history] == []
    assert history.index("Out for delivery") < history.index("Accepted") < history.index("Ordered")


def test_the_page_of_an_order_shows_its_address_its_customer_and_its_bill(work: Work) -> None:
    order_id = work.place_order(customer_name="Ada Byrne")

    page = words_of(work.client.get(work.address(order_id)).text)

    assert all(words in page for words in ("38 Sample Street", "The blue door", "Ada Byrne", "Visa ****2371", "€34.50"))


@pytest.mark.parametrize("default", IfUnanswered)
def test_the_history_shows_what_happened_because_nobody_answered_in_time(work: Work, default: IfUnanswered) -> None:
    with work.database.transaction() as session:
        session.merge(work.restaurant).if_unanswered = default
    order_id = work.place_order()
    work.perform(order_id, by_restaurant.adjust_order, a_change(), actor_name=COOK)
    work.clock.move(minutes=11)

    refusal = work.press(order_id, "adjust", lines="dolce")

    page = words_of(work.client.get(work.address(order_id)).text)
    assert refusal.status_code == 409
    assert "nobody answered in time" in page
    assert ("Cancelled by the clock" in page) is (default is IfUnanswered.CANCEL)


def test_the_page_of_an_order_without_an_address_can_be_shown(work: Work) -> None:
    nobody = a_customer(email=None, name=None)
    with work.database.transaction() as session:
        order = an_own_order(session.merge(work.restaurant), customer=nobody, address=None, note=None)
        session.add(order)

    page = words_of(work.client.get(work.address(order.id)).text)

    assert "The address is not known here." in page
