"""A restaurant for which somebody works, in a few words."""

from datetime import datetime

from tracker.accounts.model import Restaurant, Role, StaffMember
from tracker.accounts.staff import add_staff_member
from tracker.database import Database


def let_work(database: Database, restaurant: Restaurant, email: str, role: Role, now: datetime) -> StaffMember:
    """Somebody more works there."""
    with database.transaction() as session:
        return add_staff_member(session, session.merge(restaurant), email, role, now=now)
