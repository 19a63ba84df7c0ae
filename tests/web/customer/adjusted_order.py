"""An order of a restaurant's own that stands before its customer, and what each side may do with it next."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.browser_sessions import use_session
from tests.builders import EVENING, a_customer
from tests.conftest import Clock
from tests.order_actions import ADJUST, COMPLETE, CONFIRM, Step
from tracker.accounts.model import Customer
from tracker.accounts.sign_in import start_session
from tracker.database import Database
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import deadlines
from tracker.orders.operations.storage import load_order_for_update

FORMS: dict[str, dict[str, object]] = {
    "accept": {"number": 1},
    "reject": {"number": 1},
    "more-time": {"number": 1, "extension": 1},
    "cancel": {"version": 1},
    "tip": {"version": 3, "amount": "5"},
    "rate": {"version": 3, "stars": 4},
}
"""What the page's forms send once the order is ready for them."""
LAPSE = "lapse"


def is_signed_in(client: FlaskClient, database: Database, customer: Customer) -> None:
    """From now on this browser is the customer's."""
    with database.transaction() as session:
        token = start_session(session, session.merge(customer), remember=False, now=EVENING)
    use_session(client, token)


@dataclass
class Table:
    """One customer with one order, in front of a browser without scripts."""

    client: FlaskClient
    database: Database
    clock: Clock
    order_id: str

    def step(self, step: Step) -> OrderEvent | None:
        """Somebody does this to the order."""
        with self.database.transaction() as session:
            event = step(load_order_for_update(session, self.order_id), self.clock.now)
            session.flush()
            return event

    def hands_over(self) -> None:
        """The restaurant makes the order, and it reaches its customer."""
        self.step(CONFIRM)
        self.step(COMPLETE)

    def is_ready_for(self, act: str) -> None:
        """Bring the order to where the customer can do this."""
        if act in ("tip", "rate"):
            self.hands_over()
        elif act != "cancel":
            self.step(ADJUST)

    def takes(self, step: Any) -> None:
        """One minute later, this happens: somebody's step, a form with what it sends, or nothing in time."""
        self.clock.move(minutes=1)
        if step == LAPSE:
            self.lapses()
        elif isinstance(step, tuple):
            assert self.does(step[0], **step[1]).status_code == 303
        else:
            self.step(step)

    def lapses(self) -> None:
        """Time goes by until the worker ends what nobody has answered."""
        self.clock.move(minutes=10, seconds=1)
        deadlines.lapse_due_adjustments(self.database, now=self.clock.now)

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
        with self.database.read_session() as session:
            order = load_order_for_update(session, self.order_id)
            assert order.adjustments is not None  # read while there is a session to read with
            return order


def a_table(client: FlaskClient, database: Database, clock: Clock, order: Order) -> Table:
    """Keep this order, and sign its customer in."""
    customer = order.customer or a_customer()
    with database.transaction() as session:
        session.add(order)
    is_signed_in(client, database, customer)
    return Table(client, database, clock, order.id)
