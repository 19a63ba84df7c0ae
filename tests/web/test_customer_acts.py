"""What a customer may do with their order, by plain forms: done once, or refused in words with what came first."""

import pytest
from flask.testing import FlaskClient

from tests.builders import a_customer
from tests.conftest import Clock
from tests.web.deciding import Table, a_pizzeria, a_table, an_own_order
from tracker.database import Database
from tracker.orders.states import OrderState


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """A customer whose order nobody has answered yet."""
    return a_table(client, database, clock, an_own_order(a_pizzeria(), a_customer()))


def test_a_change_is_accepted_by_a_plain_form_and_the_page_shows_it(table: Table) -> None:
    table.proposes()

    answer = table.does("accept", number=1)

    assert (answer.status_code, answer.location) == (303, table.address)
    assert table.order().state is OrderState.CONFIRMED
