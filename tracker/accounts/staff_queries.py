"""Queries for staff members and for the restaurant of a secret. A finder takes a proof and finds what it opens."""

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
    """Return the staff member of this restaurant whose session this is, with the restaurant.

    Return None if the session has ended or its customer does not work there. A session that a restaurant's shop has
    vouched for is not enough for the console.
    """
    if not is_id(restaurant_id):
        return None  # PostgreSQL raises an error for a zero byte in a parameter
    members = select(StaffMember).join(CustomerSession, CustomerSession.customer_id == StaffMember.customer_id)
    is_open = (
        CustomerSession.hash == session_hash,
        CustomerSession.restaurant_id.is_(None),
        CustomerSession.ended_at.is_(None),
        CustomerSession.ends_at > now,
    )
    return session.scalars(members.where(StaffMember.restaurant_id == restaurant_id, *is_open)).one_or_none()


def staff_memberships_of(session: Session, customer_id: str) -> Sequence[StaffMember]:
    """Return the memberships of this person at all restaurants, sorted by the restaurants' names."""
    memberships = select(StaffMember).join(Restaurant).where(StaffMember.customer_id == customer_id)
    return session.scalars(memberships.order_by(Restaurant.name, Restaurant.id)).all()


def staff_of_restaurant(session: Session, restaurant_id: str) -> list[tuple[StaffMember, Customer]]:
    """Return the staff members of this restaurant and their persons, owners first, sorted by address."""
    members = select(StaffMember, Customer).join(Customer, Customer.id == StaffMember.customer_id)
    rows = session.execute(members.where(StaffMember.restaurant_id == restaurant_id)).all()
    staff = [(member, person) for member, person in rows]
    return sorted(staff, key=lambda pair: (pair[0].role is not Role.OWNER, pair[1].email or "", pair[1].id))


def restaurant_by_secret(session: Session, secret: str, *, now: datetime) -> Restaurant | None:
    """Return the restaurant whose valid API secret this is. Return None if there is none.

    The secret is looked up by its hash, so that the time of the lookup reveals nothing about a secret.
    """
    conditions = select(Restaurant).join(RestaurantSecret, RestaurantSecret.restaurant_id == Restaurant.id)
    return session.scalars(conditions.where(RestaurantSecret.hash == hash_secret(secret), is_valid(now))).one_or_none()


def is_valid(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a restaurant's secret has not ended."""
    return or_(RestaurantSecret.ends_at.is_(None), RestaurantSecret.ends_at > now)
