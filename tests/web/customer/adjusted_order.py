"""Test helper: a customer in a browser with an own order of a restaurant, and what both sides can do with it."""

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
"""Fields of the page's forms, as they are after Table.prepare_for()."""
LAPSE = "lapse"


def is_signed_in(client: FlaskClient, database: Database, customer: Customer) -> None:
    """Sign the customer in with this browser."""
    with database.transaction() as session:
        token = start_session(session, session.merge(customer), remember=False, now=EVENING)
    use_session(client, token)


@dataclass
class Table:
    """One customer with one order, in a browser without scripts."""

    client: FlaskClient
    database: Database
    clock: Clock
    order_id: str

    def step(self, step: Step) -> OrderEvent | None:
        """Apply this operation to the order."""
        with self.database.transaction() as session:
            event = step(load_order_for_update(session, self.order_id), self.clock.now)
            session.flush()
            return event

    def complete(self) -> None:
        """Confirm and complete the order."""
        self.step(CONFIRM)
        self.step(COMPLETE)

    def prepare_for(self, act: str) -> None:
        """Bring the order into a state in which the customer can send this form."""
        if act in ("tip", "rate"):
            self.complete()
        elif act != "cancel":
            self.step(ADJUST)

    def perform_after_a_minute(self, step: Any) -> None:
        """Move the clock by a minute; then apply an operation, submit a form (name, fields), or wait until LAPSE."""
        self.clock.move(minutes=1)
        if step == LAPSE:
            self.let_adjustment_lapse()
        elif isinstance(step, tuple):
            assert self.submit(step[0], **step[1]).status_code == 303
        else:
            self.step(step)

    def let_adjustment_lapse(self) -> None:
        """Move the clock past the deadline, and let the worker end the adjustment."""
        self.clock.move(minutes=10, seconds=1)
        deadlines.lapse_due_adjustments(self.database, now=self.clock.now)

    @property
    def address(self) -> str:
        return f"/orders/{self.order_id}"

    def submit(self, act: str, *, by_script: bool = False, **form: object) -> TestResponse:
        """Submit a form of the page, as a browser without scripts or as htmx would."""
        headers = {"HX-Request": "true"} if by_script else {}
        return self.client.post(f"{self.address}/{act}", data=form, headers=headers)

    def page(self) -> str:
        """Load the order's page."""
        return self.client.get(self.address).text

    def order(self) -> Order:
        """Load the order from the database."""
        with self.database.read_session() as session:
            order = load_order_for_update(session, self.order_id)
            assert order.adjustments is not None  # loads the relation while the session is open
            return order


def a_table(client: FlaskClient, database: Database, clock: Clock, order: Order) -> Table:
    """Store this order, and sign its customer in."""
    customer = order.customer or a_customer()
    with database.transaction() as session:
        session.add(order)
    is_signed_in(client, database, customer)
    return Table(client, database, clock, order.id)
