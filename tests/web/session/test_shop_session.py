"""Sessions by sign-in ticket: a customer whom a shop signed in sees only that restaurant's orders, until they verify
their e-mail address here."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browser_sessions import use_session
from tests.builders import EVENING, a_customer, a_line, a_restaurant, an_own_order
from tests.web.session.emails import email_to
from tracker.accounts.model import Customer, CustomerSession, Role
from tracker.accounts.queries import session_by_token
from tracker.accounts.sign_in import start_session
from tracker.accounts.staff import add_staff_member
from tracker.accounts.tokens import hash_secret
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.states import OrderState

ACTS = {
    "accept": {"number": 1},
    "reject": {"number": 1},
    "more-time": {"number": 1, "extension": 1},
    "cancel": {"version": 1},
    "tip": {"version": 1, "amount": "2"},
    "rate": {"version": 1, "stars": 5},
}
CONSOLE_PAGES = ("", "/live", "/token", "/settings")


@dataclass
class World:
    """Ada has ordered at two restaurants, and owns both."""

    here: str
    elsewhere: str
    order_here: str
    order_elsewhere: str
    session_token: str
    """Token of her session, which the first restaurant's shop started."""


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    ada = a_customer()
    places = [a_restaurant(name=name) for name in ("Bella Napoli", "Trattoria")]
    dishes = ("Margherita", "Saltimbocca")
    orders = [
        an_own_order(place, customer=ada, lines=(a_line(dish, ref="dish"),), short_code=dish[:4].upper())
        for place, dish in zip(places, dishes, strict=True)
    ]
    with database.transaction() as session:
        session.add_all(orders)
        session.flush()
        for place in places:
            add_staff_member(session, place, "ada@example.com", Role.OWNER, now=now)
        session_token = start_session(session, ada, remember=False, now=now, restaurant_id=places[0].id)
    return World(*(place.id for place in places), *(order.id for order in orders), session_token)  # type: ignore[call-arg]


@pytest.fixture
def ada(app: Flask, world: World) -> FlaskClient:
    """Ada's browser after she has used the sign-in ticket."""
    client = app.test_client()
    use_session(client, world.session_token)
    return client


def state_of(database: Database, order_id: str) -> OrderState:
    with database.read_session() as session:
        return session.get_one(Order, order_id).state


def test_the_list_has_the_orders_of_that_restaurant_and_no_others(ada: FlaskClient, world: World) -> None:
    for address in ("/orders", "/orders/live"):
        page = ada.get(address).text

        assert world.order_here in page
        assert world.order_elsewhere not in page
        assert "Trattoria" not in page
        assert "SALT" not in page


@pytest.mark.parametrize("path", ["", "/live", "/token"])
def test_an_order_elsewhere_looks_like_one_that_does_not_exist(ada: FlaskClient, world: World, path: str) -> None:
    elsewhere = ada.get(f"/orders/{world.order_elsewhere}{path}")
    absent = ada.get(f"/orders/{'f' * 24}{path}")

    assert ada.get(f"/orders/{world.order_here}{path}").status_code == 200
    assert elsewhere.status_code == absent.status_code == 404
    assert "Trattoria" not in elsewhere.text


def test_the_error_page_says_how_to_see_other_orders_but_not_whether_this_one_exists(
    ada: FlaskClient, world: World
) -> None:
    elsewhere, absent = (ada.get(f"/orders/{order_id}").text for order_id in (world.order_elsewhere, "f" * 24))

    assert "You came here from <bdi>Bella Napoli</bdi>’s shop" in elsewhere
    assert f'href="/sign-in?next=/orders/{world.order_elsewhere}"' in elsewhere
    assert elsewhere.replace(world.order_elsewhere, "f" * 24) == absent


def test_a_widgets_error_page_does_not_depend_on_who_is_signed_in(ada: FlaskClient) -> None:
    response = ada.get(f"/embed/v1/order-status/{'f' * 24}")

    assert response.status_code == 404
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "Bella Napoli" not in response.text


@pytest.mark.parametrize("act", ACTS)
def test_nothing_can_be_done_to_an_order_elsewhere(
    ada: FlaskClient, database: Database, world: World, act: str
) -> None:
    response = ada.post(f"/orders/{world.order_elsewhere}/{act}", data=ACTS[act])

    assert response.status_code == 404
    assert state_of(database, world.order_elsewhere) is OrderState.PLACED


def test_an_order_at_that_restaurant_can_be_cancelled(ada: FlaskClient, database: Database, world: World) -> None:
    response = ada.post(f"/orders/{world.order_here}/cancel", data=ACTS["cancel"])

    assert response.status_code == 303
    assert state_of(database, world.order_here) is OrderState.CANCELLED


def test_a_session_by_a_shop_opens_no_console_not_even_that_restaurants(ada: FlaskClient, world: World) -> None:
    pages = [
        "/console",
        *(f"/console/{restaurant}{page}" for restaurant in (world.here, world.elsewhere) for page in CONSOLE_PAGES),
    ]

    assert {page: ada.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)


def test_a_session_by_a_shop_gives_no_access_to_the_api(ada: FlaskClient, world: World) -> None:
    for restaurant_id in (world.here, world.elsewhere):
        read = ada.get(f"/api/v1/restaurants/{restaurant_id}")
        changed = ada.post(f"/api/v1/restaurants/{restaurant_id}/secrets", json={})

        assert (read.status_code, changed.status_code) == (404, 404)


def test_after_signing_in_by_email_a_customer_sees_all_their_orders(
    ada: FlaskClient, database: Database, world: World
) -> None:
    assert ada.get("/sign-in").status_code == 200  # the form is also shown in a session by a shop
    ada.post("/sign-in", data={"email": "ada@example.com", "next": f"/orders/{world.order_elsewhere}"})

    response = ada.post("/sign-in/code", data={"code": email_to(database, "ada@example.com").code})

    assert response.location == f"/orders/{world.order_elsewhere}"
    assert "Trattoria" in ada.get(response.location).text
    assert world.order_elsewhere in ada.get("/orders").text
    assert ada.get(f"/console/{world.elsewhere}").status_code == 200


def test_signing_in_by_email_ends_the_session_by_a_shop(
    ada: FlaskClient, database: Database, world: World, now: datetime
) -> None:
    ada.post("/sign-in", data={"email": "ada@example.com"})

    ada.get(email_to(database, "ada@example.com").link, follow_redirects=True)
    response = ada.post("/sign-in/link")

    assert response.status_code == 303
    with database.read_session() as session:
        assert session_by_token(session, world.session_token, now=now) is None
        assert {open_.restaurant_id for open_ in session.query(CustomerSession) if not open_.ended_at} == {None}


def test_signing_in_as_somebody_else_does_not_merge_two_customers(
    ada: FlaskClient, database: Database, world: World, now: datetime
) -> None:
    with database.transaction() as session:
        session.add(Customer(id="b" * 24, email="bob@example.com", name="Bob", created_at=EVENING))
    ada.post("/sign-in", data={"email": "bob@example.com"})

    ada.post("/sign-in/code", data={"code": email_to(database, "bob@example.com").code})

    assert ada.get(f"/orders/{world.order_here}").status_code == 404
    with database.read_session() as session:
        assert session.get_one(CustomerSession, hash_secret(world.session_token)).ended_at == now
        assert session.get_one(Order, world.order_here).customer_id != "b" * 24
