"""Who ordered, as a restaurant's shop says it: whom that makes one person with whom, and whom it doesn't."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import a_customer
from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.database import Database
from tracker.orders.model import Order

ADA = {"id": "c-1042", "email": "Ada@Example.com", "email_verified": True, "name": "Ada"}


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


def place(program: Program, key: str = "order-1", *, customer: dict[str, Any] = ADA) -> TestResponse:
    """Place an order of theirs."""
    lines = [{"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}]
    said = {"customer": customer, "lines": lines, "fulfilment": "collection"}
    return program.call("POST", "/orders", said, headers={"Idempotency-Key": key})


def test_an_order_for_a_known_address_is_that_customers_and_tells_nobody_their_name(program: Program) -> None:
    with program.database.transaction() as session:
        known = a_customer(email="ada@example.com", name="Ada Byrne")
        session.add(known)

    verified = {"email": "ada@example.com", "email_verified": True}
    responses = [place(program, "a"), place(program, "b", customer=verified)]

    assert [response.json["customer"]["name"] for response in responses] == ["Ada", None]
    assert "Byrne" not in "".join(response.text for response in responses)
    with program.database.read_session() as session:
        orders = [session.get_one(Order, response.json["id"]) for response in responses]
        assert {order.customer_id for order in orders} == {known.id}


def test_somebody_without_an_address_is_somebody_new_whom_nobody_can_sign_in_as(program: Program) -> None:
    response = place(program, customer={"name": "Walk-in"})

    assert response.json["customer"] == {"name": "Walk-in"}
    with program.database.read_session() as session:
        order = session.get_one(Order, response.json["id"])
        assert order.customer is not None
        assert order.customer.email is None


def test_an_address_that_the_shop_has_not_verified_is_not_kept_and_joins_nobody(program: Program) -> None:
    with program.database.transaction() as session:
        session.add(a_customer(email="ada@example.com", name="Ada Byrne"))

    response = place(program, customer={"id": "c-7", "email": "ada@example.com", "name": "Ada"})

    with program.database.read_session() as session:
        customer = session.get_one(Order, response.json["id"]).customer
        assert customer is not None
        assert (customer.email, customer.name) == (None, "Ada")


def test_whom_a_shop_knows_by_one_id_is_one_customer_and_by_another_somebody_else(program: Program) -> None:
    said = [{"id": "c-7"}, {"id": "c-7", "name": "Ada"}, {"id": "c-8"}]

    responses = [place(program, str(key), customer=each) for key, each in enumerate(said)]

    with program.database.read_session() as session:
        first, again, other = [session.get_one(Order, response.json["id"]).customer_id for response in responses]
        assert first == again != other
