"""The staff of a restaurant: adding and removing members, and changing their roles."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.customer_identity import find_or_create_customer
from tracker.accounts.email_addresses import normalise_email
from tracker.accounts.model import Restaurant, Role, StaffMember
from tracker.database import advisory_lock


class StaffError(Exception):
    """The restaurant's staff can't be changed in this way; nothing was changed. `sentence` says why, for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class LastOwnerError(StaffError):
    """The restaurant would have no owner, and nobody could manage its staff any longer."""


class AlreadyStaffError(StaffError):
    """The person works at the restaurant already, with another role."""


class NotStaffError(StaffError):
    """The person does not work at the restaurant, or no longer."""


def add_staff_member(session: Session, restaurant: Restaurant, email: str, role: Role, *, now: datetime) -> StaffMember:
    """Make the person with this address a staff member of the restaurant and return the member.

    The person need not be a customer yet. If they have the same role there already, nothing is changed. Raises
    InvalidEmailAddress, or AlreadyStaffError if they have another role there.
    """
    address = normalise_email(email)
    _lock_staff(session, restaurant.id)
    customer = find_or_create_customer(session, address, name=None, now=now)
    current = _member(session, restaurant.id, customer.id)
    if current is not None and current.role is not role:
        raise AlreadyStaffError(f"{address} works there already, as {current.role}. Change their role instead.")
    if current is not None:
        return current

    member = StaffMember(restaurant_id=restaurant.id, customer_id=customer.id, role=role, created_at=now)
    member.restaurant = restaurant
    session.add(member)
    return member


def change_role(session: Session, member: StaffMember, role: Role) -> StaffMember:
    """Change the role of a member and return the member as it is now.

    Raises LastOwnerError, or NotStaffError if the member has been removed meanwhile.
    """
    member = _refresh_member(session, member)
    if role is not Role.OWNER:
        _check_not_last_owner(session, member)

    member.role = role
    return member


def remove_staff_member(session: Session, member: StaffMember) -> None:
    """Remove a member. Raises LastOwnerError, or NotStaffError if the member has been removed meanwhile."""
    member = _refresh_member(session, member)
    _check_not_last_owner(session, member)

    session.delete(member)
    session.flush()


def _lock_staff(session: Session, restaurant_id: str) -> None:
    """Serialise changes of a restaurant's staff; otherwise two owners who remove each other would leave no owner."""
    advisory_lock(session, f"staff of {restaurant_id}")


def _refresh_member(session: Session, member: StaffMember) -> StaffMember:
    _lock_staff(session, member.restaurant_id)
    current = _member(session, member.restaurant_id, member.customer_id)
    if current is None:
        raise NotStaffError("They don't work there, or no longer.")
    return current


def _member(session: Session, restaurant_id: str, customer_id: str) -> StaffMember | None:
    member = select(StaffMember).where(
        StaffMember.restaurant_id == restaurant_id, StaffMember.customer_id == customer_id
    )
    return session.scalars(member.execution_options(populate_existing=True)).one_or_none()


def _check_not_last_owner(session: Session, member: StaffMember) -> None:
    owners = select(StaffMember.customer_id).where(
        StaffMember.restaurant_id == member.restaurant_id, StaffMember.role == Role.OWNER
    )
    if session.scalars(owners).all() == [member.customer_id]:
        raise LastOwnerError("This is the restaurant's last owner. Make somebody else an owner first.")
