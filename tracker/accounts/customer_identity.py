"""Customer identity: which customer a platform's customer number or an e-mail address stands for."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.model import Customer, PlatformAccount, PlatformCustomer
from tracker.database import advisory_lock
from tracker.ids import new_id


def resolve_customer(
    session: Session,
    platform_account: PlatformAccount,
    platform_id: str,
    *,
    email: str | None,
    name: str | None,
    now: datetime,
) -> Customer:
    """Return the customer whom the platform knows by the number `platform_id`.

    The first time, this is the customer with this e-mail address, or a new one. Later the number alone decides, so that
    an address that the platform changes never moves a customer's orders to somebody else. Only a customer without an
    address gets the address; if another customer has it, the number belongs to that one from then on.
    """
    advisory_lock(session, customer_lock_key(platform_account.id, platform_id))
    link = session.get(PlatformCustomer, (platform_account.id, platform_id))
    if link is None:
        customer = find_or_create_customer(session, email, name=name, now=now)
        link = PlatformCustomer(
            platform_account_id=platform_account.id, platform_id=platform_id, customer_id=customer.id
        )
        session.add(link)
        return customer

    customer = session.get_one(Customer, link.customer_id)
    if customer.email is None and email is not None:
        advisory_lock(session, f"address {email}")
        owner = session.scalar(select(Customer).where(Customer.email == email))
        if owner is not None:
            link.customer_id = owner.id
            return owner
        customer.email, customer.name = email, customer.name or name
    return customer


def customer_lock_key(platform_account_id: str, platform_id: str) -> str:
    """Return the key of the advisory lock (database.advisory_lock) on the identity of a platform's customer."""
    return f"platform customer {platform_account_id} {platform_id}"


def find_or_create_customer(session: Session, email: str | None, *, name: str | None, now: datetime) -> Customer:
    """Return the customer with this normalised address, or a new one. Without an address it is always a new one."""
    if email is not None:
        advisory_lock(session, f"address {email}")
        existing = session.scalar(select(Customer).where(Customer.email == email))
        if existing is not None:
            return existing
    customer = Customer(id=new_id(now), email=email, name=name, created_at=now)
    session.add(customer)
    session.flush()
    return customer
