"""A restaurant's access tokens over the API: letting an application act for a customer, and taking that back."""

from datetime import datetime
from typing import TypedDict

from flask import Blueprint, Response
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import clock
from tracker.accounts.access_tokens import (
    NotGranted,
    access_tokens_of_restaurant,
    application_by_key,
    grant_access,
    revoke,
    revoke_access_tokens,
)
from tracker.accounts.model import AccessToken, Application, Customer, Restaurant, RestaurantCustomer, Scope
from tracker.accounts.sign_in_tickets import end_hand_overs, end_sessions_at_its_word
from tracker.orders.operations.share_links import let_onlookers_hear
from tracker.orders.refusals import NotPossible
from tracker.web.api.auth import NOT_THERE, calling_restaurant, let_program_in
from tracker.web.api.docs.operation import answer, nothing_more, operation
from tracker.web.api.parsing import body, query
from tracker.web.api.schemas.customer import customer_of_order, customer_said
from tracker.web.api.schemas.tokens import Grant, Granted, Revoked, Tokens, Which, WhichPage, granted, token_shown
from tracker.web.http.services import parts

PAGE = 100

blueprint = Blueprint("tokens", __name__, url_prefix="/access_tokens")
blueprint.before_request(let_program_in)


class _Asked(TypedDict):
    """Which of a restaurant's tokens, by our own ids; None: whichever."""

    order_id: str | None
    customer_id: str | None
    application_id: str | None


@blueprint.post("")
@operation("Make an access token", body=Grant, answers={201: Granted}, errors=(404,), by_secret_alone=True)
def grant() -> Response:
    """Let an application act for one of your customers: listen to their orders, or show how far one is.

    One for the widget (`status`) is of one order and one origin, lives for minutes, and may lie open in your page.
    """
    said, now = body(Grant), clock.now()

    def work(session: Session) -> Granted:
        restaurant = calling_restaurant(session, now=now)
        kept, token = _granted(session, restaurant, said, now)
        session.add(kept)
        session.flush()
        if said.order_id is not None and Scope.STATUS in said.scopes:
            let_onlookers_hear(session, said.order_id)
        return granted(kept, token)

    return answer(parts().database.write(work), 201)


@blueprint.get("")
@operation("List the access tokens", query=WhichPage, answers={200: Tokens}, by_secret_alone=True)
def list_tokens() -> Response:
    """Those that you have asked for and that are still valid, newest first, in pages."""
    which, now = query(WhichPage), clock.now()
    with parts().database.reading() as session:
        restaurant = calling_restaurant(session, now=now)
        asked = _asked(session, restaurant, which)
        found = (
            access_tokens_of_restaurant(session, restaurant.id, now=now, before=which.before, limit=PAGE + 1, **asked)
            if asked
            else []
        )
        shown = [token_shown(kept) for kept in found[:PAGE]]
        return answer(Tokens(access_tokens=shown, next=shown[-1].id if len(found) > PAGE else None))


@blueprint.delete("/<token_id>")
@operation("Revoke an access token", answers={204: None}, by_secret_alone=True)
def revoke_token(token_id: str) -> Response:
    """From now on it opens nothing. Who listens already is not interrupted, but can’t begin again."""
    now = clock.now()

    def work(session: Session) -> int:
        restaurant = calling_restaurant(session, now=now)
        return revoke(access_tokens_of_restaurant(session, restaurant.id, token_id=token_id, now=now), now=now)

    if not parts().database.write(work):
        raise NotFound(NOT_THERE)
    return nothing_more()


@blueprint.delete("")
@operation("Revoke all access tokens", query=Which, answers={200: Revoked}, by_secret_alone=True)
def revoke_tokens() -> Response:
    """All of yours at once, or all of one order, customer or application. With them end the one-time sign-in addresses
    that nobody has used yet and, of all or of one customer, the sessions of those who came by one."""
    which, now = query(Which), clock.now()

    def work(session: Session) -> Revoked:
        restaurant = calling_restaurant(session, now=now)
        asked = _asked(session, restaurant, which)
        if asked is None:
            return Revoked(access_tokens=0, sign_in_addresses=0, sessions=0)
        tokens = revoke_access_tokens(session, restaurant.id, now=now, **asked)
        ended = end_hand_overs(session, restaurant.id, now=now, **asked)
        sessions = 0
        if which.order_id is None and which.key is None:  # a session is of no order and of no application
            sessions = end_sessions_at_its_word(session, restaurant.id, customer_id=asked["customer_id"], now=now)
        return Revoked(access_tokens=tokens, sign_in_addresses=ended, sessions=sessions)

    return answer(parts().database.write(work))


def application_said(session: Session, key: str) -> Application:
    """The application with this key. NotPossible when there is none."""
    application = application_by_key(session, key)
    if application is None:
        raise NotPossible("There is no application with this key.")
    return application


def _granted(session: Session, restaurant: Restaurant, said: Grant, now: datetime) -> tuple[AccessToken, str]:
    application, customer = application_said(session, said.key), _customer(session, restaurant, said, now)
    try:
        return grant_access(
            application,
            customer,
            life=said.life,
            now=now,
            order_id=said.order_id,
            restaurant_id=restaurant.id,
            scopes=said.scopes,
            origin=said.origin,
        )
    except NotGranted as reason:
        raise NotPossible(str(reason)) from None


def _customer(session: Session, restaurant: Restaurant, said: Grant, now: datetime) -> Customer:
    if said.order_id is not None and said.customer is None:
        return customer_of_order(session, restaurant, said.order_id)
    if said.order_id is not None or said.customer is None:
        raise NotPossible("Say for whom it is: an order_id, or a customer, and not both.")
    if said.customer.id is None and said.customer.proven_email is None:
        raise NotPossible("Say who the customer is, by an id of yours, or by a verified e-mail address.")
    return customer_said(session, restaurant, said.customer, now=now)


def _asked(session: Session, restaurant: Restaurant, which: Which) -> _Asked | None:
    """Which they are by our own ids; nothing, if one of them is of somebody or something that we don't know."""
    application = application_by_key(session, which.key) if which.key is not None else None
    known = (restaurant.id, which.customer_id)
    customer = session.get(RestaurantCustomer, known) if which.customer_id is not None else None
    if (application is None and which.key is not None) or (customer is None and which.customer_id is not None):
        return None
    return {
        "order_id": which.order_id,
        "customer_id": customer.customer_id if customer else None,
        "application_id": application.id if application else None,
    }
