"""Authorisation of widgets and shared pages for a status channel, and of applications for a restaurant's orders."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.web.pusher_auth.onlookers import QUARTER, World, a_world
from tests.web.pusher_auth.test_pusher_auth import ask, refusal, signature
from tracker.accounts.access_tokens import revoke
from tracker.accounts.model import AccessToken, CustomerSession
from tracker.accounts.tokens import (
    PAGE_TOKEN_LIFETIME,
    PAGES_KEY,
    hash_secret,
    make_console_token,
    make_page_token,
    make_share_token,
)
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.share_links import LIFETIME_AFTER_END, ShareLink, revoke_link
from tracker.orders.states import OrderState

NOT_YOURS, NOT_VALID = (403, "channel_not_yours"), (403, "token_not_valid")


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    return a_world(database, settings, now)


def authorise(client: FlaskClient, channel: str, token: str, key: str, *, as_secret: bool = False) -> TestResponse:
    credentials = {"secret" if as_secret else "access_token": token}
    return ask(client, {"key": key, "socket_id": "1234.5678", "channel_name": channel} | credentials)


def opened(client: FlaskClient, world: World, token: str, key: str) -> set[str]:
    """Return the channels that this token opens. All others must be refused in the same way."""
    responses = {name: authorise(client, channel, token, key) for name, channel in world.channels().items()}
    refused = {name: response for name, response in responses.items() if response.status_code != 200}
    assert {refusal(response) for response in refused.values()} <= {NOT_YOURS, NOT_VALID}
    assert len({refusal(response) for name, response in refused.items() if not name.startswith("r:")}) == 1
    return responses.keys() - refused.keys()


# Which token opens which channels


@pytest.mark.parametrize(
    ("token", "channels"),
    [
        ("all", {"o:order", "o:another", "o:elsewhere"}),
        ("here", {"o:order", "o:another"}),
        ("there", {"o:elsewhere"}),
        ("there, of an order here", set()),
        ("status", {"s:order"}),
        ("status here", {"s:order"}),
        ("status there", set()),
    ],
)
def test_a_token_opens_the_channels_of_its_scopes_for_orders_of_the_restaurant_that_issued_it(
    client: FlaskClient, world: World, token: str, channels: set[str]
) -> None:
    assert opened(client, world, world.tokens[token], world.key) == channels
    assert opened(client, world, world.tokens[token], world.rivals_key) == set()
    assert opened(client, world, world.tokens[token], PAGES_KEY) == set()


@pytest.mark.parametrize(
    ("page", "channels"),
    [
        ("everywhere, order", {"o:order"}),
        ("everywhere, elsewhere", {"o:elsewhere"}),
        ("everywhere, bobs", set()),
        ("here, order", {"o:order"}),
        ("here, elsewhere", set()),
        ("there, order", set()),
        ("there, elsewhere", {"o:elsewhere"}),
        ("there, bobs", set()),
        ("everywhere, console", set()),
        ("here, console", set()),
    ],
)
def test_the_page_of_a_customer_who_came_through_a_shop_opens_only_orders_of_that_restaurant(
    client: FlaskClient, world: World, page: str, channels: set[str]
) -> None:
    assert opened(client, world, world.page[page], PAGES_KEY) == channels
    assert opened(client, world, world.page[page], world.key) == set()


def test_a_shared_page_listens_only_to_the_status_channel_of_its_order(
    client: FlaskClient, settings: Settings, world: World
) -> None:
    channel = f"private-s-{world.order}"

    response = authorise(client, channel, world.shared, PAGES_KEY)

    signed = signature(settings, {"socket_id": "1234.5678", "channel_name": channel})
    assert response.json == {"auth": signed}
    assert opened(client, world, world.shared, PAGES_KEY) == {"s:order"}
    assert opened(client, world, world.shared, world.key) == set()


def test_staff_who_came_through_a_shop_can_not_listen_to_any_restaurant(client: FlaskClient, world: World) -> None:
    channel = f"presence-r-{world.restaurant}"

    responses = {
        name: authorise(client, channel, world.page[f"{name}, console"], PAGES_KEY, as_secret=True)
        for name in ("everywhere", "here", "there")
    }

    assert responses.pop("everywhere").status_code == 200
    assert {refusal(response) for response in responses.values()} == {(403, "secret_not_valid")}


@pytest.mark.parametrize("key", ["own", "shop"])
def test_a_token_for_orders_is_not_accepted_as_a_restaurants_secret(
    client: FlaskClient, world: World, key: str
) -> None:
    of_orders = {
        *world.tokens.values(),
        world.shared,
        *(page for name, page in world.page.items() if "console" not in name),
    }
    application_key = {"own": PAGES_KEY, "shop": world.key}[key]

    responses = [
        authorise(client, channel, token, application_key, as_secret=True)
        for token in of_orders
        for channel in (f"presence-r-{world.restaurant}", f"private-s-{world.order}")
    ]

    assert {refusal(response) for response in responses} == {(403, "secret_not_valid")}


# Forged tokens, and parts of tokens


def test_a_shared_pages_token_for_another_order_or_link_opens_nothing(
    client: FlaskClient, settings: Settings, world: World, now: datetime
) -> None:
    key = settings.secret_key.get_secret_value()

    forged = [
        make_share_token(key, world.link, world.another, now=now),
        make_share_token(key, "f" * 24, world.order, now=now),
        make_share_token(key, hash_secret("everywhere"), world.order, now=now),
        make_share_token("another secret key, as long as it must be", world.link, world.order, now=now),
        make_page_token(key, world.link, world.order, now=now),
        make_console_token(key, world.link, world.order, now=now),
        world.shared.replace(world.order, world.another),
        f"{world.shared}.",
    ]

    assert {token: opened(client, world, token, PAGES_KEY) for token in forged} == {token: set() for token in forged}


def test_parts_of_a_widgets_token_open_nothing(client: FlaskClient, world: World) -> None:
    application, secret = world.tokens["status"].split(".")

    for part in (application, secret, f"{'f' * 24}.{secret}", f"{application}.{secret}x", f"{application}."):
        assert opened(client, world, part, world.key) == set()


# Expiry


@pytest.mark.parametrize("token", ["status", "here"])
def test_a_token_is_valid_until_it_expires(client: FlaskClient, world: World, clock: Clock, token: str) -> None:
    clock.now += QUARTER - timedelta(seconds=1)
    assert opened(client, world, world.tokens[token], world.key)

    clock.move(seconds=1)

    assert refusal(authorise(client, f"private-s-{world.order}", world.tokens[token], world.key)) == NOT_VALID
    assert opened(client, world, world.tokens[token], world.key) == set()


def test_a_revoked_token_opens_nothing(client: FlaskClient, database: Database, world: World, now: datetime) -> None:
    with database.transaction() as session:
        revoke([session.get_one(AccessToken, hash_secret(token)) for token in world.tokens.values()], now=now)

    for token in world.tokens.values():
        assert opened(client, world, token, world.key) == set()


def test_a_shared_pages_token_is_valid_for_five_minutes(client: FlaskClient, world: World, clock: Clock) -> None:
    clock.now += PAGE_TOKEN_LIFETIME

    assert refusal(authorise(client, f"private-s-{world.order}", world.shared, PAGES_KEY)) == NOT_VALID


def test_a_revoked_share_link_can_not_be_listened_through_any_more(
    client: FlaskClient, database: Database, world: World, now: datetime
) -> None:
    with database.transaction() as session:
        revoke_link(session.get_one(ShareLink, world.link), now=now)

    assert refusal(authorise(client, f"private-s-{world.order}", world.shared, PAGES_KEY)) == NOT_VALID


def test_a_share_link_can_not_be_listened_through_some_hours_after_the_orders_end(
    client: FlaskClient, database: Database, settings: Settings, world: World, clock: Clock
) -> None:
    with database.transaction() as session:
        order = session.get_one(Order, world.order)
        order.state, order.ended_at = OrderState.COMPLETED, clock.now
    key, channel = settings.secret_key.get_secret_value(), f"private-s-{world.order}"

    clock.now += LIFETIME_AFTER_END - timedelta(seconds=1)
    last = make_share_token(key, world.link, world.order, now=clock.now)
    assert authorise(client, channel, last, PAGES_KEY).status_code == 200
    clock.move(seconds=1)

    assert refusal(authorise(client, channel, last, PAGES_KEY)) == NOT_VALID


def test_a_page_whose_session_has_ended_opens_nothing(
    client: FlaskClient, database: Database, world: World, now: datetime
) -> None:
    with database.transaction() as session:
        session.get_one(CustomerSession, hash_secret("here")).ended_at = now

    assert opened(client, world, world.page["here, order"], PAGES_KEY) == set()
    assert opened(client, world, world.page["everywhere, order"], PAGES_KEY) == {"o:order"}
