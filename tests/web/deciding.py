"""An order of a restaurant's own that stands before its customer, and what each side may do with it next."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import EVENING, a_customer, a_restaurant, some_details
from tests.conftest import Clock
from tracker.accounts.model import Customer, IfUnanswered, Restaurant
from tracker.accounts.signing_in import start_session
from tracker.database import Database
from tracker.orders import by_restaurant, lapsing
from tracker.orders.adjusting import ProposedChange
from tracker.orders.bill import Bill, LineOption
from tracker.orders.model import Order
from tracker.orders.placing import place_order
from tracker.orders.storing import order_to_change
from tracker.orders.told import LineDetails

MARGHERITA = LineDetails("Margherita", 2, 1150, "Pizza", (LineOption(name="Extra basil", minor=50),), ref="m1")
TIRAMISU = LineDetails("Tiramisu", 1, 650, "Dolci", ref="t1")
WITHOUT_TIRAMISU = ProposedChange(lines=("t1",), reason="The mascarpone has run out.")
BILL = Bill(items=2950, delivery=300, charged=3250, tip=200)


def a_pizzeria(**changes: Any) -> Restaurant:
    """A restaurant that gives its customers ten minutes to answer, and cancels when they don't."""
    usual = {"answer_minutes": 10, "if_unanswered": IfUnanswered.CANCEL, "statuses": {}}
    return a_restaurant(**usual | changes)


def an_own_order(restaurant: Restaurant, customer: Customer, **details: Any) -> Order:
    """Two pizzas and a dessert, placed by the restaurant itself."""
    usual = {"lines": (MARGHERITA, TIRAMISU), "bill": BILL} | details
    return place_order(restaurant, some_details(**usual), customer=customer, who="API", now=EVENING).order


def is_signed_in(client: FlaskClient, database: Database, customer: Customer) -> None:
    """From now on this browser is the customer's."""
    with database.writing() as session:
        token = start_session(session, session.merge(customer), keep=False, now=EVENING)
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": token, "_fresh": True})


@dataclass
class Table:
    """One customer with one order, in front of a browser without scripts."""

    client: FlaskClient
    database: Database
    clock: Clock
    order_id: str

    def kitchen(self, operation: Any, *arguments: Any, **more: Any) -> None:
        """The restaurant does this."""
        with self.database.writing() as session:
            operation(order_to_change(session, self.order_id), *arguments, **more, who="API", now=self.clock.now)

    def proposes(self, change: ProposedChange = WITHOUT_TIRAMISU) -> None:
        """The restaurant would change the order."""
        self.kitchen(by_restaurant.adjust_order, change)

    def hands_over(self) -> None:
        """The restaurant makes the order, and it reaches its customer."""
        self.kitchen(by_restaurant.confirm_order, self.clock.now + timedelta(minutes=30))
        self.kitchen(by_restaurant.progress_order, "Delivered")

    def lapses(self) -> None:
        """Time goes by until the worker ends what nobody has answered."""
        self.clock.move(minutes=10, seconds=1)
        lapsing.lapse_due(self.database, now=self.clock.now)

    @property
    def address(self) -> str:
        return f"/orders/{self.order_id}"

    def does(self, act: str, *, by_script: bool = False, **form: object) -> TestResponse:
        """Their browser sends this form, or htmx does in its place."""
        headers = {"HX-Request": "true"} if by_script else {}
        return self.client.post(f"{self.address}/{act}", data=form, headers=headers)

    def page(self) -> str:
        """The order's page, freshly loaded."""
        return self.client.get(self.address).text

    def order(self) -> Order:
        """The order as it is kept."""
        with self.database.reading() as session:
            return order_to_change(session, self.order_id)


def a_table(client: FlaskClient, database: Database, clock: Clock, order: Order) -> Table:
    """Keep this order, and sign its customer in."""
    customer = order.customer or a_customer()
    with database.writing() as session:
        session.add(order)
    is_signed_in(client, database, customer)
    return Table(client, database, clock, order.id)
