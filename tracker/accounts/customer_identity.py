"""How somebody whom a platform knows becomes a customer of ours, and stays the same one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.model import Connection, Customer, PlatformCustomer
from tracker.database import in_turn
from tracker.ids import new_id


def meet_customer(
    session: Session, connection: Connection, platform_id: str, *, email: str | None, name: str | None, now: datetime
) -> Customer:
    """The customer whom the platform knows by this number.

    Met for the first time, it is the one with this address, or somebody new. Later the number alone decides: an address
    that a platform changes never moves anybody's orders to somebody else. Only who had no address gets the first one.
    """
    in_turn(session, turn_of_person(connection.id, platform_id))
    known = session.get(PlatformCustomer, (connection.id, platform_id))
    if known is None:
        customer = customer_with_address(session, email, name=name, now=now)
        link = PlatformCustomer(connection_id=connection.id, platform_id=platform_id, customer_id=customer.id)
        session.add(link)
        return customer

    customer = session.get_one(Customer, known.customer_id)
    if customer.email is None and email is not None:
        in_turn(session, f"address {email}")
        owner = session.scalar(select(Customer).where(Customer.email == email))
        if owner is not None:
            known.customer_id = owner.id
            return owner
        customer.email, customer.name = email, customer.name or name
    return customer


def turn_of_person(connection_id: str, platform_id: str) -> str:
    """The name under which one waits for one's turn (database.in_turn) to say who this is."""
    return f"platform customer {connection_id} {platform_id}"


def customer_with_address(session: Session, email: str | None, *, name: str | None, now: datetime) -> Customer:
    """The customer with this address (in lower case), or a new one. Without an address, always a new one."""
    if email is not None:
        in_turn(session, f"address {email}")
        known = session.scalar(select(Customer).where(Customer.email == email))
        if known is not None:
            return known
    customer = Customer(id=new_id(now), email=email, name=name, created_at=now)
    session.add(customer)
    session.flush()
    return customer
