"""What is pressed on the console is said to what was seen there: a colleague's word in between is not taken back."""

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
    """A restaurant whose owner looks at the console."""
    return at_work(client, database, clock)


def test_a_press_on_a_page_from_before_a_colleagues_change_takes_nothing_back(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "adjust", lines="dolce")

    response = work.presses(order_id, "confirm", minutes="30", seen="1")

    assert response.status_code == 409
    assert "A change was proposed to the customer meanwhile." in refusal_in(response.text)
    assert work.order(order_id).state is OrderState.ADJUSTED


def test_two_who_put_an_order_off_at_the_same_time_put_it_off_once(work: Work) -> None:
    order_id = work.takes_in()
    work.presses(order_id, "confirm", minutes="30")

    responses = [work.presses(order_id, "promise", later="10", seen="2") for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 409]
    assert "The customer was told another time meanwhile." in refusal_in(responses[1].text)
    assert work.order(order_id).promised_at == IN_HALF_AN_HOUR + timedelta(minutes=10)


def test_every_press_says_what_was_seen(work: Work) -> None:
    order_id = work.takes_in()

    for page in (work.board, f"{work.board}/orders/{order_id}", f"{work.board}/orders/{order_id}/confirm"):
        assert 'name="seen" value="1"' in work.client.get(page).text
