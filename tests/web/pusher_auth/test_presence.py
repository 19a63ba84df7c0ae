"""Who may listen to a restaurant: its secret, or a console page of somebody who works there, and nothing else."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.pusher_auth.presence import HOUR, World, a_world, ask, asking_of, member
from tests.web.pusher_auth.test_pusher_auth import ADDRESS, refusal
from tracker.accounts.registration import register_application, rotate_restaurant_secret
from tracker.accounts.tokens import PAGES_KEY, hash_secret
from tracker.config import Settings
from tracker.database import Database


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    return a_world(database, settings, now)


@pytest.fixture
def asking(world: World) -> dict[str, str]:
    return asking_of(world)


# Those who may


def test_a_program_of_the_restaurant_listens_with_its_secret(
    client: FlaskClient, settings: Settings, world: World, asking: dict[str, str]
) -> None:
    response = ask(client, asking)

    assert member(response, settings, asking) == world.application
    assert response.mimetype == "application/json"


def test_a22_a_secret_in_the_address_is_found_there(
    client: FlaskClient, settings: Settings, asking: dict[str, str]
) -> None:
    place = {name: asking[name] for name in ("key", "secret")}
    rest = {name: asking[name] for name in ("socket_id", "channel_name")}

    by_post = client.post(ADDRESS, query_string=place, data=rest)
    by_get = client.get(ADDRESS, query_string=place | rest)

    assert member(by_post, settings, asking) == member(by_get, settings, asking)
    assert by_post.json == by_get.json


def test_a24_each_program_is_one_member_however_many_connections_it_has(
    client: FlaskClient, database: Database, settings: Settings, asking: dict[str, str], now: datetime
) -> None:
    till = register_application("Till", [], now=now)
    with database.transaction() as session:
        session.add(till)

    again = asking | {"socket_id": "9.9"}

    assert member(ask(client, asking), settings, asking) == member(ask(client, again), settings, again)
    assert member(ask(client, asking, key=till.key), settings, asking) == till.id


def test_while_a_secret_is_replaced_both_are_valid_and_after_that_only_the_new_one(
    client: FlaskClient, database: Database, settings: Settings, world: World, asking: dict[str, str], clock: Clock
) -> None:
    with database.transaction() as session:
        new = rotate_restaurant_secret(session, world.restaurant, now=clock.now, overlap=HOUR)

    assert [ask(client, asking, secret=secret).status_code for secret in (world.secret, new)] == [200, 200]
    clock.move(hours=1)

    assert refusal(ask(client, asking)) == (403, "secret_not_valid")
    assert member(ask(client, asking, secret=new), settings, asking) == world.application


def test_a24_a_member_id_does_not_tell_which_staff_member_listens(
    client: FlaskClient, settings: Settings, world: World, asking: dict[str, str]
) -> None:
    response = ask(client, asking, key=PAGES_KEY, secret=world.console)

    zoe = member(response, settings, asking)
    assert zoe not in (world.zoe.customer_id, world.application)
    for word in ("zoe", "example", world.zoe.customer_id, hash_secret(world.zoe.customer_id)[:8]):
        assert word not in response.text


# Those who may not


def test_a21_a_secret_opens_neither_another_restaurant_nor_an_order(
    client: FlaskClient, world: World, asking: dict[str, str]
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

    answers = [ask(client, asking, channel_name=channel) for channel in channels]
    answers.append(ask(client, asking, secret=world.others_secret))

    assert {refusal(response) for response in answers} == {(403, "channel_not_yours")}
    assert len({response.data for response in answers}) == 1


@pytest.mark.parametrize("channel", ["restaurant", "made up"])
def test_a21_a_customers_token_does_not_open_a_restaurant(
    client: FlaskClient, world: World, asking: dict[str, str], channel: str
) -> None:
    its_id = world.restaurant.id if channel == "restaurant" else "f" * 24
    del asking["secret"]

    response = ask(client, asking, access_token=world.adas_token, channel_name=f"presence-r-{its_id}")

    assert refusal(response) == (403, "channel_not_yours")
    assert "opened by its restaurant's secret" in response.json["detail"]


def test_a_token_in_the_place_of_a_secret_and_a_secret_in_the_place_of_a_token_open_nothing(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    token_as_secret = [
        ask(client, asking, secret=world.adas_token),
        ask(client, asking, secret=world.adas_token, channel_name=f"private-o-{world.order}"),
    ]
    secret_as_token = ask(
        client, asking, secret=None, access_token=world.secret, channel_name=f"private-o-{world.order}"
    )

    assert {refusal(response) for response in token_as_secret} == {(403, "secret_not_valid")}
    assert refusal(secret_as_token) == (403, "token_not_valid")


def test_an_access_token_together_with_a_secret_is_refused(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    for channel in (asking["channel_name"], f"private-o-{world.order}"):
        response = ask(client, asking, access_token=world.adas_token, channel_name=channel)

        assert refusal(response) == (400, "malformed")
        assert response.json["detail"] == "Give access_token for an order or secret for a restaurant, not both."


def test_an_unknown_secret_and_an_unknown_key_are_answered_alike(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    answers = [
        ask(client, asking, secret="a-guess"),
        ask(client, asking, secret=hash_secret(world.secret)),
        ask(client, asking, key="a-guess"),
        ask(client, asking, key=PAGES_KEY),
        ask(client, asking, secret=world.console),
    ]

    assert {refusal(response) for response in answers} == {(403, "secret_not_valid")}
    assert len({response.data for response in answers}) == 1


def test_a22_a_key_in_the_body_is_not_read(client: FlaskClient, asking: dict[str, str]) -> None:
    assert refusal(client.post(ADDRESS, data=asking)) == (400, "malformed")


@pytest.mark.parametrize("secret", ["a\x00b", "x" * 1025, "x\n", "é", " "])
def test_a_malformed_secret_is_refused_without_being_looked_up(
    client: FlaskClient, asking: dict[str, str], secret: str
) -> None:
    assert refusal(ask(client, asking, secret=secret)) == (400, "malformed")


def test_two_different_secrets_are_not_tried_one_after_the_other(
    client: FlaskClient, world: World, asking: dict[str, str]
) -> None:
    place = {"key": asking.pop("key"), "secret": "a-guess"}

    assert refusal(client.post(ADDRESS, query_string=place, data=asking)) == (400, "malformed")
