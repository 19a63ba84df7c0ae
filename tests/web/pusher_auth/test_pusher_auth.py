"""Authorisation for an order's channel at the contract's endpoint: by POST, GET and JSONP, and its refusals."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import a_customer, a_platform_account, an_order
from tests.conftest import Clock
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.model import AccessToken, CustomerSession
from tracker.accounts.registration import register_application
from tracker.accounts.tokens import PAGE_TOKEN_LIFETIME, PAGES_KEY, hash_secret, make_page_token
from tracker.config import Settings
from tracker.database import Database

ADDRESS = "/api/v1/pusher/auth"
SHOP = "https://shop.example.com"
HOUR = timedelta(hours=1)


@dataclass
class World:
    """Orders of Ada's and Bob's, and two shops that show orders on their own sites."""

    adas_order: str
    adas_other_order: str
    bobs_order: str
    restaurant_id: str
    shop_key: str
    other_key: str
    token: str
    """The shop's access token for all orders of Ada's."""
    token_for_one: str
    """The shop's access token for Ada's first order."""
    bobs_token: str


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    ada, bob = a_customer(), a_customer(email="bob@example.com", name="Bob Kelly")
    platform_account = a_platform_account()
    orders = [an_order(platform_account=platform_account, customer=customer) for customer in (ada, ada, bob)]
    for number, order in enumerate(orders):
        order.platform_order_id = str(number)
    shop = register_application("Shop", [SHOP, "http://localhost:3000"], now=now)
    other = register_application("Other shop", ["https://other.example.com"], now=now)
    with database.transaction() as session:
        session.add_all([*orders, shop, other])
        session.flush()
        grants = [
            grant_access(shop, ada, lifetime=HOUR, now=now),
            grant_access(shop, ada, lifetime=HOUR, now=now, order_id=orders[0].id),
            grant_access(shop, bob, lifetime=HOUR, now=now),
        ]
        session.add_all(access_token for access_token, _ in grants)
    tokens = [token for _, token in grants]
    return World(*(order.id for order in orders), platform_account.restaurant.id, shop.key, other.key, *tokens)  # type: ignore[call-arg]


@pytest.fixture
def page(database: Database, settings: Settings, world: World, now: datetime) -> str:
    """The token of the page of Ada's first order, with a session of hers."""
    with database.transaction() as session:
        (ada,) = {token.customer_id for token in session.query(AccessToken) if token.hash == hash_secret(world.token)}
        session.add(CustomerSession(hash=hash_secret("browser"), customer_id=ada, created_at=now, ends_at=now + HOUR))
    return make_page_token(settings.secret_key.get_secret_value(), hash_secret("browser"), world.adas_order, now=now)


@pytest.fixture
def fields(world: World) -> dict[str, str]:
    """The fields of the shop's request for Ada's first order, which is allowed."""
    return {
        "key": world.shop_key,
        "access_token": world.token,
        "socket_id": "1234.5678",
        "channel_name": f"private-o-{world.adas_order}",
    }


def ask(
    client: FlaskClient, fields: dict[str, str], headers: dict[str, str] | None = None, **changed: Any
) -> TestResponse:
    """Send a request as pusher-js does: by POST, with the key in the query and the other fields in the form."""
    form = fields | changed
    key = {"key": form.pop("key")} if "key" in form else {}
    return client.post(ADDRESS, query_string=key, data=form, headers=headers)


def signature(settings: Settings, fields: dict[str, str], **changed: str) -> str:
    """Return the signature that the response must contain."""
    fields = fields | changed
    text = f"{fields['socket_id']}:{fields['channel_name']}"
    secret = settings.channels_secret.get_secret_value()
    return f"{settings.channels_key}:{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def refusal(response: TestResponse) -> tuple[int, str]:
    """Check that the response is a problem without a signature, and return its status and reason."""
    problem = response.json or {}
    assert "auth" not in problem
    assert response.mimetype == "application/problem+json"
    assert problem.keys() == {"type", "title", "status", "detail", "why"}
    assert problem["status"] == response.status_code
    return response.status_code, problem["why"]


# Who may listen


def test_a_shop_listens_to_an_order_of_its_customer(
    client: FlaskClient, settings: Settings, fields: dict[str, str]
) -> None:
    response = ask(client, fields)

    assert response.status_code == 200
    assert response.json == {"auth": signature(settings, fields)}
    assert response.mimetype == "application/json"


def test_all_fields_may_be_in_the_address_as_in_the_contracts_own_example(
    client: FlaskClient, settings: Settings, fields: dict[str, str]
) -> None:
    query = {name: fields.pop(name) for name in ("key", "access_token")}

    by_post = client.post(ADDRESS, query_string=query, data=fields)
    by_get = client.get(ADDRESS, query_string=query | fields)

    assert by_post.json == by_get.json == {"auth": signature(settings, fields)}


def test_a_token_opens_all_orders_of_the_customer_or_the_one_that_it_was_issued_for(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    other_order = {"channel_name": f"private-o-{world.adas_other_order}"}

    assert ask(client, fields, **other_order).status_code == 200
    assert ask(client, fields, access_token=world.token_for_one).status_code == 200
    assert refusal(ask(client, fields, access_token=world.token_for_one, **other_order)) == (403, "channel_not_yours")


def test_the_page_of_an_order_listens_to_that_order(
    client: FlaskClient, settings: Settings, fields: dict[str, str], page: str
) -> None:
    response = ask(client, fields, key=PAGES_KEY, access_token=page)

    assert response.json == {"auth": signature(settings, fields)}


# Who may not listen


def test_another_customers_order_and_a_made_up_one_get_the_same_response(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    made_up = "f" * 24

    responses = [
        ask(client, fields, channel_name=f"private-o-{order}")
        for order in (world.bobs_order, made_up, world.restaurant_id)
    ]
    responses.append(ask(client, fields, access_token=world.bobs_token))

    assert {refusal(response) for response in responses} == {(403, "channel_not_yours")}
    assert len({response.data for response in responses}) == 1
    assert len({json.dumps(sorted(response.headers.items())) for response in responses}) == 1


@pytest.mark.parametrize(
    "channel", ["private-o-XYZ", "private-orders", "news", "private-encrypted-o-1", "presence-o-1"]
)
def test_a_channel_that_is_not_an_orders_is_not_opened(
    client: FlaskClient, fields: dict[str, str], channel: str
) -> None:
    assert refusal(ask(client, fields, channel_name=channel)) == (403, "channel_not_yours")


def test_an_unknown_token_an_unknown_key_and_another_shops_key_get_the_same_response(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    responses = [
        ask(client, fields, access_token="a-guess"),
        ask(client, fields, key="a-guess"),
        ask(client, fields, key=world.other_key),
    ]

    assert {refusal(response) for response in responses} == {(403, "token_not_valid")}
    assert len({response.data for response in responses}) == 1


def test_a_token_expires(client: FlaskClient, fields: dict[str, str], clock: Clock) -> None:
    clock.now += HOUR - timedelta(seconds=1)
    assert ask(client, fields).status_code == 200

    clock.move(seconds=1)

    assert refusal(ask(client, fields)) == (403, "token_not_valid")


def test_a_revoked_token_opens_nothing(
    client: FlaskClient, database: Database, fields: dict[str, str], now: datetime
) -> None:
    with database.transaction() as session:
        session.get_one(AccessToken, hash_secret(fields["access_token"])).revoked_at = now

    assert refusal(ask(client, fields)) == (403, "token_not_valid")


def test_a_page_token_opens_its_own_order_only(
    client: FlaskClient, world: World, fields: dict[str, str], page: str
) -> None:
    for order in (world.adas_other_order, world.bobs_order):
        response = ask(client, fields, key=PAGES_KEY, access_token=page, channel_name=f"private-o-{order}")
        assert refusal(response) == (403, "channel_not_yours")


def test_a_page_token_for_another_customers_order_opens_nothing_even_if_we_signed_it(
    client: FlaskClient, settings: Settings, world: World, fields: dict[str, str], page: str, now: datetime
) -> None:
    wrong_token = make_page_token(
        settings.secret_key.get_secret_value(), hash_secret("browser"), world.bobs_order, now=now
    )

    response = ask(
        client, fields, key=PAGES_KEY, access_token=wrong_token, channel_name=f"private-o-{world.bobs_order}"
    )

    assert refusal(response) == (403, "channel_not_yours")


def test_a_page_token_is_valid_for_five_minutes(
    client: FlaskClient, fields: dict[str, str], page: str, clock: Clock
) -> None:
    clock.now += PAGE_TOKEN_LIFETIME

    assert refusal(ask(client, fields, key=PAGES_KEY, access_token=page)) == (403, "token_not_valid")


def test_a_page_token_ends_with_the_session(
    client: FlaskClient, database: Database, fields: dict[str, str], page: str, now: datetime
) -> None:
    with database.transaction() as session:
        session.get_one(CustomerSession, hash_secret("browser")).ended_at = now

    assert refusal(ask(client, fields, key=PAGES_KEY, access_token=page)) == (403, "token_not_valid")


def test_a_page_token_that_was_changed_opens_nothing(
    client: FlaskClient, world: World, fields: dict[str, str], page: str
) -> None:
    forged = make_page_token(
        "another secret key, as long as it must be", hash_secret("browser"), world.adas_order, now=Clock().now
    )

    changed = page[:-2] + ("A" if page[-2] != "A" else "B") + page[-1]  # not every bit of the last character counts
    for token in (changed, forged, "[]", "." + page, page.replace(page[:64], hash_secret("another browser"))):
        assert refusal(ask(client, fields, key=PAGES_KEY, access_token=token)) == (403, "token_not_valid")


def test_a_page_token_is_not_accepted_with_a_shops_key_nor_a_shops_token_with_ours(
    client: FlaskClient, fields: dict[str, str], page: str
) -> None:
    assert refusal(ask(client, fields, access_token=page)) == (403, "token_not_valid")
    assert refusal(ask(client, fields, key=PAGES_KEY)) == (403, "token_not_valid")


def test_a_session_alone_is_not_enough(client: FlaskClient, fields: dict[str, str], page: str) -> None:
    client.set_cookie("tracker_80", "browser")
    del fields["access_token"]

    assert refusal(ask(client, fields, key=PAGES_KEY)) == (400, "malformed")


# Malformed requests


@pytest.mark.parametrize("name", ["key", "access_token", "socket_id", "channel_name"])
def test_a_missing_field_is_named(client: FlaskClient, fields: dict[str, str], name: str) -> None:
    del fields[name]

    response = ask(client, fields)

    assert refusal(response) == (400, "malformed")
    assert response.json["detail"].startswith(f"{name} is missing")


def test_the_key_is_only_accepted_in_the_address(client: FlaskClient, fields: dict[str, str]) -> None:
    response = client.post(ADDRESS, data=fields)

    assert refusal(response) == (400, "malformed")
    assert response.json["detail"] == "key is missing from the query string."


@pytest.mark.parametrize(
    "socket_id",
    [
        "1234",
        "1234.",
        ".5678",
        "1234.5678:private-o-1",
        "1234.5678\n",
        " 1234.5678",
        "١٢.٣٤",
        "1" * 21 + ".1",
        "-1.2",
        "1.2.3",
    ],
)
def test_a_malformed_socket_id_is_never_signed(client: FlaskClient, fields: dict[str, str], socket_id: str) -> None:
    assert refusal(ask(client, fields, socket_id=socket_id)) == (400, "malformed")


@pytest.mark.parametrize("ending", [":x", "\n", "/..", " ", "é", "\x00", '"', "#"])
def test_a_malformed_channel_name_is_never_signed(client: FlaskClient, fields: dict[str, str], ending: str) -> None:
    assert refusal(ask(client, fields, channel_name=fields["channel_name"] + ending)) == (400, "malformed")


@pytest.mark.parametrize(
    ("name", "value"), [("key", "a\x00b"), ("key", "x" * 65), ("access_token", "x\x00"), ("access_token", "x" * 1025)]
)
def test_a_malformed_key_or_token_is_refused_without_a_lookup(
    client: FlaskClient, fields: dict[str, str], name: str, value: str
) -> None:
    assert refusal(ask(client, fields, **{name: value})) == (400, "malformed")


def test_a_field_that_is_sent_twice_must_have_the_same_value_twice(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    query = {"key": fields.pop("key")}

    same = client.post(ADDRESS, query_string=query | {"access_token": world.token}, data=fields)
    different = client.post(ADDRESS, query_string=query | {"access_token": world.bobs_token}, data=fields)

    assert same.status_code == 200
    assert refusal(different) == (400, "malformed")
    assert "more than once" in different.json["detail"]


def test_a_huge_body_is_not_read(client: FlaskClient, fields: dict[str, str]) -> None:
    assert refusal(ask(client, fields, more="x" * 10_000)) == (413, "too_large")


# Requests by a script (JSONP)


def get_by_script(client: FlaskClient, fields: dict[str, str], **headers: str) -> TestResponse:
    """Send a request as a script element of another site does."""
    return client.get(ADDRESS, query_string={"callback": "Pusher.auth_callbacks['0']"} | fields, headers=headers)


@pytest.mark.parametrize("callback", ["Pusher.auth_callbacks['0']", "Pusher.auth_callbacks['123']", "shop.heard", "$x"])
def test_an_old_browser_can_send_its_request_by_a_script(
    client: FlaskClient, settings: Settings, fields: dict[str, str], callback: str
) -> None:
    response = get_by_script(client, fields | {"callback": callback}, **{"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 200
    assert response.text == f'/**/{callback}({{"auth": "{signature(settings, fields)}"}});'
    assert response.mimetype == "application/javascript"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    "callback",
    [
        "alert(1)//",
        "Pusher.auth_callbacks['x']",
        "Pusher.auth_callbacks['0'];alert(1)",
        "Pusher.auth_callbacks['0']\n",
        "Pusher.auth_callbacks['1234567890']",
        "a..b",
        ".a",
        "a.",
        "1a",
        "a b",
        "ä",
        "<script>",
        "a['b']",
        "x" * 101,
    ],
)
def test_a_callback_that_is_more_than_a_name_is_refused(
    client: FlaskClient, fields: dict[str, str], callback: str
) -> None:
    response = get_by_script(client, fields | {"callback": callback})

    assert refusal(response) == (400, "malformed")
    assert response.mimetype == "application/problem+json"
    assert "alert" not in response.text


def test_a_post_never_gets_a_script_as_response(client: FlaskClient, fields: dict[str, str]) -> None:
    assert refusal(ask(client, fields, callback="shop.heard")) == (400, "malformed")


def test_our_own_pages_and_their_tokens_never_get_a_script_as_response(
    client: FlaskClient, fields: dict[str, str], page: str
) -> None:
    own = get_by_script(client, fields | {"key": PAGES_KEY, "access_token": page})
    same_site = get_by_script(client, fields, **{"Sec-Fetch-Site": "same-origin"})

    assert refusal(own) == refusal(same_site) == (403, "not_as_script")


def test_a_refusal_is_not_a_script_that_calls_the_function(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    response = get_by_script(client, fields | {"channel_name": f"private-o-{world.bobs_order}"})

    assert refusal(response) == (403, "channel_not_yours")
    assert "auth_callbacks" not in response.text


def test_the_contracts_own_jsonp_example_gets_a_sentence_that_explains_its_mistake(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    swallowed = (
        f"?key={fields['key']}&access_token={fields['access_token']}?callback=Pusher.auth_callbacks%5B%270%27%5D"
    )
    rest = f"&socket_id={fields['socket_id']}&channel_name={fields['channel_name']}"

    response = client.get(ADDRESS + swallowed + rest)

    assert refusal(response) == (400, "malformed")
    assert response.json["detail"].startswith("A second question mark has swallowed a parameter")
    assert fields["access_token"] not in response.text


# Pages of other sites (CORS)


def test_pages_of_the_shops_own_site_may_read_the_response_even_if_it_is_a_refusal(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    authorised = ask(client, fields, headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"})
    refused = ask(client, fields, headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"}, access_token="a-guess")
    malformed = ask(client, fields, headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"}, socket_id="x")

    assert [response.status_code for response in (authorised, refused, malformed)] == [200, 403, 400]
    for response in (authorised, refused, malformed):
        assert response.headers["Access-Control-Allow-Origin"] == SHOP
        assert "Origin" in response.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example.com",
        "http://shop.example.com",
        "https://shop.example.com:8443",
        f"{SHOP}.evil.example",
        "null",
        "*",
    ],
)
def test_pages_of_other_sites_may_not_read_the_response(
    client: FlaskClient, fields: dict[str, str], origin: str
) -> None:
    response = ask(client, fields, headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.headers["Vary"]


def test_a_preflight_request_is_answered_with_what_the_shops_pages_may_send(client: FlaskClient, world: World) -> None:
    headers = {"Origin": SHOP, "Access-Control-Request-Method": "POST", "Sec-Fetch-Site": "cross-site"}

    shop = client.options(ADDRESS, query_string={"key": world.shop_key}, headers=headers)
    other = client.options(ADDRESS, query_string={"key": world.other_key}, headers=headers)
    ours = client.options(ADDRESS, query_string={"key": PAGES_KEY}, headers=headers)

    assert shop.status_code == 200
    assert shop.headers["Access-Control-Allow-Origin"] == SHOP
    assert shop.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert "Content-Type" in shop.headers["Access-Control-Allow-Headers"]
    for response in (other, ours):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_no_response_is_cached_or_sets_a_cookie(app: Flask, client: FlaskClient, fields: dict[str, str]) -> None:
    for response in (
        ask(client, fields),
        ask(client, fields, access_token="a-guess"),
        ask(client, fields, socket_id=""),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in response.headers


def test_no_token_is_ever_logged(
    client: FlaskClient, fields: dict[str, str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")

    client.get(ADDRESS, query_string=fields)
    client.get(ADDRESS, query_string=fields | {"socket_id": "x"})

    logged = caplog.text + "".join(capfd.readouterr())
    assert "/api/v1/pusher/auth" in str([record.__dict__ for record in caplog.records])
    assert fields["access_token"] not in logged + str([record.__dict__ for record in caplog.records])
