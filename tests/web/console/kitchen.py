"""A restaurant with its staff, a browser signed in to its console, and readers for the console's pages."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.staff_fixtures import let_work
from tests.browser_sessions import use_session
from tests.builders import EVENING, a_customer, a_restaurant, an_own_order
from tests.conftest import Clock
from tests.page_text import words_of
from tracker.accounts.model import Customer, Restaurant, Role
from tracker.accounts.queries import customer_by_address
from tracker.accounts.sign_in import start_session
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.storage import load_order_for_update

OWNER, COOK = "owner@example.com", "cook@example.com"
Act = Callable[..., object]


@dataclass
class Work:
    """One restaurant with its staff, and a browser without scripts that is signed in as one of them."""

    client: FlaskClient
    database: Database
    clock: Clock
    restaurant: Restaurant
    customer: Customer

    @property
    def board(self) -> str:
        return f"/console/{self.restaurant.id}"

    @property
    def now(self) -> datetime:
        return self.clock.now

    def address(self, order_id: str) -> str:
        """Return the address of the console's page of this order."""
        return f"{self.board}/orders/{order_id}"

    def sign_in(self, email: str, client: FlaskClient | None = None) -> None:
        """Sign in as the person with this address, in the given browser or in the own one."""
        with self.database.transaction() as session:
            person = customer_by_address(session, email)
            assert person is not None
            token = start_session(session, person, remember=False, now=self.now)
        use_session(client or self.client, token)

    def place_order(self, **details: Any) -> str:
        """Store a new order and return its id."""
        with self.database.transaction() as session:
            restaurant = session.get_one(Restaurant, self.restaurant.id)
            customer = session.get_one(Customer, self.customer.id)
            order = an_own_order(restaurant, customer=customer, placed_at=self.now, **details)
            session.add(order)
            return order.id

    def perform(self, order_id: str, act: Act, *arguments: Any, **more: Any) -> None:
        """Perform an operation on the order directly, without the console."""
        with self.database.transaction() as session:
            act(load_order_for_update(session, order_id), *arguments, **more, now=self.now)

    def press(self, order_id: str, act: str, *, by_script: bool = False, **fields: Any) -> TestResponse:
        """Submit a form about the order, as the browser itself or htmx would."""
        headers = {"HX-Request": "true"} if by_script else {}
        return self.client.post(f"{self.address(order_id)}/{act}", data=fields, headers=headers)

    def order(self, order_id: str) -> Order:
        """Return the stored order with everything that belongs to it."""
        with self.database.read_session() as session:
            order = load_order_for_update(session, order_id)
            assert order.adjustments is not None
            return order


def at_work(client: FlaskClient, database: Database, clock: Clock, *, email: str = OWNER) -> Work:
    """Create the restaurant and its staff, and sign this browser in as one of them."""
    restaurant, customer = a_restaurant(id="5" * 24), a_customer()
    with database.transaction() as session:
        session.add_all([restaurant, customer])
    let_work(database, restaurant, OWNER, Role.OWNER, EVENING)
    let_work(database, restaurant, COOK, Role.STAFF, EVENING)
    work = Work(client, database, clock, restaurant, customer)
    work.sign_in(email)
    return work


def section(html: str, key: str) -> str:
    """Return the text of one section of a page, or an empty text if the section isn't shown."""
    found = re.search(rf'<section id="{key}".*?</section>', html, re.S)
    return words_of(found[0]) if found else ""


def refusal_in(html: str) -> str:
    """Return the text of the refusal on top of a page, or an empty text if there is none."""
    found = re.search(r'<div id="refusal".*?</div>', html, re.S)
    return words_of(found[0]) if found else ""


def hidden_fields(html: str) -> dict[str, list[str]]:
    """Return the hidden fields of the form with which a preview is submitted."""
    form = re.search(r'<form id="send".*?</form>', html, re.S)
    assert form
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]):
        fields.setdefault(name, []).append(unescape(value))
    return fields
