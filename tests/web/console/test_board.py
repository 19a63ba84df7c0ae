"""What stands where on the console's board, when it is sent again, and what one order's page tells."""

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
    """A restaurant whose owner looks at the console."""
    return at_work(client, database, clock)


# --- what stands where -----------------------------------------------------------------------------------------------


def test_every_order_stands_where_it_is_said_what_needs_doing(work: Work) -> None:
    codes = ("NEW", "ASKED", "MADE", "SENT", "DONE", "BAD", "GONE")
    _, asked, made, sent, done, bad, gone = (work.takes_in(short_code=code) for code in codes)
    work.happens(asked, by_restaurant.adjust_order, a_change(), actor_name=COOK)
    for order_id in (made, sent, done):
        work.happens(order_id, by_restaurant.confirm_order, EVENING + timedelta(minutes=30), actor_name=COOK)
    work.happens(sent, by_restaurant.progress_order, "Out for delivery", actor_name=COOK)
    work.happens(done, by_restaurant.progress_order, "Delivered", actor_name=COOK)
    work.happens(bad, by_restaurant.reject_order, "We are closing soon.", actor_name=COOK)
    work.happens(gone, by_customer.cancel_order, 1)

    page = work.client.get(work.board).text

    places = {"answer": "NEW", "waiting": "ASKED", "kitchen": "MADE", "way": "SENT", "stopped": "GONE"}
    for key, code in places.items():
        assert [each for each in codes if f" {each} " in section(page, key)] == [code]
    assert {code for code in codes if f" {code} " in section(page, "ended")} == {"DONE", "BAD"}
    assert "<title>(1) Bella Napoli</title>" in page
    assert "Cancelled by the customer" in section(page, "stopped")


def test_what_ended_goes_from_the_top_after_ten_minutes_and_from_the_board_after_an_hour(work: Work) -> None:
    gone = work.takes_in(short_code="GONE")
    work.happens(gone, by_customer.cancel_order, 1)

    work.clock.move(minutes=11)
    after_ten = work.client.get(work.board).text
    work.clock.move(minutes=50)

    assert (section(after_ten, "stopped"), "GONE" in section(after_ten, "ended")) == ("", True)
    assert "GONE" not in work.client.get(work.board).text


def test_what_is_due_first_comes_first_and_what_is_late_is_said_to_be(work: Work) -> None:
    for code, minutes in (("LAST", 50), ("FIRST", 5), ("SECOND", 20)):
        order_id = work.takes_in(short_code=code)
        work.happens(order_id, by_restaurant.confirm_order, EVENING + timedelta(minutes=minutes), actor_name=COOK)
    work.clock.move(minutes=12)

    kitchen = section(work.client.get(work.board).text, "kitchen")

    assert kitchen.index("FIRST") < kitchen.index("SECOND") < kitchen.index("LAST")
    assert "7 min late" in kitchen
    assert "in 8 min" in kitchen


def test_what_is_for_tomorrow_and_what_was_left_open_are_not_in_the_kitchens_way(work: Work) -> None:
    tomorrow = work.takes_in(short_code="TOMORROW", is_advance=True, requested_for=EVENING + timedelta(hours=26))
    left = work.takes_in(short_code="LEFT")
    for order_id in (tomorrow, left):
        work.happens(order_id, by_restaurant.confirm_order, None, actor_name=COOK)
    work.clock.move(hours=7)

    page = work.client.get(work.board).text

    assert "TOMORROW" in section(page, "later")
    assert section(page, "open").endswith("LEFT: Delivered")
    assert section(page, "kitchen") == "In the kitchen Nothing is being made."


def test_a_card_shows_what_a_kitchen_needs_and_markup_stays_text(work: Work) -> None:
    work.takes_in(note=HOSTILE, customer_name=HOSTILE, fulfilment=Fulfilment.TABLE, table_name="12")
    work.clock.move(minutes=6)

    page = work.client.get(work.board).text
    shown = section(page, "answer")

    assert all(words in shown for words in ("A42", "Table 12", "6 min ago", "2 × Margherita", "Extra cocoa", HOSTILE))
    assert "<script>alert" not in page


def test_the_customer_who_is_asked_is_said_to_have_until_when_and_what_happens_else(work: Work) -> None:
    asked = work.takes_in()
    work.happens(
        asked, by_restaurant.adjust_order, a_change(reason="No cocoa", options=("Extra cocoa",)), actor_name=COOK
    )

    board = section(work.client.get(work.board).text, "waiting")
    page = section(work.client.get(work.address(asked)).text, "what")

    for shown in (board, page):
        assert "Without Extra cocoa" in shown
        assert "“No cocoa”" in shown
        assert "18:10" in shown
        assert "Without an answer it is cancelled." in shown


def test_who_placed_the_order_learns_no_name_from_an_address(work: Work) -> None:
    order_id = work.takes_in()

    for address in (work.board, work.address(order_id)):
        assert (work.customer.name or "") not in work.client.get(address).text
        assert (work.customer.email or "") not in work.client.get(address).text


def test_a_board_has_only_so_much_room_and_says_how_many_more_there_are(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.orders.queries.board.MAX_ORDERS_PER_SECTION", 2)
    for number in range(5):
        work.takes_in(short_code=f"N{number}")
        work.clock.move(seconds=1)

    page = work.client.get(work.board).text

    assert [f"N{number}" for number in range(5) if f" N{number} " in section(page, "answer")] == ["N0", "N1"]
    assert "There are 3 more live orders" in words_of(page)


def test_however_many_orders_there_are_the_database_is_asked_as_often(work: Work) -> None:
    def statements() -> int:
        asked: list[Any] = []
        note = partial(lambda seen, *said: seen.append(said), asked)
        event.listen(work.database._read_engine, "before_cursor_execute", note)
        work.clock.move(minutes=1)
        assert work.client.get(work.board).status_code == 200
        event.remove(work.database._read_engine, "before_cursor_execute", note)
        return len(asked)

    work.takes_in()
    gone = work.takes_in()
    work.happens(gone, by_customer.cancel_order, 1)
    few = statements()
    for _ in range(6):
        asked = work.takes_in()
        work.happens(asked, by_restaurant.adjust_order, a_change(), actor_name=COOK)

    assert statements() == few


# --- asked again -----------------------------------------------------------------------------------------------------


def test_the_board_is_sent_again_only_when_something_has_changed(work: Work) -> None:
    order_id = work.takes_in()
    first = work.client.get(f"{work.board}/live")
    known = {"If-None-Match": first.headers["ETag"]}

    same = work.client.get(f"{work.board}/live", headers=known)
    work.happens(order_id, by_restaurant.confirm_order, None, actor_name=COOK)
    changed = work.client.get(f"{work.board}/live", headers=known)

    assert (first.status_code, same.status_code, changed.status_code) == (200, 304, 200)
    assert "A42" in section(changed.text, "kitchen")


def test_an_orders_part_is_sent_again_only_when_that_order_has_changed(work: Work) -> None:
    order_id, other = work.takes_in(), work.takes_in()
    address = f"{work.address(order_id)}/live"
    known = {"If-None-Match": work.client.get(address).headers["ETag"]}

    work.happens(other, by_restaurant.confirm_order, None, actor_name=COOK)
    same = work.client.get(address, headers=known)
    work.happens(order_id, by_restaurant.confirm_order, None, actor_name=COOK)

    assert same.status_code == 304
    assert work.client.get(address, headers=known).status_code == 200


# --- one order in full -----------------------------------------------------------------------------------------------


def test_the_history_says_who_did_what_and_when(work: Work) -> None:
    order_id = work.takes_in()
    work.clock.move(minutes=1)
    work.happens(order_id, by_restaurant.adjust_order, a_change(lines=("dolce",), reason="Sold out"), actor_name=COOK)
    work.clock.move(minutes=2)
    work.happens(order_id, by_customer.accept_adjustment, 1)
    work.happens(order_id, by_restaurant.move_promise, EVENING + timedelta(minutes=40), actor_name=OWNER)
    work.happens(order_id, by_restaurant.progress_order, "Out for delivery", actor_name=COOK)

    done = section(work.client.get(work.address(order_id)).text, "done")

    told = [
        "Ordered API",
        f"Proposed a change: Without Tiramisu; “Sold out” {COOK}",
        "Accepted the change the customer",
    ]
    told += [f"Time: 18:40 {OWNER}", f"18:03 Out for delivery {COOK}"]
    assert [words for words in told if words not in done] == []
    assert done.index("Out for delivery") < done.index("Accepted") < done.index("Ordered")


def test_the_page_of_an_order_shows_where_it_goes_and_what_it_costs(work: Work) -> None:
    order_id = work.takes_in(customer_name="Ada Byrne")

    page = words_of(work.client.get(work.address(order_id)).text)

    assert all(words in page for words in ("38 Sample Street", "The blue door", "Ada Byrne", "Visa ****2371", "€34.50"))


@pytest.mark.parametrize("default", IfUnanswered)
def test_what_the_clock_did_is_told_as_what_it_was(work: Work, default: IfUnanswered) -> None:
    with work.database.transaction() as session:
        session.merge(work.restaurant).if_unanswered = default
    order_id = work.takes_in()
    work.happens(order_id, by_restaurant.adjust_order, a_change(), actor_name=COOK)
    work.clock.move(minutes=11)

    refused = work.presses(order_id, "adjust", lines="dolce")

    page = words_of(work.client.get(work.address(order_id)).text)
    assert refused.status_code == 409
    assert "nobody answered in time" in page
    assert ("Cancelled by the clock" in page) is (default is IfUnanswered.CANCEL)


def test_a_customer_without_an_address_that_is_known_is_no_mistake(work: Work) -> None:
    nobody = a_customer(email=None, name=None)
    with work.database.transaction() as session:
        order = an_own_order(session.merge(work.restaurant), customer=nobody, address=None, note=None)
        session.add(order)

    page = words_of(work.client.get(work.address(order.id)).text)

    assert "The address is not known here." in page
