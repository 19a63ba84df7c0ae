"""Whose an order is: the customer of the first notice that names one, and nobody else's afterwards."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.accounts.customer_identity import meet_customer
from tracker.accounts.model import Connection
from tracker.orders.model import Order
from tracker.orders.operations.customer_merge import join_customers
from tracker.upstream.known_state import Known
from tracker.upstream.platform_events import Understood


def claim(
    session: Session, order: Order, connection: Connection, notice: Understood, known: Known, *, now: datetime
) -> None:
    """Say whose the order is, once; what a later notice says of it changes nothing.

    The one exception: when the platform tells the address of somebody who had none until now, and we know that address,
    all their orders go to whoever can sign in with it. Nobody could sign in to see them before.
    """
    person, customer_id = notice.person, known.customer_id
    if person is None or order.customer_id not in (None, customer_id):
        return
    if customer_id is None or (person.email and not known.has_address):
        met = meet_customer(session, connection, person.platform_id, email=person.email, name=person.name, now=now)
        customer_id = met.id
    if order.customer_id is None:
        order.customer_id = customer_id
    if known.customer_id not in (None, customer_id):
        join_customers(session, str(known.customer_id), str(customer_id))
