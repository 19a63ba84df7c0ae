"""Whose an order is: the customer of the first notice that names one, and nobody else's afterwards."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.accounts.meeting import customer_met, meet_customer
from tracker.accounts.model import Connection
from tracker.orders.model import Order
from tracker.upstream.contract import Understood


def claim(session: Session, order: Order, connection: Connection, notice: Understood, *, now: datetime) -> None:
    """Say whose the order is, once; what a later notice says of it changes nothing.

    The one exception: when the platform tells the address of somebody who had none until now, and we know that address,
    their orders go to whoever can sign in with it. Nobody could sign in to see them before.
    """
    if notice.person is None:
        return
    person = notice.person
    met_before = customer_met(session, connection, person.platform_id)
    if order.customer_id is not None and order.customer_id != met_before:
        return
    customer = meet_customer(session, connection, person.platform_id, email=person.email, name=person.name, now=now)
    if order.customer_id is None:
        order.customer = customer
    elif order.customer_id != customer.id:
        session.execute(update(Order).where(Order.customer_id == order.customer_id).values(customer_id=customer.id))
