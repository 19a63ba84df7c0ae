"""Handing a customer over from a restaurant's own shop: an address that signs them in here once, at that restaurant."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tracker.accounts.model import Application, Customer
from tracker.accounts.tokens import hash_of, new_secret
from tracker.database import Base

USUAL_LIFE = timedelta(minutes=5)
LONGEST_LIFE = timedelta(minutes=15)
_KEPT = timedelta(days=1)


class HandOver(Base):
    """That a restaurant's shop vouches for who comes with this secret. Kept as a hash, good once, and for minutes."""

    __tablename__ = "hand_overs"

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


def hand_over(
    application: Application, customer: Customer, *, restaurant_id: str, order_id: str, life: timedelta, now: datetime
) -> tuple[HandOver, str]:
    """Vouch for this customer: what is kept, and the secret that signs whoever comes with it in as them, once, to see
    their orders at this restaurant. The shop of a restaurant can't open what the customer has elsewhere."""
    secret = new_secret()
    kept = HandOver(
        hash=hash_of(secret),
        application_id=application.id,
        restaurant_id=restaurant_id,
        customer_id=customer.id,
        order_id=order_id,
        created_at=now,
        ends_at=now + life,
    )
    return kept, secret


def hand_over_by_secret(session: Session, secret: str, *, now: datetime, to_use: bool) -> HandOver | None:
    """Whom this secret signs in, if it is still good; `to_use`: locked, so that of two who come at once one gets in."""
    good = select(HandOver).where(HandOver.hash == hash_of(secret), HandOver.used_at.is_(None), HandOver.ends_at > now)
    return session.scalars(good.with_for_update(of=HandOver) if to_use else good).one_or_none()


def end_hand_overs(session: Session, restaurant_id: str, *, customer_id: str | None = None, now: datetime) -> int:
    """From now on those of this restaurant, or of it those of this customer, sign nobody in; how many they were."""
    good = select(HandOver).where(
        HandOver.restaurant_id == restaurant_id, HandOver.used_at.is_(None), HandOver.ends_at > now
    )
    found = session.scalars(good if customer_id is None else good.where(HandOver.customer_id == customer_id)).all()
    for kept in found:
        kept.used_at = now
    return len(found)


def forget_old_hand_overs(session: Session, *, now: datetime) -> None:
    """Delete those that have been of no use to anybody for a day."""
    session.execute(delete(HandOver).where(HandOver.ends_at < now - _KEPT))
