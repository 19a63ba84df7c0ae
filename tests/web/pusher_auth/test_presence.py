"""Authorisation for a restaurant's presence channel: by its secret, or by a console page of its staff only.

Tests with a number such as A21 are named after the mistake that they exclude, a trap of Open Dining's contract.
"""

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.pusher_auth.presence import HOUR, World, a_world, ask, member, request_fields
from tests.web.pusher_auth.test_pusher_auth import ADDRESS, refusal
from tracker.accounts.registration import register_application, rotate_restaurant_secret
from tracker.accounts.tokens import PAGES_KEY, hash_secret
from tracker.config import Settings
from tracker.database import Database


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    return a_world(database, settings, now)


@pytest.fixture
def fields(world: World) -> dict[str, str]:
    return request_fields(world)


# Who may listen


def test_a_program_of_the_restaurant_listens_with_its_secret(
    client: FlaskClient, settings: Settings, world: World, fields: dict[str, str]
) -> None:
    response = ask(client, fields)

    assert member(response, settings, fields) == world.application
    assert response.mimetype == "application/json"


def test_a22_a_secret_in_the_address_is_found_there(
    client: FlaskClient, settings: Settings, fields: dict[str, str]
) -> None:
    query = {name: fields[name] for name in ("key", "secret")}
    form = {name: fields[name] for name in ("socket_id", "channel_name")}

    by_post = client.post(ADDRESS, query_string=query, data=form)
    by_get = client.get(ADDRESS, query_string=query | form)

    assert member(by_post, settings, fields) == member(by_get, settings, fields)
    assert by_post.json == by_get.json


def test_a24_each_program_is_one_member_however_many_connections_it_has(
    client: FlaskClient, database: Database, settings: Settings, fields: dict[str, str], now: datetime
) -> None:
    till = register_application("Till", [], now=now)
    with database.transaction() as session:
        session.add(till)

    again = fields | {"socket_id": "9.9"}

    assert member(ask(client, fields), settings, fields) == member(ask(client, again), settings, again)
    assert member(ask(client, fields, key=till.key), settings, fields) == till.id


def test_during_the_overlap_both_secrets_are_valid_and_after_it_only_the_new_one(
    client: FlaskClient, database: Database, settings: Settings, world: World, fields: dict[str, str], clock: Clock
) -> None:
    with database.transaction() as session:
        new = rotate_restaurant_secret(session, world.restaurant, now=clock.now, overlap=HOUR)

    assert [ask(client, fields, secret=secret).status_code for secret in (world.secret, new)] == [200, 200]
    clock.move(hours=1)

    assert refusal(ask(client, fields)) == (403, "secret_not_valid")
    assert member(ask(client, fields, secret=new), settings, fields) == world.application


def test_a24_a_member_id_does_not_tell_which_staff_member_listens(
    client: FlaskClient, settings: Settings, world: World, fields: dict[str, str]
) -> None:
    response = ask(client, fields, key=PAGES_KEY, secret=world.console)

    zoe = member(response, settings, fields)
    assert zoe not in (world.zoe.customer_id, world.application)
    for word in ("zoe", "example", world.zoe.customer_id, hash_secret(world.zoe.customer_id)[:8]):
        assert word not in response.text


# Who may not listen


def test_a21_a_secret_opens_neither_another_restaurant_nor_an_order(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    channels = [
        f"presence-r-{world.other.id}",
        f"presence-r-{'f' * 24}",
        f"private-o-{world.order}",
        f"private-o-{'f' * 24}",
        f"private-r-{world.restaurant.id}",
        f"presence-r-{world.restaurant.id}.",
        f"presence-o-{world.order}",
        "news",
    ]

    responses = [ask(client, fields, channel_name=channel) for channel in channels]
    responses.append(ask(client, fields, secret=world.others_secret))

    assert {refusal(response) for response in responses} == {(403, "channel_not_yours")}
    assert len({response.data for response in responses}) == 1


@pytest.mark.parametrize("channel", ["restaurant", "made up"])
def test_a21_a_customers_token_does_not_open_a_restaurant(
    client: FlaskClient, world: World, fields: dict[str, str], channel: str
) -> None:
    restaurant_id = world.restaurant.id if channel == "restaurant" else "f" * 24
    del fields["secret"]

    response = ask(client, fields, access_token=world.adas_token, channel_name=f"presence-r-{restaurant_id}")

    assert refusal(response) == (403, "channel_not_yours")
    assert "opened by its restaurant's secret" in response.json["detail"]


def test_a_token_is_not_accepted_as_a_secret_nor_a_secret_as_a_token(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    token_as_secret = [
        ask(client, fields, secret=world.adas_token),
        ask(client, fields, secret=world.adas_token, channel_name=f"private-o-{world.order}"),
    ]
    secret_as_token = ask(
        client, fields, secret=None, access_token=world.secret, channel_name=f"private-o-{world.order}"
    )

    assert {refusal(response) for response in token_as_secret} == {(403, "secret_not_valid")}
    assert refusal(secret_as_token) == (403, "token_not_valid")


def test_a_request_with_both_a_secret_and_a_token_is_refused(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    for channel in (fields["channel_name"], f"private-o-{world.order}"):
        response = ask(client, fields, access_token=world.adas_token, channel_name=channel)

        assert refusal(response) == (400, "malformed")
        assert response.json["detail"] == "Give access_token for an order or secret for a restaurant, not both."


def test_an_unknown_secret_and_an_unknown_key_get_the_same_response(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    responses = [
        ask(client, fields, secret="a-guess"),
        ask(client, fields, secret=hash_secret(world.secret)),
        ask(client, fields, key="a-guess"),
        ask(client, fields, key=PAGES_KEY),
        ask(client, fields, secret=world.console),
    ]

    assert {refusal(response) for response in responses} == {(403, "secret_not_valid")}
    assert len({response.data for response in responses}) == 1


def test_a22_a_key_in_the_body_is_not_read(client: FlaskClient, fields: dict[str, str]) -> None:
    assert refusal(client.post(ADDRESS, data=fields)) == (400, "malformed")


@pytest.mark.parametrize("secret", ["a\x00b", "x" * 1025, "x\n", "é", " "])
def test_a_malformed_secret_is_refused_without_a_lookup(
    client: FlaskClient, fields: dict[str, str], secret: str
) -> None:
    assert refusal(ask(client, fields, secret=secret)) == (400, "malformed")


def test_a_request_with_two_different_secrets_is_refused(
    client: FlaskClient, world: World, fields: dict[str, str]
) -> None:
    query = {"key": fields.pop("key"), "secret": "a-guess"}

    assert refusal(client.post(ADDRESS, query_string=query, data=fields)) == (400, "malformed")
