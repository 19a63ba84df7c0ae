"""Merging customers: orders of a customer without an e-mail address go to the one who has verified the address."""

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
"""The tables whose rows are given to the other customer in a merge."""


def resolve_shop_customer(
    session: Session,
    restaurant: Restaurant,
    own_id: str | None,
    *,
    proven_email: str | None,
    name: str | None,
    now: datetime,
) -> Customer:
    """Return the customer whom the restaurant's shop knows by `own_id`. `proven_email` is in lower case.

    The first time that the shop uses this id, it is the customer with that address, or a new one. From then on, the id
    alone decides, so that an address given later never moves orders to another customer. Only a customer without an
    address gets the first one given, and is merged with the customer who has it already. Without id and address, a new
    customer is created every time.
    """
    if own_id is None:
        return find_or_create_customer(session, proven_email, name=name, now=now)
    advisory_lock(session, f"restaurant customer {restaurant.id} {own_id}")
    shop_customer = session.get(RestaurantCustomer, (restaurant.id, own_id))
    if shop_customer is None:
        customer = find_or_create_customer(session, proven_email, name=name, now=now)
        session.add(RestaurantCustomer(restaurant_id=restaurant.id, own_id=own_id, customer_id=customer.id))
        return customer

    customer = session.get_one(Customer, shop_customer.customer_id)
    if customer.email is not None or proven_email is None:
        return customer
    return _set_first_email(session, customer, proven_email, name)


def merge_customers(session: Session, source_id: str, target_id: str) -> None:
    """Give the orders of a customer without an address to the customer with the address, who is the same person.

    The first one is deleted, and people signed in as that one have to sign in again. A transaction that adds a row for
    the deleted customer at the same moment fails with IntegrityError. `Database.run_in_transaction` runs it again, and
    it then finds the other customer.
    """
    session.flush()
    _revoke_account_access(session, source_id)
    for kind in _REASSIGNED:
        rows = update(kind).where(kind.customer_id == source_id).values(customer_id=target_id)
        session.execute(rows.execution_options(synchronize_session="fetch"))
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
    """Delete sessions, tickets, codes and tokens that open more than one order.

    They were given to a customer who had not verified an address. Somebody may have opened an account at a shop with
    another person's address, and would otherwise see that person's orders after the merge.
    """
    for kind in (CustomerSession, SignInTicket, SignInCode):
        session.execute(delete(kind).where(kind.customer_id == customer_id))
    session.execute(delete(AccessToken).where(AccessToken.customer_id == customer_id, AccessToken.order_id.is_(None)))
