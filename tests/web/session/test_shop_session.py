"""Who is signed in because a restaurant's shop said who they are sees what is of that restaurant, and nothing more of
whoever they are, until they prove it here."""

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
PAGES_OF_A_CONSOLE = ("", "/live", "/token", "/settings")


@dataclass
class World:
    """Ada has ordered here and elsewhere, and owns both places."""

    here: str
    elsewhere: str
    order_here: str
    order_elsewhere: str
    browser: str
    """The token of her session at the word of the shop of the first."""


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
        browser = start_session(session, ada, remember=False, now=now, restaurant_id=places[0].id)
    return World(*(place.id for place in places), *(order.id for order in orders), browser)  # type: ignore[call-arg]


@pytest.fixture
def ada(app: Flask, world: World) -> FlaskClient:
    """Her browser, as the hand-over has left it."""
    client = app.test_client()
    use_session(client, world.browser)
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


@pytest.mark.parametrize("of_it", ["", "/live", "/token"])
def test_an_order_elsewhere_is_one_that_does_not_exist(ada: FlaskClient, world: World, of_it: str) -> None:
    theirs = ada.get(f"/orders/{world.order_elsewhere}{of_it}")
    nobodys = ada.get(f"/orders/{'f' * 24}{of_it}")

    assert ada.get(f"/orders/{world.order_here}{of_it}").status_code == 200
    assert theirs.status_code == nobodys.status_code == 404
    assert "Trattoria" not in theirs.text


def test_who_looks_for_an_order_elsewhere_is_told_how_to_see_it_and_not_that_it_is_there(
    ada: FlaskClient, world: World
) -> None:
    theirs, nobodys = (ada.get(f"/orders/{its_id}").text for its_id in (world.order_elsewhere, "f" * 24))

    assert "You came here from <bdi>Bella Napoli</bdi>’s shop" in theirs
    assert f'href="/sign-in?next=/orders/{world.order_elsewhere}"' in theirs
    assert theirs.replace(world.order_elsewhere, "f" * 24) == nobodys


def test_what_is_not_there_in_a_widget_is_so_whoever_is_signed_in(ada: FlaskClient) -> None:
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


def test_an_order_there_is_theirs_to_cancel(ada: FlaskClient, database: Database, world: World) -> None:
    response = ada.post(f"/orders/{world.order_here}/cancel", data=ACTS["cancel"])

    assert response.status_code == 303
    assert state_of(database, world.order_here) is OrderState.CANCELLED


def test_the_word_of_a_shop_opens_no_console_not_even_its_own(ada: FlaskClient, world: World) -> None:
    pages = [
        "/console",
        *(f"/console/{its_id}{of_it}" for its_id in (world.here, world.elsewhere) for of_it in PAGES_OF_A_CONSOLE),
    ]

    assert {page: ada.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)


def test_the_word_of_a_shop_opens_no_restaurant_to_a_program(ada: FlaskClient, world: World) -> None:
    for its_id in (world.here, world.elsewhere):
        asked = ada.get(f"/api/v1/restaurants/{its_id}")
        changed = ada.post(f"/api/v1/restaurants/{its_id}/secrets", json={})

        assert (asked.status_code, changed.status_code) == (404, 404)


def test_who_signs_in_by_email_sees_everything_of_theirs_again(
    ada: FlaskClient, database: Database, world: World
) -> None:
    assert ada.get("/sign-in").status_code == 200  # being known to a shop is no reason not to be asked
    ada.post("/sign-in", data={"email": "ada@example.com", "next": f"/orders/{world.order_elsewhere}"})

    response = ada.post("/sign-in/code", data={"code": email_to(database, "ada@example.com").code})

    assert response.location == f"/orders/{world.order_elsewhere}"
    assert "Trattoria" in ada.get(response.location).text
    assert world.order_elsewhere in ada.get("/orders").text
    assert ada.get(f"/console/{world.elsewhere}").status_code == 200


def test_the_session_of_before_ends_when_it_is_widened(
    ada: FlaskClient, database: Database, world: World, now: datetime
) -> None:
    ada.post("/sign-in", data={"email": "ada@example.com"})

    ada.get(email_to(database, "ada@example.com").link, follow_redirects=True)
    response = ada.post("/sign-in/link")

    assert response.status_code == 303
    with database.read_session() as session:
        assert session_by_token(session, world.browser, now=now) is None
        assert {each.restaurant_id for each in session.query(CustomerSession) if not each.ended_at} == {None}


def test_the_email_of_somebody_else_makes_nobody_of_two(
    ada: FlaskClient, database: Database, world: World, now: datetime
) -> None:
    with database.transaction() as session:
        session.add(Customer(id="b" * 24, email="bob@example.com", name="Bob", created_at=EVENING))
    ada.post("/sign-in", data={"email": "bob@example.com"})

    ada.post("/sign-in/code", data={"code": email_to(database, "bob@example.com").code})

    assert ada.get(f"/orders/{world.order_here}").status_code == 404
    with database.read_session() as session:
        assert session.get_one(CustomerSession, hash_secret(world.browser)).ended_at == now
        assert session.get_one(Order, world.order_here).customer_id != "b" * 24
