"""A restaurant at work: its owner before the console, with orders in all the states that need doing."""

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
    """One restaurant with its staff, and a browser without scripts in which somebody works there."""

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
        """The console's page of this order."""
        return f"{self.board}/orders/{order_id}"

    def sign_in(self, email: str, client: FlaskClient | None = None) -> None:
        """From now on this browser is theirs."""
        with self.database.transaction() as session:
            person = customer_by_address(session, email)
            assert person is not None
            token = start_session(session, person, remember=False, now=self.now)
        use_session(client or self.client, token)

    def takes_in(self, **details: Any) -> str:
        """A new order, by its id."""
        with self.database.transaction() as session:
            restaurant = session.get_one(Restaurant, self.restaurant.id)
            customer = session.get_one(Customer, self.customer.id)
            order = an_own_order(restaurant, customer=customer, placed_at=self.now, **details)
            session.add(order)
            return order.id

    def happens(self, order_id: str, act: Act, *arguments: Any, **more: Any) -> None:
        """Something is done to the order behind the console's back."""
        with self.database.transaction() as session:
            act(load_order_for_update(session, order_id), *arguments, **more, now=self.now)

    def presses(self, order_id: str, act: str, *, by_script: bool = False, **fields: Any) -> TestResponse:
        """A form about the order is sent, by the browser itself or by htmx."""
        headers = {"HX-Request": "true"} if by_script else {}
        return self.client.post(f"{self.address(order_id)}/{act}", data=fields, headers=headers)

    def order(self, order_id: str) -> Order:
        """The order as it is kept, with everything that belongs to it."""
        with self.database.read_session() as session:
            order = load_order_for_update(session, order_id)
            assert order.adjustments is not None
            return order


def at_work(client: FlaskClient, database: Database, clock: Clock, *, who: str = OWNER) -> Work:
    """The restaurant, and this browser signed in as one of its staff."""
    restaurant, customer = a_restaurant(id="5" * 24), a_customer()
    with database.transaction() as session:
        session.add_all([restaurant, customer])
    let_work(database, restaurant, OWNER, Role.OWNER, EVENING)
    let_work(database, restaurant, COOK, Role.STAFF, EVENING)
    work = Work(client, database, clock, restaurant, customer)
    work.sign_in(who)
    return work


def section(html: str, key: str) -> str:
    """What one section says; nothing if it isn't shown."""
    found = re.search(rf'<section id="{key}".*?</section>', html, re.S)
    return words_of(found[0]) if found else ""


def refusal_in(html: str) -> str:
    """What is said on top of the page."""
    found = re.search(r'<div id="refusal".*?</div>', html, re.S)
    return words_of(found[0]) if found else ""


def hidden_fields(html: str) -> dict[str, list[str]]:
    """What the form that sends a change would send."""
    form = re.search(r'<form id="send".*?</form>', html, re.S)
    assert form
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]):
        fields.setdefault(name, []).append(unescape(value))
    return fields
