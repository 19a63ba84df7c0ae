"""A restaurant's program that calls the API with the restaurant's secret, and a restaurant with one order."""

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
    """A test client with a restaurant's secret and the id of one of its orders."""

    client: FlaskClient
    database: Database
    restaurant: Restaurant
    order_id: str
    secret: str
    headers: dict[str, str] = field(default_factory=dict)
    key: str = ""
    """The API key of an application whose origin is SHOP."""

    @property
    def home(self) -> str:
        return f"/api/v1/restaurants/{self.restaurant.id}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a request to a path below the restaurant's own."""
        headers = {"Authorization": f"Bearer {self.secret}"} | self.headers | more.pop("headers", {})
        body_arguments = {} if body is None else {"json": body}
        return self.client.open(f"{self.home}{path}", method=method, headers=headers, **body_arguments, **more)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a request to a path below the API's root, where only the secret identifies the restaurant."""
        headers = {"Authorization": f"Bearer {self.secret}"} | self.headers | more.pop("headers", {})
        body_arguments = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **body_arguments, **more)

    def act(self, act: str, body: Any = None, **more: Any) -> TestResponse:
        """Request an operation on the order."""
        return self.call("POST", f"/orders/{self.order_id}/{act}", body, **more)

    def order(self) -> dict[str, Any]:
        """Return the order as the API shows it."""
        response = self.call("GET", f"/orders/{self.order_id}")
        assert response.status_code == 200, response.text
        return dict(response.json or {})


def own_order(restaurant: Restaurant, now: datetime, **changes: Any) -> Order:
    """Return an own order of two pizzas and a tiramisu with cocoa, of a new customer each time."""
    lines = (
        a_line(ref="pizza"),
        a_line("Tiramisu", ref="dolce", quantity=1, unit_minor=650, options=({"name": "Extra cocoa", "minor": 50},)),
    )
    bill = Bill(items=2950, delivery=300, charged=3250, tip=200)
    details = some_details(lines=lines, bill=bill, placed_at=now, requested_for=None, **changes)
    return place_order(restaurant, details, customer=a_customer(email=None), actor_name="API", now=now).order


def a_program(client: FlaskClient, database: Database, now: datetime, **changes: Any) -> Program:
    """Create a restaurant with one order, and return the program that has its secret."""
    restaurant = a_restaurant()
    stored_secret, secret = issue_secret(restaurant, now=now)
    application = register_application("Shop", [SHOP], now=now)
    with database.transaction() as session:
        session.add(restaurant)
        session.flush()
        order = own_order(restaurant, now, **changes)
        session.add_all([stored_secret, order, application])
    return Program(client, database, restaurant, order.id, secret, key=application.key)
