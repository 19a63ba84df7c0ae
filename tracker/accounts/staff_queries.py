"""Finding who works at a restaurant, and the restaurant that a secret opens. Finding is permission."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from tracker.accounts.model import Customer, CustomerSession, Restaurant, RestaurantSecret, Role, StaffMember
from tracker.accounts.tokens import hash_secret
from tracker.ids import is_id


def staff_member_by_session(
    session: Session, session_hash: str, restaurant_id: str, *, now: datetime
) -> StaffMember | None:
    """Whose session this is, with the restaurant, if it has not ended and they work at this restaurant.

    A session that some restaurant's shop has vouched for opens no restaurant.
    """
    if not is_id(restaurant_id):
        return None  # PostgreSQL takes no zero byte, not even in a question
    theirs = select(StaffMember).join(CustomerSession, CustomerSession.customer_id == StaffMember.customer_id)
    is_open = (
        CustomerSession.hash == session_hash,
        CustomerSession.restaurant_id.is_(None),
        CustomerSession.ended_at.is_(None),
        CustomerSession.ends_at > now,
    )
    return session.scalars(theirs.where(StaffMember.restaurant_id == restaurant_id, *is_open)).one_or_none()


def staff_memberships_of(session: Session, customer_id: str) -> Sequence[StaffMember]:
    """Everywhere that this person works, with the restaurants, by their names."""
    theirs = select(StaffMember).join(Restaurant).where(StaffMember.customer_id == customer_id)
    return session.scalars(theirs.order_by(Restaurant.name, Restaurant.id)).all()


def staff_of_restaurant(session: Session, restaurant_id: str) -> list[tuple[StaffMember, Customer]]:
    """Everybody who works at this restaurant, owners first, by their addresses."""
    there = select(StaffMember, Customer).join(Customer, Customer.id == StaffMember.customer_id)
    found = session.execute(there.where(StaffMember.restaurant_id == restaurant_id)).all()
    everybody = [(member, person) for member, person in found]
    return sorted(everybody, key=lambda each: (each[0].role is not Role.OWNER, each[1].email or "", each[1].id))


def restaurant_by_secret(session: Session, secret: str, *, now: datetime) -> Restaurant | None:
    """The restaurant whose API secret this is, if it has not ended.

    It is looked up by its hash: how long that takes says something of the hash of a guess, and nothing of a secret.
    """
    conditions = select(Restaurant).join(RestaurantSecret, RestaurantSecret.restaurant_id == Restaurant.id)
    return session.scalars(conditions.where(RestaurantSecret.hash == hash_secret(secret), is_valid(now))).one_or_none()


def is_valid(now: datetime) -> ColumnElement[bool]:
    """What a statement asks of a restaurant's secret: that it has not ended."""
    return or_(RestaurantSecret.ends_at.is_(None), RestaurantSecret.ends_at > now)
