"""How long the token of a console page is valid, and that secrets appear in no response, address or log."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.pusher_auth.presence import World, a_world, ask, request_fields
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
def fields(world: World) -> dict[str, str]:
    return request_fields(world)


# Tokens of console pages


def test_a_console_page_listens_only_while_its_user_is_signed_in_and_works_there(
    client: FlaskClient, database: Database, world: World, fields: dict[str, str], now: datetime
) -> None:
    fields |= {"key": PAGES_KEY, "secret": world.console}
    assert ask(client, fields).status_code == 200

    with database.transaction() as session:
        remove_staff_member(session, session.merge(world.zoe))
    without_job = ask(client, fields)
    with database.transaction() as session:
        add_staff_member(session, session.merge(world.restaurant), "zoe@example.com", Role.STAFF, now=now)
        session.get_one(CustomerSession, hash_secret("browser")).ended_at = now
    signed_out = ask(client, fields)

    assert refusal(without_job) == refusal(signed_out) == (403, "secret_not_valid")


def test_a_console_pages_token_is_valid_for_five_minutes(
    client: FlaskClient, world: World, fields: dict[str, str], clock: Clock
) -> None:
    fields |= {"key": PAGES_KEY, "secret": world.console}
    clock.now += PAGE_TOKEN_LIFETIME - timedelta(seconds=1)
    assert ask(client, fields).status_code == 200

    clock.move(seconds=1)

    assert refusal(ask(client, fields)) == (403, "secret_not_valid")


def test_the_token_of_a_page_opens_only_the_channel_of_that_page(
    client: FlaskClient, settings: Settings, world: World, fields: dict[str, str], now: datetime
) -> None:
    key, fields = settings.secret_key.get_secret_value(), fields | {"key": PAGES_KEY}
    of_an_order = make_page_token(key, hash_secret("browser"), world.order, now=now)
    of_elsewhere = make_console_token(key, hash_secret("browser"), world.other.id, now=now)
    elsewhere, order = f"presence-r-{world.other.id}", f"private-o-{world.order}"

    assert refusal(ask(client, fields, secret=world.console, channel_name=elsewhere))[1] == "channel_not_yours"
    assert refusal(ask(client, fields, secret=world.console, channel_name=order))[1] == "channel_not_yours"
    assert refusal(ask(client, fields, secret=of_elsewhere, channel_name=elsewhere))[1] == "secret_not_valid"
    assert refusal(ask(client, fields, secret=of_an_order))[1] == "secret_not_valid"
    as_token = ask(client, fields, secret=None, access_token=world.console, channel_name=order)
    assert refusal(as_token)[1] == "token_not_valid"


# Where secrets must not appear


@pytest.mark.parametrize("own", [False, True])
def test_a_secret_is_not_accepted_in_the_address_of_a_script(
    client: FlaskClient, world: World, fields: dict[str, str], own: bool
) -> None:
    fields |= {"key": PAGES_KEY, "secret": world.console} if own else {}

    response = client.get(ADDRESS, query_string=fields | {"callback": "Pusher.auth_callbacks['0']"})

    assert refusal(response) == (403, "not_as_script")
    assert "auth_callbacks" not in response.text


def test_no_response_contains_a_secret(client: FlaskClient, world: World, fields: dict[str, str]) -> None:
    swallowed = f"?key={world.key}&secret={world.secret}?callback=f&socket_id=1.1&channel_name={fields['channel_name']}"
    responses = [
        ask(client, fields),
        ask(client, fields, socket_id="x"),
        ask(client, fields, channel_name="news"),
        ask(client, fields, access_token=world.adas_token),
        client.get(ADDRESS + swallowed),
    ]

    assert [response.status_code for response in responses] == [200, 400, 403, 400, 400]
    for response in responses:
        assert world.secret not in response.text + str(response.headers)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_only_pages_of_the_applications_own_site_may_read_the_response(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    query = {"key": fields.pop("key")}

    ours, others = (
        client.post(ADDRESS, query_string=query, data=fields, headers={"Origin": origin})
        for origin in (SHOP, "https://other.example.com")
    )

    assert ours.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Origin" not in others.headers


def test_no_secret_is_ever_logged_even_after_an_internal_error(
    app: Flask,
    client: FlaskClient,
    fields: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    app.testing = False

    for changed in ({}, {"secret": "a-wrong-guess"}, {"socket_id": "x"}, {"access_token": "a-token"}):
        client.get(ADDRESS, query_string=fields | changed)
    monkeypatch.setattr("tracker.web.pusher_auth.authorise_presence", None)
    response = client.get(ADDRESS, query_string=fields)

    logged = caplog.text + "".join(capfd.readouterr()) + str([record.__dict__ for record in caplog.records])
    assert response.status_code == 500
    assert "'NoneType' object is not callable" in logged
    assert fields["secret"] not in logged
    assert "a-wrong-guess" not in logged
