"""Authorisation of the console: the restaurant's staff and owners, and the tokens with which their pages listen.

Visitors who do not work at a restaurant get the same 404 as for a restaurant that does not exist.
"""

from datetime import datetime

from flask import abort
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.model import Role, StaffMember
from tracker.accounts.staff_queries import staff_member_by_session
from tracker.accounts.tokens import PAGE_TOKEN_LIFETIME, make_console_token
from tracker.web.http.auth import current_session_hash, require_customer
from tracker.web.http.services import services


def staff_member(session: Session, restaurant_id: str, now: datetime) -> StaffMember:
    """Return the signed-in visitor as a staff member of this restaurant; abort with 404 if they do not work there.

    A visitor who is not signed in is redirected to the sign-in page, which leads back.
    """
    member = staff_member_by_session(session, require_customer().session_hash, restaurant_id, now=now)
    if member is None:
        abort(404)
    return member


def owner(session: Session, restaurant_id: str, now: datetime) -> StaffMember:
    """Return the signed-in visitor as an owner of this restaurant; abort with 404 if they are not an owner."""
    member = staff_member(session, restaurant_id, now)
    if member.role is not Role.OWNER:
        abort(404)
    return member


def listening_token_of(restaurant_id: str) -> dict[str, str | int]:
    """Return the token with which a page of this restaurant's console listens, and its lifetime in seconds."""
    key = services().settings.signing_key
    token = make_console_token(key, current_session_hash(), restaurant_id, now=clock.now())
    return {"access_token": token, "expires_in": int(PAGE_TOKEN_LIFETIME.total_seconds())}
