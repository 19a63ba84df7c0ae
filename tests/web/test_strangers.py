"""No route gives access to another restaurant's or customer's rows: every kind of stranger sends a request to each.

New routes are tested without a change here. A route with an id must be closed to strangers, and a route without one
must require authentication, unless FOR_EVERYBODY names it with the reason.
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
    CHANNEL_AUTHORISATION,
    FOR_EVERYBODY,
    SAFE_METHODS,
    RouteRequest,
    ask,
    is_for_everybody,
    is_refused,
    needles_in,
    requests_to,
    rules,
)
from tests.web.stranger_builders import Somebody
from tests.web.strangers import IN_EVERY_ORDER, World, build
from tracker.config import Settings
from tracker.database import Base, Database

SHOWS_NO_ORDER = {"customer.token", "console.token"}


@pytest.fixture
def world(database: Database, settings: Settings, now: datetime) -> World:
    with database.transaction() as session:
        return build(session, settings.secret_key.get_secret_value(), now)


@pytest.fixture
def app(applications: Applications, settings: Settings, database: Database) -> Flask:
    """The site in development, which has all routes."""
    door = type(settings.demo_door)("the demo's own secret")
    return applications.serving(settings.model_copy(update={"demo_door": door}), database)


def contains_an_id_of_bella_ago(address: str, sent: dict[str, Any], world: World) -> bool:
    ids = (world.restaurant, world.platform_account, world.token, *world.orders, *world.members)
    return any(row_id in f"{address} {sent.get('query_string')}" for row_id in ids)


def strangers_to(rule: Rule, world: World) -> list[Somebody]:
    """Return everybody who must not use the rule: also the customer on the restaurant's routes, and the reverse."""
    if rule.endpoint == CHANNEL_AUTHORISATION:
        return world.strangers
    is_for_the_restaurant = bool({"restaurant_id", "token_id"} & rule.arguments)
    insiders = [world.ada] if is_for_the_restaurant else [world.staff, world.owner, world.program]
    return [*world.strangers, *(insiders if rule.arguments else [])]


def everything(database: Database) -> dict[str, list[str]]:
    """Return all rows of the database but the sessions, as text."""
    with database.read_session() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "customer_sessions"]
        return {table.name: sorted(str(row) for row in session.execute(select(table))) for table in tables}


@pytest.mark.timeout(300)
def test_no_route_shows_or_changes_anything_of_another_restaurant_or_customer(
    app: Flask, database: Database, world: World
) -> None:
    before, number_of_requests = everything(database), 0

    for rule in rules(app):
        for method, address, sent in requests_to(app, rule, world):
            is_own = not contains_an_id_of_bella_ago(address, sent, world)
            if is_own and method not in SAFE_METHODS:
                continue  # changes to own rows are allowed, and signing out would end the session
            for somebody in strangers_to(rule, world):
                with ask(app, somebody, method, address, sent) as response:
                    number_of_requests += 1
                    case = f"{somebody.name}: {method} {address} {sent} -> {response.status}"
                    assert response.status_code < 500, case
                    assert set(needles_in(response, world)) <= set(somebody.knows), case
                    assert is_own or is_refused(response), case

    assert number_of_requests > 1_000
    assert everything(database) == before


def test_the_strangers_have_access_to_what_is_their_own(app: Flask, world: World) -> None:
    strangers = {somebody.name: somebody for somebody in world.strangers}
    channel = {"channel_name": f"private-o-{world.bobs_orders[0]}", "socket_id": "1.2"}
    own = {
        "Bob": f"/orders/{world.bobs_orders[0]}",
        "an application that acts for Bob": "/api/v1/pusher/auth",
        "a staff member of Trattoria": f"/console/{world.other}",
        "the owner of Trattoria": f"/console/{world.other}/settings",
        "the program of Trattoria": f"/api/v1/restaurants/{world.other}",
        "a former staff member of Bella Ago": "/orders",
        "somebody who came through Trattoria’s shop as Ada": f"/orders/{world.adas_elsewhere}",
        "somebody who came through Bella Ago’s shop as its owner": "/orders",
    }

    for name, address in own.items():
        with ask(app, strangers[name], "GET", address, {"query_string": channel}) as response:
            assert response.status_code == 200, f"{name}: {address} -> {response.status}"


def test_the_strangers_can_listen_to_their_own_channels(app: Flask, world: World) -> None:
    strangers = {somebody.name: somebody for somebody in world.strangers}
    own = {
        "an application that acts for Bob": f"private-o-{world.bobs_orders[0]}",
        "Trattoria’s application that acts for Ada": f"private-o-{world.adas_elsewhere}",
        "somebody with Bob’s share link": f"private-s-{world.bobs_orders[0]}",
        "the widget of Bob’s order": f"private-s-{world.bobs_orders[0]}",
        "somebody with the share link to another order of Ada’s": f"private-s-{world.adas_elsewhere}",
        "the widget of another order of Ada’s": f"private-s-{world.adas_elsewhere}",
    }

    for name, channel in own.items():
        sent = {"query_string": {"channel_name": channel, "socket_id": "1.2"}}
        with ask(app, strangers[name], "POST", "/api/v1/pusher/auth", sent) as response:
            assert response.status_code == 200, f"{name}: {channel} -> {response.text}"  # type: ignore[attr-defined]


def test_every_route_that_is_not_for_everybody_requires_authentication(app: Flask, world: World) -> None:
    nobody = world.strangers[0]

    for rule in rules(app):
        if is_for_everybody(rule):
            continue
        for method, address, sent in requests_to(app, rule, world):
            with ask(app, nobody, method, address, sent) as response:
                assert is_refused(response), f"{method} {address} -> {response.status}"


def test_every_exception_for_everybody_is_still_a_route(app: Flask) -> None:
    endpoints = [rule.endpoint for rule in rules(app) if is_for_everybody(rule)]

    assert all(any(f"{endpoint}.".startswith(f"{name}.") for endpoint in endpoints) for name in FOR_EVERYBODY)


def test_every_page_shows_the_order_to_those_it_belongs_to(app: Flask, world: World) -> None:
    shown = set()

    for rule in rules(app):
        if "GET" not in (rule.methods or ()) or not {"restaurant_id", "order_id"} & rule.arguments:
            continue
        for _, address, sent in itertools.islice(requests_to(app, rule, world), len(world.orders)):
            if world.other in address:
                continue
            responses = [ask(app, somebody, "GET", address, sent) for somebody in belongs_to(rule, world)]
            assert {response.status_code for response in responses} <= {200, 303, 409}, (address, responses)
            if "order_id" in rule.arguments and rule.endpoint not in SHOWS_NO_ORDER:
                assert all(set(IN_EVERY_ORDER) & set(needles_in(response, world)) for response in responses), address
            shown |= {needle for response in responses for needle in needles_in(response, world)}
            for response in responses:
                response.close()

    assert shown >= {"AGO77", "Spaghetti all’ago", "Ago reason", "7 Ago Lane", "No ago please"}


def belongs_to(rule: Rule, world: World) -> list[Somebody]:
    if "restaurant_id" not in rule.arguments:
        return [world.ada]
    return [world.owner, world.program] if rule.rule.startswith("/api/") else [world.owner]


def test_every_operation_is_possible_for_those_the_order_belongs_to(app: Flask, world: World) -> None:
    # A new secret ends the one in use, which programs still need, so the console's route for it comes last.
    for rule in sorted(rules(app), key=lambda rule: ("secret" in rule.rule, rule.rule.startswith("/console"))):
        if not {"restaurant_id", "order_id"} & rule.arguments:
            continue
        for method, address, sent in first_of_each_method(requests_to(app, rule, world), world):
            for somebody in belongs_to(rule, world):
                with ask(app, somebody, method, address, sent) as response:
                    case = f"{somebody.name}: {method} {address} {sent} -> {response.status}"
                    assert response.status_code in (200, 201, 303, 409), case
                    assert not is_refused(response), case


def first_of_each_method(requests: Iterable[RouteRequest], world: World) -> list[RouteRequest]:
    """Return one request to Bella Ago for each method that changes something."""
    changes = [request for request in requests if request[0] not in SAFE_METHODS and world.other not in request[1]]
    return list({request[0]: request for request in reversed(changes)}.values())


def test_every_channel_is_open_to_those_it_belongs_to_and_closed_to_the_others(app: Flask, world: World) -> None:
    order, restaurant = f"private-o-{world.orders[0]}", f"presence-r-{world.restaurant}"
    status = f"private-s-{world.orders[0]}"
    listeners = ((world.ada, order), (world.program, restaurant), (world.guest, status), (world.widget, status))

    for somebody, channel in listeners:
        sent = {"query_string": {"channel_name": channel, "socket_id": "1.2"}}
        with ask(app, somebody, "POST", "/api/v1/pusher/auth", sent) as response:
            assert response.status_code == 200, response.text  # type: ignore[attr-defined]
        for other in {order, restaurant, status} - {channel}:
            sent = {"query_string": {"channel_name": other, "socket_id": "1.2"}}
            with ask(app, somebody, "POST", "/api/v1/pusher/auth", sent) as response:
                assert response.status_code == 403
