"""Placing a restaurant's own order over the API: its result, its refusals, and its idempotency key."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.accounts.model import Customer
from tracker.application import create_app
from tracker.database import Database
from tracker.orders.model import Order

pytestmark = pytest.mark.both_databases  # a constraint of the database makes the key idempotent

LINES: list[dict[str, Any]] = [
    {"id": "p1", "name": "Margherita", "quantity": 2, "unit_price": "11.50", "section": "Pizza"},
    {
        "id": "d_1",
        "name": "Tiramisu",
        "quantity": 1.0,
        "unit_price": 6.5,
        "options": [{"name": "Extra cocoa", "price": "0.50"}, {"name": "No sugar"}],
    },
]
WHOLE: dict[str, Any] = {
    "customer": {"id": "c-1042", "email": "Ada@Example.com", "email_verified": True, "name": "Ada"},
    "lines": LINES,
    "fulfilment": "delivery",
    "address": "38 Sample Street\nDublin",
    "address_note": "The blue door",
    "note": "No oregano\tplease",
    "requested_for": "2026-11-20T23:30",
    "charges": {"delivery": 3, "service": "0.50", "fee": "0.25", "discount": "4.00"},
    "tip": "2.00",
    "payment": "Visa ****2371",
    "short_code": "K7",
}


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


def place(program: Program, key: str = "order-1", **changes: Any) -> TestResponse:
    """Place the order WHOLE with these changes; None leaves a field out."""
    body = {name: value for name, value in (WHOLE | changes).items() if value is not None}
    return program.call("POST", "/orders", body, headers={"Idempotency-Key": key})


def count(database: Database, kind: type[Any]) -> int:
    with database.read_session() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_an_order_is_placed_as_it_was_sent_and_its_total_is_calculated_here(program: Program) -> None:
    response = place(program)

    assert response.status_code == 201, response.text
    order = response.json
    assert response.headers["Location"] == f"{program.home}/orders/{order['id']}"
    assert order["bill"] == {
        **{"items": "29.50", "delivery": "3.00", "service": "0.50", "fee": "0.25", "discount": "-4.00"},
        **{"other": "0.00", "tip": "2.00", "total": "31.25", "refunded": "0.00"},
    }
    assert (order["state"], order["is_advance"], order["platform"]) == ("placed", True, None)
    assert (order["requested_for"], order["short_code"]) == ("2026-11-20T23:30:00Z", "K7")
    assert (order["address"], order["note"]) == ("38 Sample Street Dublin", "No oregano please")
    assert [(line["id"], line["quantity"], line["unit_price"]) for line in order["lines"]] == [
        ("p1", 2, "11.50"),
        ("d_1", 1, "6.50"),
    ]
    assert order["customer"] == {"name": "Ada"}


def test_an_order_with_only_the_required_fields_is_for_as_soon_as_possible(program: Program) -> None:
    line = {"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}

    response = program.call(
        "POST", "/orders", {"lines": [line], "fulfilment": "table"}, headers={"Idempotency-Key": "least"}
    )

    assert response.status_code == 201, response.text
    assert (response.json["bill"]["total"], response.json["is_advance"], response.json["currency"]) == (
        "5.00",
        False,
        "EUR",
    )
    assert len(response.json["short_code"]) == 4


def test_the_same_key_with_the_same_body_returns_the_same_order_in_its_present_state(program: Program) -> None:
    first = place(program)
    program.order_id = first.json["id"]
    program.act("reject")

    again = place(program)

    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json["id"], again.json["state"]) == (first.json["id"], "rejected")
    assert count(program.database, Order) == 2


def test_the_same_key_with_another_body_is_a_conflict(program: Program) -> None:
    place(program)

    response = place(program, note="With oregano")

    assert (response.status_code, response.json["type"]) == (409, "/problems/idempotency-key-reused")
    assert count(program.database, Order) == 2


def test_two_restaurants_can_use_the_same_key(program: Program, clock: Clock) -> None:
    other = a_program(program.client, program.database, clock.now)

    first, second = place(program), place(other)

    assert (first.status_code, second.status_code) == (201, 201)


def test_one_key_in_two_processes_at_the_same_moment_places_one_order(program: Program) -> None:
    settings = program.client.application.extensions["tracker"].settings
    databases = [Database(program.database.url) for _ in range(2)]
    programs = [
        Program(create_app(settings, each).test_client(), each, program.restaurant, program.order_id, program.secret)
        for each in databases
        for _ in range(3)
    ]

    with ThreadPoolExecutor(len(programs)) as pool:
        responses = list(pool.map(place, programs))

    assert sorted(response.status_code for response in responses) == [200] * 5 + [201]
    assert len({response.json["id"] for response in responses}) == 1
    assert (count(program.database, Order), count(program.database, Customer)) == (2, 2)
    for database in databases:
        database.close()


@pytest.mark.parametrize("key", [None, "", " ", "x" * 201, "é"])
def test_without_a_valid_idempotency_key_no_order_is_placed(program: Program, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}

    response = program.call("POST", "/orders", WHOLE, headers=headers)

    assert (response.status_code, response.json["type"]) == (400, "/problems/not-understood")
    assert "Idempotency-Key" in response.json["detail"]
    assert count(program.database, Order) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lines": [LINES[0], LINES[0]]}, "an id of its own"),
        ({"tip": "0.005"}, "more decimals than EUR, which has 2"),
        ({"tip": 1e-30}, "more decimals than EUR, which has 2"),
        ({"currency": "JPY"}, "more decimals than JPY, which has none"),
        ({"currency": "XQZ"}, "no currency XQZ"),
        ({"charges": {"discount": 100}}, "larger than the total"),
        ({"requested_for": "2026-11-19T23:30"}, "past"),
        ({"requested_for": "2029-11-19T23:30"}, "more than a year"),
        ({"requested_for": "2027-03-28T01:30"}, "does not exist"),
        ({"requested_for": "2026-02-30T01:30"}, "no such time"),
        ({"lines": [LINES[0] | {"name": "\u200b"}]}, "no visible character"),
    ],
)
def test_a_field_in_the_documented_form_with_an_impossible_value_is_refused_with_a_sentence(
    program: Program, changes: dict[str, Any], sentence: str
) -> None:
    response = place(program, **changes)

    assert response.status_code == 409, response.text
    assert sentence in response.json["detail"]
    assert (count(program.database, Order), count(program.database, Customer)) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": None}, "lines"),
        ({"lines": []}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [LINES[0]] * 201}, "lines"),
        ({"lines": [LINES[0] | {"quantity": 0}]}, "lines[0].quantity"),
        ({"lines": [LINES[0] | {"quantity": 1.5}]}, "lines[0].quantity"),
        ({"lines": [LINES[0] | {"quantity": True}]}, "lines[0].quantity"),
        ({"lines": [LINES[0] | {"quantity": 10**400}]}, "lines[0].quantity"),
        ({"lines": [LINES[0] | {"unit_price": -1}]}, "lines[0].unit_price"),
        ({"lines": [LINES[0] | {"unit_price": "1e3"}]}, "lines[0].unit_price"),
        ({"lines": [LINES[0] | {"unit_price": "\u0661"}]}, "lines[0].unit_price"),
        ({"lines": [LINES[0] | {"id": "a b"}]}, "lines[0].id"),
        ({"lines": [LINES[0] | {"id": "x" * 25}]}, "lines[0].id"),
        ({"lines": [LINES[0] | {"name": "\x00"}]}, "lines[0].name"),
        ({"lines": [LINES[0] | {"name": "\ud800"}]}, "lines[0].name"),
        ({"lines": [LINES[0] | {"surprise": 1}]}, "lines[0].surprise"),
        ({"customer": {"email": "nobody"}}, "customer.email"),
        ({"customer": {"email_verified": "true"}}, "customer.email_verified"),
        ({"customer": {"id": ""}}, "customer.id"),
        ({"customer": {"id": "x" * 101}}, "customer.id"),
        ({"customer": {"id": 7}}, "customer.id"),
        ({"fulfilment": "drone"}, "fulfilment"),
        ({"requested_for": "tomorrow"}, "requested_for"),
        ({"requested_for": 1_700_000_000}, "requested_for"),
        ({"currency": "eur"}, "currency"),
    ],
)
def test_a_field_that_is_not_as_documented_is_refused_and_named(
    program: Program, changes: dict[str, Any], field: str
) -> None:
    response = place(program, **changes)

    assert (response.status_code, response.json["type"]) == (422, "/problems/not-as-documented"), response.text
    assert response.json["detail"].startswith(f"{field} ")
    assert [error["field"] for error in response.json["errors"]] == [field]
    assert (count(program.database, Order), count(program.database, Customer)) == (1, 1)
