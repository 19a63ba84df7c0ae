"""Issuing, listing and revoking a restaurant's access tokens over the API."""

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
from tracker.accounts.sign_in_tickets import end_shop_sessions, revoke_sign_in_tickets
from tracker.orders.operations.share_links import enable_status_channel
from tracker.orders.refusals import NotPossible
from tracker.web.api.auth import NOT_FOUND, authenticated_restaurant, require_restaurant_secret
from tracker.web.api.docs.operation import json_response, no_content, operation
from tracker.web.api.parsing import read_body, read_query
from tracker.web.api.schemas.customer import find_order_customer, resolve_requested_customer
from tracker.web.api.schemas.tokens import (
    AccessTokenRequest,
    NewTokenResponse,
    RevokedResponse,
    TokenFilter,
    TokenListResponse,
    TokenPageQuery,
    new_token_response,
    token_response,
)
from tracker.web.http.services import services

PAGE = 100

blueprint = Blueprint("tokens", __name__, url_prefix="/access_tokens")
blueprint.before_request(require_restaurant_secret)


class _ResolvedFilters(TypedDict):
    """A TokenFilter with our own ids. None means that this property is not filtered by."""

    order_id: str | None
    customer_id: str | None
    application_id: str | None


@blueprint.post("")
@operation(
    "Make an access token", body=AccessTokenRequest, responses={201: NewTokenResponse}, errors=(404,), secret_only=True
)
def grant() -> Response:
    """An access token lets an application listen to the orders of one of your customers, or show the status of one.

    A token for the widget (scope `status`) is for one order and one origin, and is valid for minutes, so that it may be
    readable in your page.
    """
    request_body, now = read_body(AccessTokenRequest), clock.now()

    def work(session: Session) -> NewTokenResponse:
        restaurant = authenticated_restaurant(session, now=now)
        access_token, token = _grant(session, restaurant, request_body, now)
        session.add(access_token)
        session.flush()
        if request_body.order_id is not None and Scope.STATUS in request_body.scopes:
            enable_status_channel(session, request_body.order_id)
        return new_token_response(access_token, token)

    return json_response(services().database.run_in_transaction(work), 201)


@blueprint.get("")
@operation("List the access tokens", query=TokenPageQuery, responses={200: TokenListResponse}, secret_only=True)
def list_tokens() -> Response:
    """The valid tokens that your restaurant has issued are listed in pages, newest first."""
    filters, now = read_query(TokenPageQuery), clock.now()
    with services().database.read_session() as session:
        restaurant = authenticated_restaurant(session, now=now)
        resolved = _resolve_filters(session, restaurant, filters)
        found = (
            access_tokens_of_restaurant(
                session, restaurant.id, now=now, before=filters.before, limit=PAGE + 1, **resolved
            )
            if resolved
            else []
        )
        page = [token_response(access_token) for access_token in found[:PAGE]]
        return json_response(TokenListResponse(access_tokens=page, next=page[-1].id if len(found) > PAGE else None))


@blueprint.delete("/<token_id>")
@operation("Revoke an access token", responses={204: None}, secret_only=True)
def revoke_token(token_id: str) -> Response:
    """The token gives no access any more. Existing subscriptions continue, but can’t be renewed with it."""
    now = clock.now()

    def work(session: Session) -> int:
        restaurant = authenticated_restaurant(session, now=now)
        return revoke(access_tokens_of_restaurant(session, restaurant.id, token_id=token_id, now=now), now=now)

    if not services().database.run_in_transaction(work):
        raise NotFound(NOT_FOUND)
    return no_content()


@blueprint.delete("")
@operation("Revoke all access tokens", query=TokenFilter, responses={200: RevokedResponse}, secret_only=True)
def revoke_tokens() -> Response:
    """Revoke all tokens that your restaurant has issued, or those of one order, customer or application. This also
    revokes the sign-in addresses that have not been used yet. Without a filter, or with `customer_id` only, it also
    ends the sessions of customers who signed in by such an address."""
    filters, now = read_query(TokenFilter), clock.now()

    def work(session: Session) -> RevokedResponse:
        restaurant = authenticated_restaurant(session, now=now)
        resolved = _resolve_filters(session, restaurant, filters)
        if resolved is None:
            return RevokedResponse(access_tokens=0, sign_in_addresses=0, sessions=0)
        tokens = revoke_access_tokens(session, restaurant.id, now=now, **resolved)
        ended = revoke_sign_in_tickets(session, restaurant.id, now=now, **resolved)
        sessions = 0
        if filters.order_id is None and filters.key is None:  # a session belongs to no order and no application
            sessions = end_shop_sessions(session, restaurant.id, customer_id=resolved["customer_id"], now=now)
        return RevokedResponse(access_tokens=tokens, sign_in_addresses=ended, sessions=sessions)

    return json_response(services().database.run_in_transaction(work))


def find_application(session: Session, key: str) -> Application:
    """Return the application with this API key. Raise NotPossible if there is none."""
    application = application_by_key(session, key)
    if application is None:
        raise NotPossible("There is no application with this key.")
    return application


def _grant(
    session: Session, restaurant: Restaurant, request_body: AccessTokenRequest, now: datetime
) -> tuple[AccessToken, str]:
    application, customer = (
        find_application(session, request_body.key),
        _customer(session, restaurant, request_body, now),
    )
    try:
        return grant_access(
            application,
            customer,
            lifetime=request_body.lifetime,
            now=now,
            order_id=request_body.order_id,
            restaurant_id=restaurant.id,
            scopes=request_body.scopes,
            origin=request_body.origin,
        )
    except NotGranted as reason:
        raise NotPossible(str(reason)) from None


def _customer(session: Session, restaurant: Restaurant, request_body: AccessTokenRequest, now: datetime) -> Customer:
    if request_body.order_id is not None and request_body.customer is None:
        return find_order_customer(session, restaurant, request_body.order_id)
    if request_body.order_id is not None or request_body.customer is None:
        raise NotPossible("Send either an order_id or a customer, and not both.")
    if request_body.customer.id is None and request_body.customer.proven_email is None:
        raise NotPossible("Identify the customer by your shop’s id or by a verified e-mail address.")
    return resolve_requested_customer(session, restaurant, request_body.customer, now=now)


def _resolve_filters(session: Session, restaurant: Restaurant, filters: TokenFilter) -> _ResolvedFilters | None:
    """Return the filter with our own ids, or None if it names a customer or application that does not exist."""
    application = application_by_key(session, filters.key) if filters.key is not None else None
    shop_customer = (restaurant.id, filters.customer_id)
    customer = session.get(RestaurantCustomer, shop_customer) if filters.customer_id is not None else None
    if (application is None and filters.key is not None) or (customer is None and filters.customer_id is not None):
        return None
    return {
        "order_id": filters.order_id,
        "customer_id": customer.customer_id if customer else None,
        "application_id": application.id if application else None,
    }
