"""How long the token of a console page opens its restaurant, and what becomes of a secret that was shown."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.pusher_auth.presence import World, a_world, ask, asking_of
from tests.web.pusher_auth.test_pusher_auth import ADDRESS, SHOP, refusal
from tracker.accounts.model import CustomerSession, Role
from tracker.accounts.staff import add_staff_member, remove_staff_member
from tracker.accounts.tokens import PAGE_TOKEN_LIFETIME, PAGES_KEY, hash_secret, make_console_token, make_page_token
from tracker.config import Settings
from tracker.database import Database


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    return a_world(database, settings, now)


@pytest.fixture
def asking(world: World) -> dict[str, str]:
    return asking_of(world)


# The console's page


def test_a_console_page_listens_while_they_are_signed_in_and_work_there(
    client: FlaskClient, database: Database, world: World, asking: dict[str, str], now: datetime
) -> None:
    asking |= {"key": PAGES_KEY, "secret": world.console}
    assert ask(client, asking).status_code == 200

    with database.transaction() as session:
        remove_staff_member(session, session.merge(world.zoe))
    without_job = ask(client, asking)
    with database.transaction() as session:
        add_staff_member(session, session.merge(world.restaurant), "zoe@example.com", Role.STAFF, now=now)
        session.get_one(CustomerSession, hash_secret("browser")).ended_at = now
    signed_out = ask(client, asking)

    assert refusal(without_job) == refusal(signed_out) == (403, "secret_not_valid")


def test_a_console_pages_token_lasts_five_minutes(
    client: FlaskClient, world: World, asking: dict[str, str], clock: Clock
) -> None:
    asking |= {"key": PAGES_KEY, "secret": world.console}
    clock.now += PAGE_TOKEN_LIFETIME - timedelta(seconds=1)
    assert ask(client, asking).status_code == 200

    clock.move(seconds=1)

    assert refusal(ask(client, asking)) == (403, "secret_not_valid")


def test_the_token_of_one_of_our_pages_opens_what_that_page_shows_and_nothing_else(
    client: FlaskClient, settings: Settings, world: World, asking: dict[str, str], now: datetime
) -> None:
    key, asking = settings.secret_key.get_secret_value(), asking | {"key": PAGES_KEY}
    of_an_order = make_page_token(key, hash_secret("browser"), world.order, now=now)
    of_elsewhere = make_console_token(key, hash_secret("browser"), world.other.id, now=now)
    elsewhere, order = f"presence-r-{world.other.id}", f"private-o-{world.order}"

    assert refusal(ask(client, asking, secret=world.console, channel_name=elsewhere))[1] == "channel_not_yours"
    assert refusal(ask(client, asking, secret=world.console, channel_name=order))[1] == "channel_not_yours"
    assert refusal(ask(client, asking, secret=of_elsewhere, channel_name=elsewhere))[1] == "secret_not_valid"
    assert refusal(ask(client, asking, secret=of_an_order))[1] == "secret_not_valid"
    as_token = ask(client, asking, secret=None, access_token=world.console, channel_name=order)
    assert refusal(as_token)[1] == "token_not_valid"


# What becomes of the secret


@pytest.mark.parametrize("own", [False, True])
def test_a_secret_never_stands_in_the_address_of_a_script(
    client: FlaskClient, world: World, asking: dict[str, str], own: bool
) -> None:
    asking |= {"key": PAGES_KEY, "secret": world.console} if own else {}

    response = client.get(ADDRESS, query_string=asking | {"callback": "Pusher.auth_callbacks['0']"})

    assert refusal(response) == (403, "not_as_script")
    assert "auth_callbacks" not in response.text


def test_no_answer_says_a_secret_again(client: FlaskClient, world: World, asking: dict[str, str]) -> None:
    swallowed = f"?key={world.key}&secret={world.secret}?callback=f&socket_id=1.1&channel_name={asking['channel_name']}"
    answers = [
        ask(client, asking),
        ask(client, asking, socket_id="x"),
        ask(client, asking, channel_name="news"),
        ask(client, asking, access_token=world.adas_token),
        client.get(ADDRESS + swallowed),
    ]

    assert [response.status_code for response in answers] == [200, 400, 403, 400, 400]
    for response in answers:
        assert world.secret not in response.text + str(response.headers)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_pages_of_the_applications_own_site_may_read_the_answer_and_others_may_not(
    client: FlaskClient, asking: dict[str, str]
) -> None:
    place = {"key": asking.pop("key")}

    ours, others = (
        client.post(ADDRESS, query_string=place, data=asking, headers={"Origin": origin})
        for origin in (SHOP, "https://other.example.com")
    )

    assert ours.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Origin" not in others.headers


def test_no_secret_is_ever_logged_not_even_when_we_fail(
    app: Flask,
    client: FlaskClient,
    asking: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    app.testing = False

    for changed in ({}, {"secret": "a-wrong-guess"}, {"socket_id": "x"}, {"access_token": "a-token"}):
        client.get(ADDRESS, query_string=asking | changed)
    monkeypatch.setattr("tracker.web.pusher_auth.authorise_presence", None)
    failed = client.get(ADDRESS, query_string=asking)

    said = caplog.text + "".join(capfd.readouterr()) + str([record.__dict__ for record in caplog.records])
    assert failed.status_code == 500
    assert "'NoneType' object is not callable" in said
    assert asking["secret"] not in said
    assert "a-wrong-guess" not in said
