"""Who may listen to an order: the authorisation endpoint of the contract, its ways of asking, what it must refuse."""

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
    """Ada and Bob have ordered; a shop shows orders on its own site, and so does another."""

    adas_order: str
    adas_other_order: str
    bobs_order: str
    restaurant_id: str
    shop_key: str
    other_key: str
    token: str
    """Ada's, given to the shop, for all her orders."""
    token_for_one: str
    """Ada's, given to the shop, for the first of them."""
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
        session.add_all(kept for kept, _ in grants)
    tokens = [token for _, token in grants]
    return World(*(order.id for order in orders), platform_account.restaurant.id, shop.key, other.key, *tokens)  # type: ignore[call-arg]


@pytest.fixture
def page(database: Database, settings: Settings, world: World, now: datetime) -> str:
    """The token that is in the page of Ada's first order, while she is signed in."""
    with database.transaction() as session:
        (ada,) = {token.customer_id for token in session.query(AccessToken) if token.hash == hash_secret(world.token)}
        session.add(CustomerSession(hash=hash_secret("browser"), customer_id=ada, created_at=now, ends_at=now + HOUR))
    return make_page_token(settings.secret_key.get_secret_value(), hash_secret("browser"), world.adas_order, now=now)


@pytest.fixture
def asking(world: World) -> dict[str, str]:
    """What the shop asks for Ada and her first order, which it may."""
    return {
        "key": world.shop_key,
        "access_token": world.token,
        "socket_id": "1234.5678",
        "channel_name": f"private-o-{world.adas_order}",
    }


def ask(
    client: FlaskClient, asking: dict[str, str], headers: dict[str, str] | None = None, **changed: Any
) -> TestResponse:
    """As pusher-js asks: by POST, with the key in the query and all else in the form."""
    form = asking | changed
    key = {"key": form.pop("key")} if "key" in form else {}
    return client.post(ADDRESS, query_string=key, data=form, headers=headers)


def signature(settings: Settings, asking: dict[str, str], **changed: str) -> str:
    """What the response must hold, worked out anew."""
    asking = asking | changed
    text = f"{asking['socket_id']}:{asking['channel_name']}"
    secret = settings.channels_secret.get_secret_value()
    return f"{settings.channels_key}:{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def refusal(response: TestResponse) -> tuple[int, str]:
    """Status and reason; nothing that could be a signature is in it."""
    said = response.json or {}
    assert "auth" not in said
    assert response.mimetype == "application/problem+json"
    assert said.keys() == {"type", "title", "status", "detail", "why"}
    assert said["status"] == response.status_code
    return response.status_code, said["why"]


# Those who may


def test_a_shop_listens_to_an_order_of_its_customer(
    client: FlaskClient, settings: Settings, asking: dict[str, str]
) -> None:
    response = ask(client, asking)

    assert response.status_code == 200
    assert response.json == {"auth": signature(settings, asking)}
    assert response.mimetype == "application/json"


def test_everything_may_stand_in_the_address_as_in_the_contracts_own_example(
    client: FlaskClient, settings: Settings, asking: dict[str, str]
) -> None:
    place = {name: asking.pop(name) for name in ("key", "access_token")}

    by_post = client.post(ADDRESS, query_string=place, data=asking)
    by_get = client.get(ADDRESS, query_string=place | asking)

    assert by_post.json == by_get.json == {"auth": signature(settings, asking)}


def test_a_token_without_an_order_opens_every_order_of_the_customer_and_one_with_an_order_that_one(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    other_order = {"channel_name": f"private-o-{world.adas_other_order}"}

    assert ask(client, asking, **other_order).status_code == 200
    assert ask(client, asking, access_token=world.token_for_one).status_code == 200
    assert refusal(ask(client, asking, access_token=world.token_for_one, **other_order)) == (403, "channel_not_yours")


def test_the_page_of_an_order_listens_to_that_order(
    client: FlaskClient, settings: Settings, asking: dict[str, str], page: str
) -> None:
    response = ask(client, asking, key=PAGES_KEY, access_token=page)

    assert response.json == {"auth": signature(settings, asking)}


# Those who may not


def test_another_customers_order_and_a_made_up_one_are_answered_alike(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    made_up = "f" * 24

    answers = [
        ask(client, asking, channel_name=f"private-o-{order}")
        for order in (world.bobs_order, made_up, world.restaurant_id)
    ]
    answers.append(ask(client, asking, access_token=world.bobs_token))

    assert {refusal(response) for response in answers} == {(403, "channel_not_yours")}
    assert len({response.data for response in answers}) == 1
    assert len({json.dumps(sorted(response.headers.items())) for response in answers}) == 1


@pytest.mark.parametrize(
    "channel", ["private-o-XYZ", "private-orders", "news", "private-encrypted-o-1", "presence-o-1"]
)
def test_a_channel_that_is_not_an_orders_is_not_opened(
    client: FlaskClient, asking: dict[str, str], channel: str
) -> None:
    assert refusal(ask(client, asking, channel_name=channel)) == (403, "channel_not_yours")


def test_an_unknown_token_an_unknown_key_and_the_key_of_another_shop_are_answered_alike(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    answers = [
        ask(client, asking, access_token="a-guess"),
        ask(client, asking, key="a-guess"),
        ask(client, asking, key=world.other_key),
    ]

    assert {refusal(response) for response in answers} == {(403, "token_not_valid")}
    assert len({response.data for response in answers}) == 1


def test_a_token_ends(client: FlaskClient, asking: dict[str, str], clock: Clock) -> None:
    clock.now += HOUR - timedelta(seconds=1)
    assert ask(client, asking).status_code == 200

    clock.move(seconds=1)

    assert refusal(ask(client, asking)) == (403, "token_not_valid")


def test_a_token_that_was_taken_back_opens_nothing(
    client: FlaskClient, database: Database, asking: dict[str, str], now: datetime
) -> None:
    with database.transaction() as session:
        session.get_one(AccessToken, hash_secret(asking["access_token"])).revoked_at = now

    assert refusal(ask(client, asking)) == (403, "token_not_valid")


def test_a_page_token_opens_its_own_order_only(
    client: FlaskClient, world: World, asking: dict[str, str], page: str
) -> None:
    for order in (world.adas_other_order, world.bobs_order):
        response = ask(client, asking, key=PAGES_KEY, access_token=page, channel_name=f"private-o-{order}")
        assert refusal(response) == (403, "channel_not_yours")


def test_a_page_token_for_somebody_elses_order_opens_nothing_even_if_we_signed_it(
    client: FlaskClient, settings: Settings, world: World, asking: dict[str, str], page: str, now: datetime
) -> None:
    strange = make_page_token(settings.secret_key.get_secret_value(), hash_secret("browser"), world.bobs_order, now=now)

    response = ask(client, asking, key=PAGES_KEY, access_token=strange, channel_name=f"private-o-{world.bobs_order}")

    assert refusal(response) == (403, "channel_not_yours")


def test_a_page_token_lasts_five_minutes(client: FlaskClient, asking: dict[str, str], page: str, clock: Clock) -> None:
    clock.now += PAGE_TOKEN_LIFETIME

    assert refusal(ask(client, asking, key=PAGES_KEY, access_token=page)) == (403, "token_not_valid")


def test_a_page_token_ends_with_the_session(
    client: FlaskClient, database: Database, asking: dict[str, str], page: str, now: datetime
) -> None:
    with database.transaction() as session:
        session.get_one(CustomerSession, hash_secret("browser")).ended_at = now

    assert refusal(ask(client, asking, key=PAGES_KEY, access_token=page)) == (403, "token_not_valid")


def test_a_page_token_that_was_changed_opens_nothing(
    client: FlaskClient, world: World, asking: dict[str, str], page: str
) -> None:
    forged = make_page_token(
        "another secret key, as long as it must be", hash_secret("browser"), world.adas_order, now=Clock().now
    )

    changed = page[:-2] + ("A" if page[-2] != "A" else "B") + page[-1]  # of the last letter not every bit counts
    for token in (changed, forged, "[]", "." + page, page.replace(page[:64], hash_secret("another browser"))):
        assert refusal(ask(client, asking, key=PAGES_KEY, access_token=token)) == (403, "token_not_valid")


def test_a_pages_token_does_not_go_with_a_shops_key_nor_a_shops_token_with_ours(
    client: FlaskClient, asking: dict[str, str], page: str
) -> None:
    assert refusal(ask(client, asking, access_token=page)) == (403, "token_not_valid")
    assert refusal(ask(client, asking, key=PAGES_KEY)) == (403, "token_not_valid")


def test_being_signed_in_is_not_enough(client: FlaskClient, asking: dict[str, str], page: str) -> None:
    client.set_cookie("tracker_80", "browser")
    del asking["access_token"]

    assert refusal(ask(client, asking, key=PAGES_KEY)) == (400, "malformed")


# What can't be understood


@pytest.mark.parametrize("name", ["key", "access_token", "socket_id", "channel_name"])
def test_what_is_missing_is_named(client: FlaskClient, asking: dict[str, str], name: str) -> None:
    del asking[name]

    response = ask(client, asking)

    assert refusal(response) == (400, "malformed")
    assert response.json["detail"].startswith(f"{name} is missing")


def test_the_key_stands_in_the_address_and_nowhere_else(client: FlaskClient, asking: dict[str, str]) -> None:
    response = client.post(ADDRESS, data=asking)

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
def test_a_socket_id_with_anything_else_in_it_is_never_signed(
    client: FlaskClient, asking: dict[str, str], socket_id: str
) -> None:
    assert refusal(ask(client, asking, socket_id=socket_id)) == (400, "malformed")


@pytest.mark.parametrize("ending", [":x", "\n", "/..", " ", "é", "\x00", '"', "#"])
def test_a_channel_with_anything_else_in_it_is_never_signed(
    client: FlaskClient, asking: dict[str, str], ending: str
) -> None:
    assert refusal(ask(client, asking, channel_name=asking["channel_name"] + ending)) == (400, "malformed")


@pytest.mark.parametrize(
    ("name", "value"), [("key", "a\x00b"), ("key", "x" * 65), ("access_token", "x\x00"), ("access_token", "x" * 1025)]
)
def test_what_no_key_or_token_looks_like_is_not_even_looked_up(
    client: FlaskClient, asking: dict[str, str], name: str, value: str
) -> None:
    assert refusal(ask(client, asking, **{name: value})) == (400, "malformed")


def test_a_value_given_twice_must_be_the_same_twice(client: FlaskClient, world: World, asking: dict[str, str]) -> None:
    place = {"key": asking.pop("key")}

    same = client.post(ADDRESS, query_string=place | {"access_token": world.token}, data=asking)
    different = client.post(ADDRESS, query_string=place | {"access_token": world.bobs_token}, data=asking)

    assert same.status_code == 200
    assert refusal(different) == (400, "malformed")
    assert "more than once" in different.json["detail"]


def test_a_huge_body_is_not_read(client: FlaskClient, asking: dict[str, str]) -> None:
    assert refusal(ask(client, asking, more="x" * 10_000)) == (413, "too_large")


# Asking with a script (JSONP)


def by_script(client: FlaskClient, asking: dict[str, str], **headers: str) -> TestResponse:
    """As a script element of another site asks."""
    return client.get(ADDRESS, query_string={"callback": "Pusher.auth_callbacks['0']"} | asking, headers=headers)


@pytest.mark.parametrize("callback", ["Pusher.auth_callbacks['0']", "Pusher.auth_callbacks['123']", "shop.heard", "$x"])
def test_an_old_browser_asks_with_a_script(
    client: FlaskClient, settings: Settings, asking: dict[str, str], callback: str
) -> None:
    response = by_script(client, asking | {"callback": callback}, **{"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 200
    assert response.text == f'/**/{callback}({{"auth": "{signature(settings, asking)}"}});'
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
    client: FlaskClient, asking: dict[str, str], callback: str
) -> None:
    response = by_script(client, asking | {"callback": callback})

    assert refusal(response) == (400, "malformed")
    assert response.mimetype == "application/problem+json"
    assert "alert" not in response.text


def test_a_script_is_never_an_answer_to_a_post(client: FlaskClient, asking: dict[str, str]) -> None:
    assert refusal(ask(client, asking, callback="shop.heard")) == (400, "malformed")


def test_a_script_is_never_answered_to_our_own_pages_or_with_their_tokens(
    client: FlaskClient, asking: dict[str, str], page: str
) -> None:
    own = by_script(client, asking | {"key": PAGES_KEY, "access_token": page})
    same_site = by_script(client, asking, **{"Sec-Fetch-Site": "same-origin"})

    assert refusal(own) == refusal(same_site) == (403, "not_as_script")


def test_a_script_that_may_not_is_told_so_without_being_called(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    response = by_script(client, asking | {"channel_name": f"private-o-{world.bobs_order}"})

    assert refusal(response) == (403, "channel_not_yours")
    assert "auth_callbacks" not in response.text


def test_the_contracts_example_with_a_script_gets_a_sentence_that_explains_its_trap(
    client: FlaskClient, asking: dict[str, str]
) -> None:
    swallowed = (
        f"?key={asking['key']}&access_token={asking['access_token']}?callback=Pusher.auth_callbacks%5B%270%27%5D"
    )
    rest = f"&socket_id={asking['socket_id']}&channel_name={asking['channel_name']}"

    response = client.get(ADDRESS + swallowed + rest)

    assert refusal(response) == (400, "malformed")
    assert response.json["detail"].startswith("A second question mark has swallowed a parameter")
    assert asking["access_token"] not in response.text


# Pages of other sites (CORS)


def test_pages_of_the_shops_own_site_may_read_the_answer_also_when_it_is_no(
    client: FlaskClient, asking: dict[str, str]
) -> None:
    yes = ask(client, asking, headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"})
    no = ask(client, asking, headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"}, access_token="a-guess")
    muddled = ask(client, asking, headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"}, socket_id="x")

    assert [response.status_code for response in (yes, no, muddled)] == [200, 403, 400]
    for response in (yes, no, muddled):
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
def test_pages_of_any_other_site_may_not_read_it(client: FlaskClient, asking: dict[str, str], origin: str) -> None:
    response = ask(client, asking, headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.headers["Vary"]


def test_a_browser_that_asks_first_is_told_what_the_shops_pages_may_send(client: FlaskClient, world: World) -> None:
    question = {"Origin": SHOP, "Access-Control-Request-Method": "POST", "Sec-Fetch-Site": "cross-site"}

    shop = client.options(ADDRESS, query_string={"key": world.shop_key}, headers=question)
    other = client.options(ADDRESS, query_string={"key": world.other_key}, headers=question)
    ours = client.options(ADDRESS, query_string={"key": PAGES_KEY}, headers=question)

    assert shop.status_code == 200
    assert shop.headers["Access-Control-Allow-Origin"] == SHOP
    assert shop.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert "Content-Type" in shop.headers["Access-Control-Allow-Headers"]
    for response in (other, ours):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_no_answer_is_kept_anywhere_or_sets_a_cookie(app: Flask, client: FlaskClient, asking: dict[str, str]) -> None:
    for response in (
        ask(client, asking),
        ask(client, asking, access_token="a-guess"),
        ask(client, asking, socket_id=""),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in response.headers


def test_no_token_is_ever_logged(
    client: FlaskClient, asking: dict[str, str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")

    client.get(ADDRESS, query_string=asking)
    client.get(ADDRESS, query_string=asking | {"socket_id": "x"})

    said = caplog.text + "".join(capfd.readouterr())
    assert "/api/v1/pusher/auth" in str([record.__dict__ for record in caplog.records])
    assert asking["access_token"] not in said + str([record.__dict__ for record in caplog.records])
