"""Sign-in tickets: one-time addresses with which a restaurant's shop signs its customer in, for that restaurant."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tracker.accounts.model import Application, Customer, CustomerSession, Restaurant
from tracker.accounts.tokens import hash_secret, new_secret
from tracker.database import Base

LINK_PATH = "/sign-in-ticket/"
"""The path of a ticket's address, which its secret follows."""
DEFAULT_LIFETIME = timedelta(minutes=5)
MAX_LIFETIME = timedelta(minutes=15)
_RETENTION = timedelta(days=1)
"""How long an expired ticket is stored."""


class SignInTicket(Base):
    """A one-time sign-in ticket, issued by a restaurant's shop. Its secret is stored as a hash, valid for minutes."""

    __tablename__ = "sign_in_tickets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"))
    restaurant_id: Mapped[str] = mapped_column(ForeignKey("restaurants.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    order_id: Mapped[str] = mapped_column(String(24))
    """The order that the customer sees after signing in."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)


class ShopSession(NamedTuple):
    """Facts about a session that a ticket has started, for pages to show."""

    restaurant: str
    """The name of the restaurant whose shop has issued the ticket."""
    can_sign_in: bool
    """Whether the customer has an e-mail address, so that they could sign in here."""


def issue_sign_in_ticket(
    application: Application,
    customer: Customer,
    *,
    restaurant_id: str,
    order_id: str,
    lifetime: timedelta,
    now: datetime,
) -> tuple[SignInTicket, str]:
    """Return a new ticket as its record, which is to be stored, and its secret, which signs the customer in once.

    The session opens only the orders at this restaurant: its shop must not open the customer's orders elsewhere.
    """
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
    """Return the valid ticket with this secret. Return None if it is unknown, used or expired.

    With `for_update` it is locked until the end of the transaction, so that only one of two requests can use it.
    """
    valid = select(SignInTicket).where(
        SignInTicket.hash == hash_secret(secret), SignInTicket.used_at.is_(None), SignInTicket.ends_at > now
    )
    return session.scalars(valid.with_for_update(of=SignInTicket) if for_update else valid).one_or_none()


def use_sign_in_ticket(record: SignInTicket, *, now: datetime) -> None:
    """Use the ticket up, so that its secret signs nobody in again."""
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
    """Make the valid tickets of this restaurant invalid from now on. Return how many they were.

    `customer_id`, `order_id` and `application_id` are filters; None does not filter.
    """
    filters = (
        (SignInTicket.customer_id, customer_id),
        (SignInTicket.order_id, order_id),
        (SignInTicket.application_id, application_id),
    )
    valid = update(SignInTicket).where(
        SignInTicket.restaurant_id == restaurant_id,
        SignInTicket.used_at.is_(None),
        SignInTicket.ends_at > now,
        *(column == wanted for column, wanted in filters if wanted is not None),
    )
    return len(session.scalars(valid.values(used_at=now).returning(SignInTicket.hash)).all())


def end_shop_sessions(session: Session, restaurant_id: str, *, customer_id: str | None = None, now: datetime) -> int:
    """End the sessions that tickets of this restaurant's shop have started, and return how many they were.

    With `customer_id`, only those of this customer are ended. Sessions of customers who signed in here are kept.
    """
    open_sessions = update(CustomerSession).where(
        CustomerSession.restaurant_id == restaurant_id,
        CustomerSession.ended_at.is_(None),
        CustomerSession.ends_at > now,
    )
    if customer_id is not None:
        open_sessions = open_sessions.where(CustomerSession.customer_id == customer_id)
    return len(session.scalars(open_sessions.values(ended_at=now).returning(CustomerSession.hash)).all())


def find_shop_session(session: Session, session_hash: str, *, now: datetime) -> ShopSession | None:
    """Return the restaurant whose ticket has started this session, and whether the customer could sign in here.

    Return None if the session has ended, or if no ticket has started it.
    """
    shop_session = (
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
    row = session.execute(shop_session.where(*is_open)).one_or_none()
    return ShopSession(*row) if row else None


def delete_old_sign_in_tickets(session: Session, *, now: datetime) -> None:
    """Delete the tickets that expired more than a day ago."""
    session.execute(delete(SignInTicket).where(SignInTicket.ends_at < now - _RETENTION))
