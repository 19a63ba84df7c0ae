"""Every problem that the API documents occurs in the documented form, and the order stays as it was."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.database import Database
from tracker.orders.operations import by_restaurant

CAUSES: dict[str, Callable[[Program], TestResponse]] = {
    "not-understood": lambda program: program.act("confirm", data=b"{", content_type="application/json"),
    "unauthenticated": lambda program: program.act("confirm", headers={"Authorization": "Bearer wrong"}),
    "not-allowed": lambda program: program.act("confirm", headers={"Sec-Fetch-Site": "cross-site"}),
    "not-found": lambda program: program.call("POST", f"/orders/{'0' * 24}/confirm"),
    "wrong-method": lambda program: program.call("DELETE", f"/orders/{program.order_id}"),
    "conflict": lambda program: program.act("promise", {"minutes": 5}),
    "too-large": lambda program: program.act("reject", {"reason": "x" * 300_000}),
    "not-json": lambda program: program.act("reject", data=b"reason=x", content_type="text/plain"),
    "not-as-documented": lambda program: program.act("reject", {"reason": 7}),
    "internal-error": lambda program: program.act("reject", {"reason": "a secret recipe"}),
}


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


@pytest.mark.parametrize("slug", CAUSES)
def test_every_documented_problem_occurs_in_the_documented_form(program: Program, slug: str) -> None:
    document: Any = program.client.get("/api/v1/openapi.json").json
    breaks = patch.object(by_restaurant, "reject_order", side_effect=RuntimeError("a secret recipe"))

    if slug == "internal-error":
        with breaks:
            response = CAUSES[slug](program)
    else:
        response = CAUSES[slug](program)

    assert CAUSES.keys() == document["components"]["responses"].keys()
    assert response.mimetype == "application/problem+json"
    Draft202012Validator(document["components"]["schemas"]["Problem"]).validate(response.json)
    described = document["components"]["responses"][slug]["description"]
    assert f"`{response.json['type']}`" in described
    assert response.json["status"] == response.status_code
    assert response.json["detail"].endswith(".")
    assert "recipe" not in response.text
    assert program.order()["version"] == 1


@pytest.mark.parametrize(
    "raw",
    [
        *(b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"NaN", b'{"minutes": NaN}', b'{"minutes": Infinity}'),
        *(b'{"minutes": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 50_000, b" "),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_a_sentence(program: Program, raw: bytes) -> None:
    response = program.act("confirm", data=raw, content_type="application/json; charset=utf-8")

    assert (response.status_code, response.json["type"]) == (400, "/problems/not-understood")
    assert response.json["detail"].endswith(".")


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"reason": "\u0000"}',
        rb'{"reason": "\ud800"}',
        rb'{"\u0000": 1}',
        rb'{"\udfff": 1}',
        rb'{"reason": 1e400}',
        rb'{"reason": true}',
        rb'{"reason": {"reason": []}}',
    ],
)
def test_a_value_that_can_not_be_stored_or_has_a_wrong_type_is_refused_before_anything_happens(
    program: Program, raw: bytes
) -> None:
    response = program.act("reject", data=raw, content_type="application/json")

    assert (response.status_code, response.json["type"]) == (422, "/problems/not-as-documented"), response.text
    assert program.order()["state"] == "placed"


@pytest.mark.parametrize(
    ("query", "status"),
    [("?state=dead", 422), ("?before=x", 422), ("?since=1", 422), ("?before=%00", 422), (f"?before={'0' * 24}", 404)],
)
def test_a_query_that_is_not_documented_is_refused(program: Program, query: str, status: int) -> None:
    response = program.call("GET", f"/orders{query}")

    assert response.status_code == status


def test_orders_are_listed_newest_first_in_pages(program: Program, clock: Clock) -> None:
    line = {"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}
    for number in range(51):
        clock.move(seconds=1)
        body = {"lines": [line], "fulfilment": "table", "short_code": f"N{number}"}
        assert program.call("POST", "/orders", body, headers={"Idempotency-Key": f"{number}"}).status_code == 201
    program.act("reject")

    first = program.call("GET", "/orders?state=all").json
    second = program.call("GET", f"/orders?state=all&before={first['next']}").json
    live = program.call("GET", "/orders").json

    assert [order["short_code"] for order in first["orders"]] == [f"N{number}" for number in range(50, 0, -1)]
    assert [order["short_code"] for order in second["orders"]] == ["N0", "A42"]
    assert (second["next"], live["next"]) == (None, first["next"])
