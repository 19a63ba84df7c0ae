"""Forms with which customers act on their orders, without scripts and with htmx."""

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
    """A customer with an order that the restaurant has not confirmed yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


# --- without scripts --------------------------------------------------------------------------------------------------


def test_a_customer_can_accept_a_change_and_the_page_says_so(table: Table) -> None:
    table.step(ADJUST)
    table.clock.move(minutes=3)

    response = table.submit("accept", **FORMS["accept"])

    assert (response.status_code, response.location) == (303, table.address)
    assert table.order().state is OrderState.CONFIRMED
    page = table.page()
    assert "You accepted Bella Napoli’s change at 18:03." in words_of(page)
    assert "<s><bdi>Tiramisu</bdi></s>" in page
    assert '<span class="unseen">left out:</span> <s>Extra basil</s>' in page
    assert "Before the change no longer €34.50 Total €27.00" in words_of(page)
    assert "18:50–19:00" in words_of(page)


def test_rejecting_a_change_cancels_the_order(table: Table) -> None:
    table.step(ADJUST)

    table.submit("reject", **FORMS["reject"])

    order = table.order()
    assert (order.state, order.adjustments[0].state) == (OrderState.CANCELLED, AdjustmentState.REJECTED)
    assert "You rejected Bella Napoli’s change at 18:00, and your order was cancelled." in words_of(table.page())


def test_an_extension_is_as_long_as_the_first_time_and_the_page_says_until_when(table: Table) -> None:
    table.step(ADJUST)
    table.clock.move(minutes=8)
    assert "I need more time (10 more minutes)" in words_of(table.page())

    table.submit("more-time", **FORMS["more-time"])

    page = words_of(table.page())
    assert "Please answer by 18:20 12 minutes left" in page
    assert "If you don’t answer by 18:20, your order will be cancelled." in page
    assert "You asked for more time to answer, until 18:20" in page


@pytest.mark.parametrize("is_adjusted", [False, True])
def test_an_order_that_is_not_confirmed_can_be_cancelled(table: Table, is_adjusted: bool) -> None:
    if is_adjusted:
        table.step(ADJUST)
    page = table.page()
    version = re.search(r'id="cancel-form".*?name="version" value="(\d+)"', page, re.S)
    assert version

    table.submit("cancel", version=version[1])

    assert table.order().state is OrderState.CANCELLED
    cancelled = words_of(table.page())
    assert "Why You cancelled the order." in cancelled
    assert ("You cancelled the order at 18:00, and with it the change" in cancelled) == is_adjusted
    assert "Cancel this order" not in cancelled


@pytest.mark.parametrize(
    ("typed", "minor", "written"), [("3", 300, "3.00"), ("3.50", 350, "3.50"), ("3,5", 350, "3.50")]
)
def test_a_customer_can_tip_and_change_the_tip(table: Table, typed: str, minor: int, written: str) -> None:
    table.complete()

    table.submit("tip", version=3, amount="7")
    table.submit("tip", version=4, amount=typed)

    assert table.order().bill.tip == minor
    page = table.page()
    assert f'value="{written}"' in page
    assert f"Your tip is now €{written}" in words_of(page)


def test_a_customer_can_rate_a_completed_order_and_change_the_rating(table: Table) -> None:
    table.complete()
    assert "How was it?" in words_of(table.page())

    table.submit("rate", version=3, stars=2)
    table.submit("rate", version=4, stars=4)

    assert table.order().rating == 4
    page = table.page()
    assert re.findall(r'value="(\d)"\s+aria-pressed="true"', page) == ["4"]
    assert "You rated this order 4 of 5 stars" in words_of(page)


@pytest.mark.parametrize("is_own", [True, False])
def test_the_page_says_what_the_site_of_the_order_is_not_told(
    client: FlaskClient, database: Database, clock: Clock, is_own: bool
) -> None:
    order = an_own_order(EVENING) if is_own else an_order()
    order.restaurant.answer_minutes, order.restaurant.statuses = 10, {}
    table = a_table(client, database, clock, order)

    placed = words_of(table.page())
    table.complete()
    completed = words_of(table.page())

    assert "shown to Bella Napoli" in completed
    assert ("The site where you ordered does not: ask there" in placed) != is_own
    assert ("The site where you ordered does not receive them" in completed) != is_own


@pytest.mark.parametrize("act", FORMS)
def test_a_form_that_is_sent_twice_has_one_effect(table: Table, act: str) -> None:
    table.prepare_for(act)

    responses = [table.submit(act, **FORMS[act]).status_code for _ in range(2)]

    assert responses == [303, 303]
    kinds = [event.kind for event in table.order().events]
    assert len(kinds) == len(set(kinds))


# --- with htmx --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", FORMS)
def test_the_response_to_htmx_is_the_live_region(table: Table, act: str) -> None:
    table.prepare_for(act)

    response = table.submit(act, by_script=True, **FORMS[act])

    region = table.client.get(f"{table.address}/live")
    assert response.status_code == 200
    assert response.text == region.text
    assert response.headers["ETag"] == region.headers["ETag"]
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_page_says_before_and_after_that_an_unanswered_change_goes_ahead(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    pizzeria = a_pizzeria(if_unanswered=IfUnanswered.GO_AHEAD)
    table = a_table(client, database, clock, an_own_order(EVENING, pizzeria))
    table.step(ADJUST)
    before = words_of(table.page())

    table.let_adjustment_lapse()

    assert "If you don’t answer by 18:10, your order goes ahead with this change." in before
    assert "There was no answer in time, so your order went ahead with the change at 18:10." in words_of(table.page())


# --- permission -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", FORMS)
def test_somebody_elses_order_looks_like_one_that_does_not_exist(table: Table, act: str) -> None:
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
def test_after_signing_out_a_form_leads_to_the_sign_in_page_and_back_to_the_order(table: Table, act: str) -> None:
    table.prepare_for(act)
    before = table.order().version
    with table.client.session_transaction() as cookie:
        cookie.clear()

    response, htmx_response = table.submit(act, **FORMS[act]), table.submit(act, by_script=True, **FORMS[act])

    assert response.status_code == 303
    assert unescape(response.location).replace("%2F", "/") == f"/sign-in?next={table.address}"
    assert htmx_response.status_code == 401
    assert table.order().version == before


@pytest.mark.parametrize("act", FORMS)
def test_a_page_of_another_site_can_not_act_for_a_customer(table: Table, act: str) -> None:
    table.prepare_for(act)
    before = table.order().version

    response = table.client.post(
        f"{table.address}/{act}",
        data=FORMS[act],
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org"},
    )

    assert response.status_code == 403
    assert table.order().version == before


def test_the_page_never_names_staff_members(table: Table) -> None:
    for step in (ADJUST, propose(70), ("accept", {"number": 2}), kitchen(by_restaurant.move_promise, 80), COMPLETE):
        table.perform_after_a_minute(step)

    assert WHO not in table.page()
