"""What a customer may do with their order, by plain forms or in the page that is open: done once, and shown."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING, a_customer, an_order
from tests.conftest import Clock
from tests.order_actions import ADJUST, COMPLETE, WHO, a_pizzeria, an_own_order, kitchen, propose
from tests.page_text import words_of
from tests.web.customer.adjusted_order import FORMS, Table, a_table
from tracker.accounts.model import IfUnanswered
from tracker.database import Database
from tracker.ids import new_id
from tracker.orders.operations import by_restaurant
from tracker.orders.states import AdjustmentState, OrderState


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """A customer whose order nobody has answered yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


# --- what is done, without a script -----------------------------------------------------------------------------------


def test_a_change_is_accepted_and_the_page_says_so(table: Table) -> None:
    table.step(ADJUST)
    table.clock.move(minutes=3)

    response = table.does("accept", **FORMS["accept"])

    assert (response.status_code, response.location) == (303, table.address)
    assert table.order().state is OrderState.CONFIRMED
    page = table.page()
    assert "You accepted Bella Napoli’s change at 18:03." in words_of(page)
    assert "<s><bdi>Tiramisu</bdi></s>" in page
    assert '<span class="unseen">left out:</span> <s>Extra basil</s>' in page
    assert "Before the change no longer €34.50 Total €27.00" in words_of(page)
    assert "18:50–19:00" in words_of(page)


def test_a_change_is_rejected_and_the_order_with_it(table: Table) -> None:
    table.step(ADJUST)

    table.does("reject", **FORMS["reject"])

    order = table.order()
    assert (order.state, order.adjustments[0].state) == (OrderState.CANCELLED, AdjustmentState.REJECTED)
    assert "You rejected Bella Napoli’s change at 18:00, and your order was cancelled." in words_of(table.page())


def test_more_time_is_as_much_as_there_was_and_the_page_says_until_when(table: Table) -> None:
    table.step(ADJUST)
    table.clock.move(minutes=8)
    assert "I need more time (10 more minutes)" in words_of(table.page())

    table.does("more-time", **FORMS["more-time"])

    said = words_of(table.page())
    assert "Please answer by 18:20 12 minutes left" in said
    assert "If you don’t answer by 18:20, your order will be cancelled." in said
    assert "You asked for more time to answer, until 18:20" in said


@pytest.mark.parametrize("is_adjusted", [False, True])
def test_an_order_that_nobody_has_taken_on_can_be_cancelled(table: Table, is_adjusted: bool) -> None:
    if is_adjusted:
        table.step(ADJUST)
    page = table.page()
    version = re.search(r'id="cancel-form".*?name="version" value="(\d+)"', page, re.S)
    assert version

    table.does("cancel", version=version[1])

    assert table.order().state is OrderState.CANCELLED
    said = words_of(table.page())
    assert "Why You cancelled the order." in said
    assert ("You cancelled the order at 18:00, and with it the change" in said) == is_adjusted
    assert "Cancel this order" not in said


@pytest.mark.parametrize(
    ("typed", "minor", "written"), [("3", 300, "3.00"), ("3.50", 350, "3.50"), ("3,5", 350, "3.50")]
)
def test_a_tip_is_what_was_typed_and_can_be_changed(table: Table, typed: str, minor: int, written: str) -> None:
    table.hands_over()

    table.does("tip", version=3, amount="7")
    table.does("tip", version=4, amount=typed)

    assert table.order().bill.tip == minor
    page = table.page()
    assert f'value="{written}"' in page
    assert f"Your tip is now €{written}" in words_of(page)


def test_an_order_is_rated_after_it_came_and_the_rating_can_be_changed(table: Table) -> None:
    table.hands_over()
    assert "How was it?" in words_of(table.page())

    table.does("rate", version=3, stars=2)
    table.does("rate", version=4, stars=4)

    assert table.order().rating == 4
    page = table.page()
    assert re.findall(r'value="(\d)"\s+aria-pressed="true"', page) == ["4"]
    assert "You rated this order 4 of 5 stars" in words_of(page)


@pytest.mark.parametrize("is_own", [True, False])
def test_what_the_site_where_somebody_ordered_does_not_hear_is_said(
    client: FlaskClient, database: Database, clock: Clock, is_own: bool
) -> None:
    order = an_own_order(EVENING) if is_own else an_order()
    order.restaurant.answer_minutes, order.restaurant.statuses = 10, {}
    table = a_table(client, database, clock, order)

    asked = words_of(table.page())
    table.hands_over()
    thanked = words_of(table.page())

    assert "told to Bella Napoli" in thanked
    assert ("The site where you ordered is not" in asked) != is_own
    assert ("The site where you ordered doesn’t hear of them" in thanked) != is_own


@pytest.mark.parametrize("act", FORMS)
def test_the_same_form_sent_twice_does_nothing_twice(table: Table, act: str) -> None:
    table.is_ready_for(act)

    responses = [table.does(act, **FORMS[act]).status_code for _ in range(2)]

    assert responses == [303, 303]
    kinds = [event.kind for event in table.order().events]
    assert len(kinds) == len(set(kinds))


# --- what is done, in the page that is open ---------------------------------------------------------------------------


@pytest.mark.parametrize("act", FORMS)
def test_an_open_page_gets_the_very_region_that_it_would_ask_for(table: Table, act: str) -> None:
    table.is_ready_for(act)

    response = table.does(act, by_script=True, **FORMS[act])

    region = table.client.get(f"{table.address}/live")
    assert response.status_code == 200
    assert response.text == region.text
    assert response.headers["ETag"] == region.headers["ETag"]
    assert response.headers["Cache-Control"] == "private, no-store"


def test_an_order_whose_restaurant_goes_ahead_says_so_before_and_after(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    pizzeria = a_pizzeria(if_unanswered=IfUnanswered.GO_AHEAD)
    table = a_table(client, database, clock, an_own_order(EVENING, pizzeria))
    table.step(ADJUST)
    asked = words_of(table.page())

    table.lapses()

    assert "If you don’t answer by 18:10, your order goes ahead with this change." in asked
    assert "There was no answer in time, so your order went ahead with the change at 18:10." in words_of(table.page())


# --- whose order ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", FORMS)
def test_somebody_elses_order_and_one_that_does_not_exist_answer_alike(table: Table, act: str) -> None:
    theirs = an_own_order(EVENING, customer=a_customer(email="grace@example.com"))
    with table.database.transaction() as session:
        session.add(theirs)

    responses = [
        table.client.post(f"/orders/{order_id}/{act}", data=FORMS[act])
        for order_id in (theirs.id, new_id(EVENING), "nonsense")
    ]

    assert [response.status_code for response in responses] == [404] * 3
    assert len({re.sub(r'nonce="[^"]+"', "", response.text) for response in responses}) == 1


@pytest.mark.parametrize("act", FORMS)
def test_somebody_who_has_signed_out_is_led_to_sign_in_and_back_to_the_order(table: Table, act: str) -> None:
    table.is_ready_for(act)
    before = table.order().version
    with table.client.session_transaction() as cookie:
        cookie.clear()

    response, of_a_script = table.does(act, **FORMS[act]), table.does(act, by_script=True, **FORMS[act])

    assert response.status_code == 303
    assert unescape(response.location).replace("%2F", "/") == f"/sign-in?next={table.address}"
    assert of_a_script.status_code == 401
    assert table.order().version == before


@pytest.mark.parametrize("act", FORMS)
def test_a_page_of_another_site_can_not_act_for_a_customer(table: Table, act: str) -> None:
    table.is_ready_for(act)
    before = table.order().version

    response = table.client.post(
        f"{table.address}/{act}",
        data=FORMS[act],
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org"},
    )

    assert response.status_code == 403
    assert table.order().version == before


def test_who_works_at_the_restaurant_is_never_told(table: Table) -> None:
    for step in (ADJUST, propose(70), ("accept", {"number": 2}), kitchen(by_restaurant.move_promise, 80), COMPLETE):
        table.takes(step)

    assert WHO not in table.page()
