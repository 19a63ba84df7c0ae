"""A fixture for restaurants with staff."""

from datetime import datetime

from tracker.accounts.model import Restaurant, Role, StaffMember
from tracker.accounts.staff import add_staff_member
from tracker.database import Database


def let_work(database: Database, restaurant: Restaurant, email: str, role: Role, now: datetime) -> StaffMember:
    """Add a staff member to the restaurant."""
    with database.transaction() as session:
        return add_staff_member(session, session.merge(restaurant), email, role, now=now)
