"""Who asks the restaurant's API: a program with the restaurant's secret, or a signed-in member of its staff.

The proof is looked up with every transaction that uses it, so that what was let go may do nothing more.
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
"""What the history of an order calls whoever came with the restaurant's secret."""
NOT_FOUND = "Not found, or it belongs to somebody else."

_BEARER = WWWAuthenticate("bearer", {"realm": "Tracker"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What came along with a request: a secret, or the session of a browser."""

    secret: str | None = field(repr=False)
    session_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for which restaurant they may act."""

    restaurant: Restaurant
    actor_name: str
    is_owner: bool
    """Of its staff the owners; and the secret, which only an owner has."""


def authenticate() -> None:
    """Before a request for a restaurant is looked at any closer: 401 without proof, 404 for what it doesn't open."""
    restaurant_id = (request.view_args or {}).get("restaurant_id")
    if restaurant_id is None:
        return
    g.credentials = _read_credentials()
    with services().database.read_session() as session:
        identify_caller(session, restaurant_id, now=clock.now())


def require_restaurant_secret() -> None:
    """Before a request that names no restaurant: 401 without a secret, which alone says whose it is. A browser's
    session won't do, for its person may work at several."""
    g.credentials = _bearer_credentials()
    with services().database.read_session() as session:
        authenticated_restaurant(session, now=clock.now())


def authenticated_restaurant(session: Session, *, now: datetime) -> Restaurant:
    """The restaurant whose secret came along, of this session."""
    credentials: Credentials = g.credentials
    restaurant = restaurant_by_secret(session, credentials.secret or "", now=now)
    if restaurant is None:
        raise Unauthorized("This is not the secret of a restaurant, or no longer.", www_authenticate=_BEARER)
    return restaurant


def identify_caller(session: Session, restaurant_id: str, *, now: datetime) -> Caller:
    """Who asks, if what they brought opens this restaurant; the restaurant is of this session, to be changed by it."""
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
    if "Authorization" in request.headers:  # then the cookie counts nothing, else a wrong secret could seem to be right
        return _bearer_credentials()
    token = cookie.get("_user_id")
    if not (token and current_customer()):
        raise Unauthorized("Send a restaurant’s secret, or sign in as its staff.", www_authenticate=_BEARER)
    return Credentials(None, hash_secret(token))


def _bearer_credentials() -> Credentials:
    asked = request.authorization
    if asked is None or asked.type != "bearer" or not asked.token:
        raise Unauthorized("Authorization must be Bearer and a restaurant’s secret.", www_authenticate=_BEARER)
    return Credentials(asked.token, None)


def _not_found() -> NoReturn:
    raise NotFound(NOT_FOUND)
