"""No address reaches another restaurant's or customer's row: every route is asked by every kind of stranger.

A route that is new is judged by itself: whatever takes an id must be closed to strangers, and whatever takes none asks
who is there, unless it is named here with the reason why it is for everybody.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.applications import Applications
from tests.web.every_route import (
    FOR_EVERYBODY,
    ONLY_LOOKING,
    THE_CHANNELS_DOOR,
    Question,
    ask,
    is_for_everybody,
    is_refused,
    needles_in,
    questions,
    rules,
)
from tests.web.stranger_builders import Somebody
from tests.web.strangers import IN_EVERY_ORDER, World, build
from tracker.config import Settings
from tracker.database import Base, Database

pytestmark = pytest.mark.both_databases  # it asks every route, and so every query of the web

SAYS_NOTHING_OF_AN_ORDER = {"customer.token", "console.token"}


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    with database.transaction() as session:
        return build(session, settings.secret_key.get_secret_value(), now)


@pytest.fixture
def app(applications: Applications, settings: Settings, database: Database) -> Flask:
    """The site of a development machine: it has every route that there is."""
    door = type(settings.demo_door)("the demo's own secret")
    return applications.serving(settings.model_copy(update={"demo_door": door}), database)


def names_something_of_bella_ago(address: str, sent: dict[str, Any], world: World) -> bool:
    ids = (world.restaurant, world.platform_account, world.token, *world.orders, *world.members)
    return any(its_id in f"{address} {sent.get('query_string')}" for its_id in ids)


def strangers_to(rule: Rule, world: World) -> list[Somebody]:
    """Who has no business there: at the restaurant's doors its customer, at the customer's the restaurant."""
    if rule.endpoint == THE_CHANNELS_DOOR:
        return world.strangers
    is_for_the_restaurant = bool({"restaurant_id", "token_id"} & rule.arguments)
    own = [world.ada] if is_for_the_restaurant else [world.staff, world.owner, world.program]
    return [*world.strangers, *(own if rule.arguments else [])]


def everything(database: Database) -> dict[str, list[str]]:
    """Every row of the database."""
    with database.read_session() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "customer_sessions"]
        return {table.name: sorted(str(row) for row in session.execute(select(table))) for table in tables}


@pytest.mark.timeout(300)
def test_no_route_shows_or_changes_anything_of_another_restaurant_or_customer(
    app: Flask, database: Database, world: World
) -> None:
    before, asked = everything(database), 0

    for rule in rules(app):
        for method, address, sent in questions(app, rule, world):
            is_theirs = not names_something_of_bella_ago(address, sent, world)
            if is_theirs and method not in ONLY_LOOKING:
                continue  # to act at one's own door is nothing strange; and to sign out would make nobody of somebody
            for somebody in strangers_to(rule, world):
                with ask(app, somebody, method, address, sent) as response:
                    asked += 1
                    what = f"{somebody.name}: {method} {address} {sent} -> {response.status}"
                    assert response.status_code < 500, what
                    assert set(needles_in(response, world)) <= set(somebody.knows), what
                    assert is_theirs or is_refused(response), what

    assert asked > 1_000
    assert everything(database) == before


def test_the_strangers_are_somebody_where_they_belong(app: Flask, world: World) -> None:
    strangers = {somebody.name: somebody for somebody in world.strangers}
    channel = {"channel_name": f"private-o-{world.bobs_orders[0]}", "socket_id": "1.2"}
    at_home = {
        "Bob": f"/orders/{world.bobs_orders[0]}",
        "an application that acts for Bob": "/api/v1/pusher/auth",
        "who works at Trattoria": f"/console/{world.other}",
        "who owns Trattoria": f"/console/{world.other}/settings",
        "the program of Trattoria": f"/api/v1/restaurants/{world.other}",
        "who worked at Bella Ago": "/orders",
        "who came through Trattoria’s shop as Ada": f"/orders/{world.adas_elsewhere}",
        "who came through Bella Ago’s shop as its owner": "/orders",
    }

    for name, address in at_home.items():
        with ask(app, strangers[name], "GET", address, {"query_string": channel}) as response:
            assert response.status_code == 200, f"{name}: {address} -> {response.status}"


def test_the_strangers_who_listen_hear_what_is_for_them(app: Flask, world: World) -> None:
    strangers = {somebody.name: somebody for somebody in world.strangers}
    at_home = {
        "an application that acts for Bob": f"private-o-{world.bobs_orders[0]}",
        "Trattoria’s application that acts for Ada": f"private-o-{world.adas_elsewhere}",
        "who has Bob’s share link": f"private-s-{world.bobs_orders[0]}",
        "the widget of Bob’s order": f"private-s-{world.bobs_orders[0]}",
        "who has the share link to another order of Ada’s": f"private-s-{world.adas_elsewhere}",
        "the widget of another order of Ada’s": f"private-s-{world.adas_elsewhere}",
    }

    for name, channel in at_home.items():
        question = {"query_string": {"channel_name": channel, "socket_id": "1.2"}}
        with ask(app, strangers[name], "POST", "/api/v1/pusher/auth", question) as response:
            assert response.status_code == 200, f"{name}: {channel} -> {response.text}"  # type: ignore[attr-defined]


def test_every_route_that_is_not_for_everybody_asks_who_is_there(app: Flask, world: World) -> None:
    nobody = world.strangers[0]

    for rule in rules(app):
        if is_for_everybody(rule):
            continue
        for method, address, sent in questions(app, rule, world):
            with ask(app, nobody, method, address, sent) as response:
                assert is_refused(response), f"{method} {address} -> {response.status}"


def test_what_is_for_everybody_is_still_there(app: Flask) -> None:
    there = [rule.endpoint for rule in rules(app) if is_for_everybody(rule)]

    assert all(any(f"{endpoint}.".startswith(f"{name}.") for endpoint in there) for name in FOR_EVERYBODY)


def test_to_whom_it_belongs_every_page_shows_it(app: Flask, world: World) -> None:
    shown = set()

    for rule in rules(app):
        if "GET" not in (rule.methods or ()) or not {"restaurant_id", "order_id"} & rule.arguments:
            continue
        for _, address, sent in itertools.islice(questions(app, rule, world), len(world.orders)):
            if world.other in address:
                continue
            responses = [ask(app, somebody, "GET", address, sent) for somebody in belongs_to(rule, world)]
            assert {response.status_code for response in responses} <= {200, 303, 409}, (address, responses)
            if "order_id" in rule.arguments and rule.endpoint not in SAYS_NOTHING_OF_AN_ORDER:
                assert all(set(IN_EVERY_ORDER) & set(needles_in(response, world)) for response in responses), address
            shown |= {needle for response in responses for needle in needles_in(response, world)}
            for response in responses:
                response.close()

    assert shown >= {"AGO77", "Spaghetti all’ago", "Ago reason", "7 Ago Lane", "No ago please"}


def belongs_to(rule: Rule, world: World) -> list[Somebody]:
    if "restaurant_id" not in rule.arguments:
        return [world.ada]
    return [world.owner, world.program] if rule.rule.startswith("/api/") else [world.owner]


def test_to_whom_it_belongs_every_act_is_open(app: Flask, world: World) -> None:
    # A new secret ends the one in use, which programs still need: the console's comes last of all.
    for rule in sorted(rules(app), key=lambda rule: ("secret" in rule.rule, rule.rule.startswith("/console"))):
        if not {"restaurant_id", "order_id"} & rule.arguments:
            continue
        for method, address, sent in first_of_each_method(questions(app, rule, world), world):
            for somebody in belongs_to(rule, world):
                with ask(app, somebody, method, address, sent) as response:
                    what = f"{somebody.name}: {method} {address} {sent} -> {response.status}"
                    assert response.status_code in (200, 201, 303, 409), what
                    assert not is_refused(response), what


def first_of_each_method(asked: Iterable[Question], world: World) -> list[Question]:
    """Those that change something; one of Bella Ago's addresses is as good as another."""
    acts = [each for each in asked if each[0] not in ONLY_LOOKING and world.other not in each[1]]
    return list({act[0]: act for act in reversed(acts)}.values())


def test_to_whom_it_belongs_every_channel_is_open(app: Flask, world: World) -> None:
    order, restaurant = f"private-o-{world.orders[0]}", f"presence-r-{world.restaurant}"
    status = f"private-s-{world.orders[0]}"
    opened = ((world.ada, order), (world.program, restaurant), (world.guest, status), (world.widget, status))

    for somebody, channel in opened:
        question = {"query_string": {"channel_name": channel, "socket_id": "1.2"}}
        with ask(app, somebody, "POST", "/api/v1/pusher/auth", question) as response:
            assert response.status_code == 200, response.text  # type: ignore[attr-defined]
        for other in {order, restaurant, status} - {channel}:
            question = {"query_string": {"channel_name": other, "socket_id": "1.2"}}
            with ask(app, somebody, "POST", "/api/v1/pusher/auth", question) as response:
                assert response.status_code == 403
