"""Who works at a restaurant, and as what: taking somebody in, changing their role, and letting them go."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.customer_identity import find_or_create_customer
from tracker.accounts.email_addresses import normalise_email
from tracker.accounts.model import Restaurant, Role, StaffMember
from tracker.database import advisory_lock


class StaffError(Exception):
    """The restaurant's staff can't be changed like this; nothing was. The text says why, to whoever tried."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class LastOwnerError(StaffError):
    """Nobody would be left who may say who works there."""


class AlreadyStaffError(StaffError):
    """They work there already, as something else."""


class NotStaffError(StaffError):
    """They don't work there, or no longer."""


def add_staff_member(session: Session, restaurant: Restaurant, email: str, role: Role, *, now: datetime) -> StaffMember:
    """Let whoever has this address work at the restaurant; they need not have ordered anything, anywhere.

    Raises InvalidEmailAddress, or AlreadyStaffError if they have another role there. To be added again as the same
    changes nothing.
    """
    address = normalise_email(email)
    _lock_staff(session, restaurant.id)
    customer = find_or_create_customer(session, address, name=None, now=now)
    known = _member(session, restaurant.id, customer.id)
    if known is not None and known.role is not role:
        raise AlreadyStaffError(f"{address} works there already, as {known.role}. Change their role instead.")
    if known is not None:
        return known

    member = StaffMember(restaurant_id=restaurant.id, customer_id=customer.id, role=role, created_at=now)
    member.restaurant = restaurant
    session.add(member)
    return member


def change_role(session: Session, member: StaffMember, role: Role) -> StaffMember:
    """Make somebody an owner, or an owner one of the staff. Raises LastOwnerError, or NotStaffError if they have left
    since."""
    member = _refresh_member(session, member)
    if role is not Role.OWNER:
        _check_not_last_owner(session, member)

    member.role = role
    return member


def remove_staff_member(session: Session, member: StaffMember) -> None:
    """From now on they may do nothing there. Raises LastOwnerError, or NotStaffError if they have left since."""
    member = _refresh_member(session, member)
    _check_not_last_owner(session, member)

    session.delete(member)
    session.flush()


def _lock_staff(session: Session, restaurant_id: str) -> None:
    """Two owners who let each other go at the same moment would leave nobody."""
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
