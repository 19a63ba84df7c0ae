"""Access tokens of a restaurant over the API: what they give access to, for how long, and their revocation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.web.api.program import SHOP, Program, a_program, own_order
from tracker.accounts.model import AccessToken, Customer, CustomerSession
from tracker.accounts.sign_in_tickets import SignInTicket
from tracker.database import Base, Database
from tracker.live.wire import order_channel, status_channel
from tracker.orders.model import Order

A_LINE = {"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


def request_token(program: Program, **fields: Any) -> TestResponse:
    """Request an access token for the program's application."""
    return program.ask("POST", "/access_tokens", {"key": program.key} | fields)


def token_for(program: Program, **fields: Any) -> str:
    response = request_token(program, **fields)
    assert response.status_code == 201, response.text
    return str(response.json["access_token"])


def for_a_widget(program: Program, **changes: Any) -> dict[str, Any]:
    return {"order_id": program.order_id, "scopes": ["status"], "origin": SHOP} | changes


def placed(program: Program, key: str, **customer: Any) -> str:
    """Place an order of this customer of the shop and return its id."""
    body = {"customer": customer, "lines": [A_LINE], "fulfilment": "collection"}
    response = program.call("POST", "/orders", body, headers={"Idempotency-Key": key})
    assert response.status_code == 201, response.text
    return str(response.json["id"])


def opens_channel(program: Program, token: str, channel: str) -> bool:
    """Return whether the token authorises a subscription to the channel."""
    query = {"key": program.key, "access_token": token, "channel_name": channel, "socket_id": "1.2"}
    response = program.client.get("/api/v1/pusher/auth", query_string=query)
    assert response.status_code in (200, 403), response.text
    return response.status_code == 200


@contextmanager
def loading(*kinds: type[Base]) -> Iterator[list[object]]:
    """Collect the objects of these classes that the ORM loads from the database inside the with block."""
    found: list[object] = []

    def note(thing: object, _: object) -> None:
        found.append(thing)

    for kind in kinds:
        event.listen(kind, "load", note)
    try:
        yield found
    finally:
        for kind in kinds:
            event.remove(kind, "load", note)


def listed(program: Program, query: str = "") -> list[str]:
    return [token["id"] for token in program.ask("GET", f"/access_tokens{query}").json["access_tokens"]]


def test_a_token_for_an_order_opens_its_channel_and_no_other_orders_channel(program: Program) -> None:
    order = placed(program, "a", id="7")

    response = request_token(program, order_id=order)

    assert response.status_code == 201, response.text
    token = response.json.pop("access_token")
    assert (response.json["scopes"], response.json["order_id"], response.json["origin"]) == (["listen"], order, None)
    assert response.json["expires_at"] == "2026-12-20T18:00:00Z"
    assert opens_channel(program, token, order_channel(order))
    assert not opens_channel(program, token, order_channel(placed(program, "b", id="7")))
    assert not opens_channel(program, token, status_channel(order))


def test_a_token_for_a_customer_opens_their_orders_at_this_restaurant_also_those_to_come(
    program: Program, clock: Clock
) -> None:
    other = a_program(program.client, program.database, clock.now)
    ada = {"id": "7", "email": "ada@example.com", "email_verified": True}

    token = token_for(program, customer=ada)

    assert opens_channel(program, token, order_channel(placed(program, "a", id="7")))
    assert not opens_channel(program, token, order_channel(placed(program, "b", id="8")))
    assert not opens_channel(program, token, order_channel(placed(other, "c", **ada | {"id": "x"})))


def test_a_token_for_a_widget_opens_only_the_status_channel_on_which_messages_are_sent_from_then_on(
    program: Program, clock: Clock
) -> None:
    response = request_token(program, **for_a_widget(program))

    token = response.json["access_token"]
    assert (response.json["origin"], response.json["expires_at"]) == (SHOP, "2026-11-20T18:10:00Z")
    assert opens_channel(program, token, status_channel(program.order_id))
    assert not opens_channel(program, token, order_channel(program.order_id))
    with program.database.read_session() as session:
        assert session.get_one(Order, program.order_id).has_onlookers
    clock.move(minutes=10)
    assert not opens_channel(program, token, status_channel(program.order_id))


@pytest.mark.parametrize(("expires_in", "lifetime"), [(60, 60), (60.0, 60), (31_622_400, 31_622_400)])
def test_a_token_is_valid_for_as_long_as_was_requested(
    program: Program, clock: Clock, expires_in: float, lifetime: int
) -> None:
    token = token_for(program, order_id=program.order_id, expires_in=expires_in)

    clock.move(seconds=lifetime - 1)
    assert opens_channel(program, token, order_channel(program.order_id))
    clock.move(seconds=1)
    assert not opens_channel(program, token, order_channel(program.order_id))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "either an order_id or a customer"),
        ({"order_id": "OURS", "customer": {"id": "7"}}, "either an order_id or a customer"),
        ({"customer": {}}, "Identify the customer"),
        ({"customer": {"email": "ada@example.com"}}, "Identify the customer"),
        ({"customer": {"id": "7"}, "key": "a-guess"}, "no application with this key"),
        ({"customer": {"id": "7"}, "scopes": ["status"], "origin": SHOP}, "say which"),
        ({"order_id": "OURS", "scopes": ["status"]}, "of one origin"),
        ({"order_id": "OURS", "scopes": ["status"], "origin": "https://evil.example.com"}, "no origin of this"),
        ({"order_id": "OURS", "scopes": ["status"], "origin": SHOP, "expires_in": 901}, "at most 15 minutes"),
        ({"order_id": "OURS", "origin": SHOP}, "goes with the scope status only"),
    ],
)
def test_a_token_that_can_not_be_issued_is_refused_with_a_sentence_and_nothing_is_stored(
    program: Program, fields: dict[str, Any], sentence: str
) -> None:
    fields = {name: program.order_id if value == "OURS" else value for name, value in fields.items()}

    response = request_token(program, **fields)

    assert (response.status_code, response.json["type"]) == (409, "/problems/not-possible"), response.text
    assert sentence in response.json["detail"]
    assert listed(program) == []
    with program.database.read_session() as session:
        assert len(session.scalars(select(Customer)).all()) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"key": ""}, "key"),
        ({"key": None}, "key"),
        ({"order_id": "x"}, "order_id"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes[0]"),
        ({"expires_in": 59}, "expires_in"),
        ({"expires_in": 31_622_401}, "expires_in"),
        ({"origin": "x" * 301}, "origin"),
        ({"customer": {"id": "7", "phone": "1"}}, "customer.phone"),
        ({"restaurant_id": "x"}, "restaurant_id"),
    ],
)
def test_a_field_that_is_not_as_documented_is_refused_and_named(
    program: Program, fields: dict[str, Any], field: str
) -> None:
    response = request_token(program, **fields)

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, field), response.text


@pytest.mark.parametrize(("path", "more"), [("/access_tokens", {"scopes": ["listen"]}), ("/sign_in_addresses", {})])
def test_another_restaurants_order_is_not_found_like_one_that_does_not_exist(
    program: Program, clock: Clock, path: str, more: dict[str, Any]
) -> None:
    other = a_program(program.client, program.database, clock.now)

    foreign, absent = (
        program.ask("POST", path, {"key": program.key, "order_id": order_id} | more)
        for order_id in (other.order_id, "0" * 24)
    )

    assert foreign.status_code == 404
    assert (foreign.status_code, foreign.data) == (absent.status_code, absent.data)


@pytest.mark.parametrize("path", ["/access_tokens", "/sign_in_addresses"])
def test_nobody_can_be_given_access_to_an_order_whose_customer_is_not_known(program: Program, path: str) -> None:
    with program.database.transaction() as session:
        session.get_one(Order, program.order_id).customer_id = None

    response = program.ask("POST", path, {"key": program.key, "order_id": program.order_id})

    assert (response.status_code, response.json["type"]) == (409, "/problems/not-possible")
    assert response.json["detail"] == "The customer of this order is not known, so nobody can be given access to it."


def test_a_revoked_token_opens_nothing_and_is_not_found_when_it_is_revoked_again(program: Program) -> None:
    first, second = (request_token(program, order_id=program.order_id).json for _ in range(2))

    responses = [program.ask("DELETE", f"/access_tokens/{first['id']}") for _ in range(2)]

    assert [response.status_code for response in responses] == [204, 404]
    assert responses[0].data == b""
    assert not opens_channel(program, first["access_token"], order_channel(program.order_id))
    assert opens_channel(program, second["access_token"], order_channel(program.order_id))
    assert listed(program) == [second["id"]]


def test_another_restaurants_token_can_neither_be_seen_nor_revoked(program: Program, clock: Clock) -> None:
    other = a_program(program.client, program.database, clock.now)
    foreign = request_token(other, order_id=other.order_id).json

    responses = [
        program.ask("DELETE", f"/access_tokens/{token_id}") for token_id in (foreign["id"], "0" * 24, "x", "%00")
    ]
    revoke_all = program.ask("DELETE", "/access_tokens")

    assert {(response.status_code, response.data) for response in responses} == {(404, responses[0].data)}
    assert revoke_all.json == {"access_tokens": 0, "sign_in_addresses": 0, "sessions": 0}
    assert (listed(program), listed(other)) == ([], [foreign["id"]])
    assert opens_channel(other, foreign["access_token"], order_channel(other.order_id))


def test_a_token_that_an_operator_issued_can_not_be_revoked_by_a_restaurant(program: Program, clock: Clock) -> None:
    token = token_for(program, order_id=program.order_id)
    with program.database.transaction() as session:
        session.scalars(select(AccessToken)).one().restaurant_id = None

    response = program.ask("DELETE", "/access_tokens")

    assert response.json["access_tokens"] == 0
    assert opens_channel(program, token, order_channel(program.order_id))


def test_revoking_all_tokens_also_revokes_sign_in_addresses_that_nobody_has_used_yet(program: Program) -> None:
    order = placed(program, "a", id="7")
    tokens = [token_for(program, order_id=order), token_for(program, customer={"id": "7"})]
    sign_in = program.ask("POST", "/sign_in_addresses", {"key": program.key, "order_id": program.order_id})

    response = program.ask("DELETE", "/access_tokens")

    assert (response.status_code, response.json) == (200, {"access_tokens": 2, "sign_in_addresses": 1, "sessions": 0})
    assert not any(opens_channel(program, token, order_channel(order)) for token in tokens)
    assert program.client.get(sign_in.json["address"], follow_redirects=True).status_code == 410
    assert program.ask("DELETE", "/access_tokens").json == {"access_tokens": 0, "sign_in_addresses": 0, "sessions": 0}


def test_all_tokens_are_revoked_without_loading_each_of_them(program: Program) -> None:
    token_for(program, order_id=placed(program, "a", id="7"))
    for _ in range(2):
        address = program.ask("POST", "/sign_in_addresses", {"key": program.key, "order_id": program.order_id})
    program.client.get(address.json["address"])

    with loading(AccessToken, SignInTicket, CustomerSession) as loaded:
        response = program.ask("DELETE", "/access_tokens")

    assert response.json == {"access_tokens": 1, "sign_in_addresses": 1, "sessions": 1}
    assert loaded == []


def test_the_tokens_of_one_order_customer_or_application_are_listed_and_revoked(program: Program, clock: Clock) -> None:
    other = a_program(program.client, program.database, clock.now)
    order = placed(program, "a", id="7")
    of_order, of_ada, of_bob, of_app = (
        request_token(program, **fields).json["id"]
        for fields in (
            {"order_id": order},
            {"customer": {"id": "7"}},
            {"customer": {"id": "8"}},
            {"customer": {"id": "8"}, "key": other.key},
        )
    )
    of_nobody = ["?customer_id=nobody", "?key=a-guess", f"?order_id={'0' * 24}", f"?customer_id=7&key={other.key}"]

    found = [set(listed(program, query)) for query in (f"?order_id={order}", "?customer_id=7", f"?key={other.key}")]

    assert found == [{of_order}, {of_order, of_ada}, {of_app}]
    assert [listed(program, query) for query in of_nobody] == [[]] * 4
    assert [program.ask("DELETE", f"/access_tokens{query}").json["access_tokens"] for query in of_nobody] == [0] * 4
    assert program.ask("DELETE", "/access_tokens?customer_id=7").json["access_tokens"] == 2
    assert set(listed(program)) == {of_bob, of_app}


def test_tokens_are_listed_newest_first_in_pages_and_never_shown_again(
    program: Program, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.web.api.tokens.PAGE", 2)
    issued = []
    for _ in range(3):
        clock.move(seconds=1)
        issued.insert(0, request_token(program, order_id=program.order_id).json)

    first = program.ask("GET", "/access_tokens")
    second = program.ask("GET", f"/access_tokens?before={first.json['next']}")

    shown = first.json["access_tokens"] + second.json["access_tokens"]
    assert [len(page.json["access_tokens"]) for page in (first, second)] == [2, 1]
    assert shown == [{name: value for name, value in token.items() if name != "access_token"} for token in issued]
    assert second.json["next"] is None


def test_a_token_is_stored_only_as_a_hash(program: Program, clock: Clock) -> None:
    token = token_for(program, **for_a_widget(program))

    with program.database.read_session() as session:
        stored = session.scalars(select(AccessToken)).one()
        assert token not in str(vars(stored))
        assert stored.ends_at == clock.now + timedelta(minutes=10)


def test_with_an_expired_secret_no_token_is_issued(program: Program, clock: Clock) -> None:
    program.call("POST", "/secrets", {"overlap_minutes": 0})

    response = request_token(program, order_id=program.order_id)

    assert (response.status_code, response.json["type"]) == (401, "/problems/unauthenticated")


def test_a_token_still_works_when_its_customer_verifies_their_address_and_accounts_are_merged(
    program: Program, clock: Clock
) -> None:
    with program.database.transaction() as session:
        session.add(own_order(session.merge(program.restaurant), clock.now))
    order = placed(program, "a", id="7", email="ada@example.com")
    token = token_for(program, order_id=order)

    placed(program, "b", id="8", email="ada@example.com", email_verified=True)
    placed(program, "c", id="7", email="ada@example.com", email_verified=True)

    assert opens_channel(program, token, order_channel(order))
    assert listed(program, "?customer_id=8") == listed(program)
