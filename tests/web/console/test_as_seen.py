"""A button on an outdated page of the console does not undo what a colleague has done meanwhile."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING
from tests.conftest import Clock
from tests.web.console.kitchen import Work, at_work, refusal_in
from tracker.database import Database
from tracker.orders.states import OrderState

IN_HALF_AN_HOUR = EVENING + timedelta(minutes=30)


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner is signed in to the console."""
    return at_work(client, database, clock)


def test_confirming_on_an_outdated_page_does_not_withdraw_a_colleagues_adjustment(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "adjust", lines="dolce")

    response = work.press(order_id, "confirm", minutes="30", seen="1")

    assert response.status_code == 409
    assert "A change was proposed to the customer meanwhile." in refusal_in(response.text)
    assert work.order(order_id).state is OrderState.ADJUSTED


def test_two_colleagues_who_postpone_an_order_at_the_same_time_postpone_it_once(work: Work) -> None:
    order_id = work.place_order()
    work.press(order_id, "confirm", minutes="30")

    responses = [work.press(order_id, "promise", later="10", seen="2") for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 409]
    assert "The customer was told another time meanwhile." in refusal_in(responses[1].text)
    assert work.order(order_id).promised_at == IN_HALF_AN_HOUR + timedelta(minutes=10)


def test_every_form_contains_the_version_that_the_page_shows(work: Work) -> None:
    order_id = work.place_order()

    for page in (work.board, f"{work.board}/orders/{order_id}", f"{work.board}/orders/{order_id}/confirm"):
        assert 'name="seen" value="1"' in work.client.get(page).text
