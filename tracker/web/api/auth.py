"""Authentication of the API: a program with the restaurant's secret, or a signed-in member of its staff.

Every transaction looks the credentials up again, so that revoked credentials can change nothing more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from flask import g, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized

from tracker import clock
from tracker.accounts.model import Customer, Restaurant, Role
from tracker.accounts.staff_queries import restaurant_by_secret, staff_member_by_session
from tracker.accounts.tokens import hash_secret
from tracker.web.http.auth import current_customer
from tracker.web.http.services import services

PROGRAM = "API"
"""The actor's name, in the history of an order, of a program with the restaurant's secret."""
NOT_FOUND = "Not found, or it belongs to somebody else."

_BEARER = WWWAuthenticate("bearer", {"realm": "Tracker"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a request: a secret, or the session of a browser."""

    secret: str | None = field(repr=False)
    session_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated sender of a request, and the restaurant for which they may act."""

    restaurant: Restaurant
    actor_name: str
    is_owner: bool
    """True for owners among the staff, and for the secret, which only owners can see."""


def authenticate() -> None:
    """Check the credentials before the view runs: 401 if there are none, 404 for a restaurant that they don't open."""
    restaurant_id = (request.view_args or {}).get("restaurant_id")
    if restaurant_id is None:
        return
    g.credentials = _read_credentials()
    with services().database.read_session() as session:
        identify_caller(session, restaurant_id, now=clock.now())


def require_restaurant_secret() -> None:
    """Check the secret before a view whose URL names no restaurant: 401 without a valid one.

    The secret identifies the restaurant. A browser's session can't, because its person may work at several.
    """
    g.credentials = _bearer_credentials()
    with services().database.read_session() as session:
        authenticated_restaurant(session, now=clock.now())


def authenticated_restaurant(session: Session, *, now: datetime) -> Restaurant:
    """Return the restaurant of the request's secret, loaded in this session. Raise Unauthorized if there is none."""
    credentials: Credentials = g.credentials
    restaurant = restaurant_by_secret(session, credentials.secret or "", now=now)
    if restaurant is None:
        raise Unauthorized("This secret is not valid, or is no longer valid.", www_authenticate=_BEARER)
    return restaurant


def identify_caller(session: Session, restaurant_id: str, *, now: datetime) -> Caller:
    """Return the caller, with the restaurant loaded in this session so that it can be changed.

    Raise Unauthorized for a secret that is not valid, and NotFound if the credentials do not open this restaurant.
    """
    credentials: Credentials = g.credentials
    if credentials.secret is not None:
        restaurant = authenticated_restaurant(session, now=now)
        return Caller(restaurant, PROGRAM, is_owner=True) if restaurant.id == restaurant_id else _not_found()
    member = staff_member_by_session(session, credentials.session_hash or "", restaurant_id, now=now)
    if member is None:
        _not_found()
    person = session.get_one(Customer, member.customer_id)
    return Caller(member.restaurant, person.email or person.id, is_owner=member.role is Role.OWNER)


def _read_credentials() -> Credentials:
    if "Authorization" in request.headers:  # ignore the cookie, so that a wrong secret can't seem to be valid
        return _bearer_credentials()
    token = cookie.get("_user_id")
    if not (token and current_customer()):
        raise Unauthorized("Send a restaurant’s secret, or sign in as a member of its staff.", www_authenticate=_BEARER)
    return Credentials(None, hash_secret(token))


def _bearer_credentials() -> Credentials:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        raise Unauthorized(
            "The Authorization header must be “Bearer”, a space and a restaurant’s secret.", www_authenticate=_BEARER
        )
    return Credentials(authorization.token, None)


def _not_found() -> NoReturn:
    raise NotFound(NOT_FOUND)
