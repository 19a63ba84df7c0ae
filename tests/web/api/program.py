"""A restaurant's program, as it calls the API: with the restaurant's secret, about an order that is there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import a_customer, a_line, a_restaurant, some_details
from tracker.accounts.model import Restaurant
from tracker.accounts.registration import issue_secret, register_application
from tracker.database import Database
from tracker.orders.bill import Bill
from tracker.orders.model import Order
from tracker.orders.operations.placement import place_order

SHOP = "https://shop.example.com"


@dataclass
class Program:
    """It knows the restaurant's secret, and the id of one order of its own."""

    client: FlaskClient
    database: Database
    restaurant: Restaurant
    order_id: str
    secret: str
    headers: dict[str, str] = field(default_factory=dict)
    key: str = ""
    """Of an application, for the pages of SHOP."""

    @property
    def home(self) -> str:
        return f"/api/v1/restaurants/{self.restaurant.id}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Ask at a path below the restaurant's own."""
        headers = {"Authorization": f"Bearer {self.secret}"} | self.headers | more.pop("headers", {})
        sent = {} if body is None else {"json": body}
        return self.client.open(f"{self.home}{path}", method=method, headers=headers, **sent, **more)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Ask at a path below the API's own, where the secret alone says for which restaurant."""
        headers = {"Authorization": f"Bearer {self.secret}"} | self.headers | more.pop("headers", {})
        sent = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent, **more)

    def act(self, act: str, body: Any = None, **more: Any) -> TestResponse:
        """Do something with the order."""
        return self.call("POST", f"/orders/{self.order_id}/{act}", body, **more)

    def order(self) -> dict[str, Any]:
        """The order as the API says it."""
        response = self.call("GET", f"/orders/{self.order_id}")
        assert response.status_code == 200, response.text
        return dict(response.json or {})


def own_order(restaurant: Restaurant, now: datetime, **changes: Any) -> Order:
    """Two pizzas and a tiramisu with cocoa, ordered at the restaurant itself by somebody who is new each time."""
    lines = (
        a_line(ref="pizza"),
        a_line("Tiramisu", ref="dolce", quantity=1, unit_minor=650, options=({"name": "Extra cocoa", "minor": 50},)),
    )
    bill = Bill(items=2950, delivery=300, charged=3250, tip=200)
    details = some_details(lines=lines, bill=bill, placed_at=now, requested_for=None, **changes)
    return place_order(restaurant, details, customer=a_customer(email=None), actor_name="API", now=now).order


def a_program(client: FlaskClient, database: Database, now: datetime, **changes: Any) -> Program:
    """A restaurant with one order, and the program that has its secret."""
    restaurant = a_restaurant()
    kept, secret = issue_secret(restaurant, now=now)
    application = register_application("Shop", [SHOP], now=now)
    with database.transaction() as session:
        session.add(restaurant)
        session.flush()
        order = own_order(restaurant, now, **changes)
        session.add_all([kept, order, application])
    return Program(client, database, restaurant, order.id, secret, key=application.key)
