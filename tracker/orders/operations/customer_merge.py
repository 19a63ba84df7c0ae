"""Two that turn out to be one person: what came to somebody without an address goes to whoever has proven it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tracker.accounts.customer_identity import find_or_create_customer
from tracker.accounts.model import (
    AccessToken,
    Customer,
    CustomerSession,
    PlatformCustomer,
    Restaurant,
    RestaurantCustomer,
    SignInCode,
)
from tracker.accounts.sign_in_tickets import SignInTicket
from tracker.database import advisory_lock
from tracker.orders.model import Order

_REASSIGNED: tuple[Any, ...] = (Order, AccessToken, PlatformCustomer, RestaurantCustomer)
"""What is theirs still when they turn out to be somebody else, too."""


def resolve_shop_customer(
    session: Session,
    restaurant: Restaurant,
    own_id: str | None,
    *,
    proven_email: str | None,
    name: str | None,
    now: datetime,
) -> Customer:
    """The customer whom the restaurant's shop knows by this id, with this address (in lower case) if it was proven.

    Met for the first time, it is who has the address, or somebody new. Later the id alone decides: an address that a
    shop says later never moves anybody's orders to somebody else. Only who had no address gets the first one, and is
    then one with whoever had it already. Without id and address it is always somebody new.
    """
    if own_id is None:
        return find_or_create_customer(session, proven_email, name=name, now=now)
    advisory_lock(session, f"restaurant customer {restaurant.id} {own_id}")
    known = session.get(RestaurantCustomer, (restaurant.id, own_id))
    if known is None:
        customer = find_or_create_customer(session, proven_email, name=name, now=now)
        session.add(RestaurantCustomer(restaurant_id=restaurant.id, own_id=own_id, customer_id=customer.id))
        return customer

    customer = session.get_one(Customer, known.customer_id)
    if customer.email is not None or proven_email is None:
        return customer
    return _set_first_email(session, customer, proven_email, name)


def merge_customers(session: Session, source_id: str, target_id: str) -> None:
    """Give the orders of a customer without an address to one with an address, who is the same person. The other one is
    no more, and whoever came in as that one is to come in again.

    What somebody makes for them at this moment fails (IntegrityError), and for the owner when it is done again by
    `Database.write`: else it would be for nobody.
    """
    session.flush()
    _revoke_account_access(session, source_id)
    for kind in _REASSIGNED:
        theirs = update(kind).where(kind.customer_id == source_id).values(customer_id=target_id)
        session.execute(theirs.execution_options(synchronize_session="fetch"))
    session.execute(delete(Customer).where(Customer.id == source_id))


def _set_first_email(session: Session, customer: Customer, email: str, name: str | None) -> Customer:
    advisory_lock(session, f"address {email}")
    owner = session.scalar(select(Customer).where(Customer.email == email))
    if owner is None:
        _revoke_account_access(session, customer.id)
        customer.email, customer.name = email, customer.name or name
        return customer
    merge_customers(session, customer.id, owner.id)
    return owner


def _revoke_account_access(session: Session, customer_id: str) -> None:
    """Of somebody who has proven no address: whatever opens more than one order was given to whoever they were. Who has
    opened an account at a shop with an address that is not theirs would see what its owner has ordered, or will."""
    for kind in (CustomerSession, SignInTicket, SignInCode):
        session.execute(delete(kind).where(kind.customer_id == customer_id))
    session.execute(delete(AccessToken).where(AccessToken.customer_id == customer_id, AccessToken.order_id.is_(None)))
