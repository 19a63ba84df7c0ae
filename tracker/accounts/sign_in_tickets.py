"""Handing a customer over from a restaurant's own shop: an address that signs them in here once, at that restaurant."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tracker.accounts.model import Application, Customer, CustomerSession, Restaurant
from tracker.accounts.tokens import hash_secret, new_secret
from tracker.database import Base

LINK_PATH = "/sign-in-ticket/"
"""Where the address that a shop is given leads; its secret follows."""
DEFAULT_LIFETIME = timedelta(minutes=5)
MAX_LIFETIME = timedelta(minutes=15)
_RETENTION = timedelta(days=1)


class SignInTicket(Base):
    """That a restaurant's shop vouches for who comes with this secret. Kept as a hash, good once, and for minutes."""

    __tablename__ = "sign_in_tickets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"))
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    order_id: Mapped[str] = mapped_column(String(24))
    """Where they arrive."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)


class ShopSession(NamedTuple):
    """Where somebody came from who is signed in at the word of a shop."""

    restaurant: str
    """By its name."""
    can_sign_in: bool
    """Whether there is an address to which they can have a letter sent."""


def issue_sign_in_ticket(
    application: Application,
    customer: Customer,
    *,
    restaurant_id: str,
    order_id: str,
    lifetime: timedelta,
    now: datetime,
) -> tuple[SignInTicket, str]:
    """Vouch for this customer: what is kept, and the secret that signs whoever comes with it in as them, once, to see
    their orders at this restaurant. The shop of a restaurant can't open what the customer has elsewhere."""
    secret = new_secret()
    record = SignInTicket(
        hash=hash_secret(secret),
        application_id=application.id,
        restaurant_id=restaurant_id,
        customer_id=customer.id,
        order_id=order_id,
        created_at=now,
        ends_at=now + lifetime,
    )
    return record, secret


def sign_in_ticket_by_secret(session: Session, secret: str, *, now: datetime, for_update: bool) -> SignInTicket | None:
    """Whom this secret signs in, if it is still good; `for_update`: locked, so that of two who come at once one gets
    in."""
    good = select(SignInTicket).where(
        SignInTicket.hash == hash_secret(secret), SignInTicket.used_at.is_(None), SignInTicket.ends_at > now
    )
    return session.scalars(good.with_for_update(of=SignInTicket) if for_update else good).one_or_none()


def use_sign_in_ticket(record: SignInTicket, *, now: datetime) -> None:
    """From now on its secret signs nobody in."""
    record.used_at = now


def revoke_sign_in_tickets(
    session: Session,
    restaurant_id: str,
    *,
    customer_id: str | None = None,
    order_id: str | None = None,
    application_id: str | None = None,
    now: datetime,
) -> int:
    """From now on those of this restaurant, or of it those of this customer, to this order or of this application,
    sign nobody in; how many they were."""
    filters = (
        (SignInTicket.customer_id, customer_id),
        (SignInTicket.order_id, order_id),
        (SignInTicket.application_id, application_id),
    )
    good = update(SignInTicket).where(
        SignInTicket.restaurant_id == restaurant_id,
        SignInTicket.used_at.is_(None),
        SignInTicket.ends_at > now,
        *(column == wanted for column, wanted in filters if wanted is not None),
    )
    return len(session.scalars(good.values(used_at=now).returning(SignInTicket.hash)).all())


def end_shop_sessions(session: Session, restaurant_id: str, *, customer_id: str | None = None, now: datetime) -> int:
    """Sign out whoever is signed in at the word of this restaurant's shop, or of them this customer; how many sessions
    that were. Who has signed in here by themselves stays."""
    theirs = update(CustomerSession).where(
        CustomerSession.restaurant_id == restaurant_id,
        CustomerSession.ended_at.is_(None),
        CustomerSession.ends_at > now,
    )
    if customer_id is not None:
        theirs = theirs.where(CustomerSession.customer_id == customer_id)
    return len(session.scalars(theirs.values(ended_at=now).returning(CustomerSession.hash)).all())


def find_shop_session(session: Session, session_hash: str, *, now: datetime) -> ShopSession | None:
    """The restaurant whose shop has handed over whoever's session this is, if one has, and it has not ended."""
    theirs = (
        select(Restaurant.name, Customer.email.is_not(None))
        .select_from(CustomerSession)
        .join(Restaurant, Restaurant.id == CustomerSession.restaurant_id)
        .join(Customer, Customer.id == CustomerSession.customer_id)
    )
    is_open = (
        CustomerSession.hash == session_hash,
        CustomerSession.ended_at.is_(None),
        CustomerSession.ends_at > now,
    )
    found = session.execute(theirs.where(*is_open)).one_or_none()
    return ShopSession(*found) if found else None


def delete_old_sign_in_tickets(session: Session, *, now: datetime) -> None:
    """Delete those that have been of no use to anybody for a day."""
    session.execute(delete(SignInTicket).where(SignInTicket.ends_at < now - _RETENTION))
