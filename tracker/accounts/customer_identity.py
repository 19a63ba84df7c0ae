"""How somebody whom a platform knows becomes a customer of ours, and stays the same one."""

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
    """The customer whom the platform knows by this number.

    Met for the first time, it is the one with this address, or somebody new. Later the number alone decides: an address
    that a platform changes never moves anybody's orders to somebody else. Only who had no address gets the first one.
    """
    advisory_lock(session, customer_lock_key(platform_account.id, platform_id))
    known = session.get(PlatformCustomer, (platform_account.id, platform_id))
    if known is None:
        customer = find_or_create_customer(session, email, name=name, now=now)
        link = PlatformCustomer(
            platform_account_id=platform_account.id, platform_id=platform_id, customer_id=customer.id
        )
        session.add(link)
        return customer

    customer = session.get_one(Customer, known.customer_id)
    if customer.email is None and email is not None:
        advisory_lock(session, f"address {email}")
        owner = session.scalar(select(Customer).where(Customer.email == email))
        if owner is not None:
            known.customer_id = owner.id
            return owner
        customer.email, customer.name = email, customer.name or name
    return customer


def customer_lock_key(platform_account_id: str, platform_id: str) -> str:
    """The name under which one waits for one's turn (database.advisory_lock) to say who this is."""
    return f"platform customer {platform_account_id} {platform_id}"


def find_or_create_customer(session: Session, email: str | None, *, name: str | None, now: datetime) -> Customer:
    """The customer with this address (in lower case), or a new one. Without an address, always a new one."""
    if email is not None:
        advisory_lock(session, f"address {email}")
        known = session.scalar(select(Customer).where(Customer.email == email))
        if known is not None:
            return known
    customer = Customer(id=new_id(now), email=email, name=name, created_at=now)
    session.add(customer)
    session.flush()
    return customer
