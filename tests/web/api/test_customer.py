"""Which customer an order gets, by the id, address and name that a restaurant's shop sends."""

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
    """Place an order of the customer whom the shop describes so."""
    lines = [{"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}]
    body = {"customer": customer, "lines": lines, "fulfilment": "collection"}
    return program.call("POST", "/orders", body, headers={"Idempotency-Key": key})


def test_an_order_for_a_known_address_belongs_to_that_customer_and_reveals_no_name_of_theirs(program: Program) -> None:
    with program.database.transaction() as session:
        existing = a_customer(email="ada@example.com", name="Ada Byrne")
        session.add(existing)

    verified = {"email": "ada@example.com", "email_verified": True}
    responses = [place(program, "a"), place(program, "b", customer=verified)]

    assert [response.json["customer"]["name"] for response in responses] == ["Ada", None]
    assert "Byrne" not in "".join(response.text for response in responses)
    with program.database.read_session() as session:
        orders = [session.get_one(Order, response.json["id"]) for response in responses]
        assert {order.customer_id for order in orders} == {existing.id}


def test_a_customer_without_id_and_address_is_a_new_one_as_whom_nobody_can_sign_in(program: Program) -> None:
    response = place(program, customer={"name": "Walk-in"})

    assert response.json["customer"] == {"name": "Walk-in"}
    with program.database.read_session() as session:
        order = session.get_one(Order, response.json["id"])
        assert order.customer is not None
        assert order.customer.email is None


def test_an_address_that_the_shop_has_not_verified_is_not_stored_and_merges_no_customers(program: Program) -> None:
    with program.database.transaction() as session:
        session.add(a_customer(email="ada@example.com", name="Ada Byrne"))

    response = place(program, customer={"id": "c-7", "email": "ada@example.com", "name": "Ada"})

    with program.database.read_session() as session:
        customer = session.get_one(Order, response.json["id"]).customer
        assert customer is not None
        assert (customer.email, customer.name) == (None, "Ada")


def test_each_id_of_a_shop_is_one_customer(program: Program) -> None:
    customers = [{"id": "c-7"}, {"id": "c-7", "name": "Ada"}, {"id": "c-8"}]

    responses = [place(program, str(key), customer=customer) for key, customer in enumerate(customers)]

    with program.database.read_session() as session:
        first, again, other = [session.get_one(Order, response.json["id"]).customer_id for response in responses]
        assert first == again != other
