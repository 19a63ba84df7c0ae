"""Rendering an order for its customer, as a whole page or as the live region of an open page."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, abort, jsonify, render_template
from markupsafe import Markup
from sqlalchemy import Connection

from tracker import clock
from tracker.accounts.tokens import PAGE_TOKEN_LIFETIME, PAGES_KEY, make_page_token
from tracker.ids import is_id
from tracker.orders.model import Order
from tracker.orders.queries.viewed_order import ViewedOrder, find_order_version, find_viewed_order, load_details
from tracker.orders.refusals import Refusal
from tracker.web.customer.list_view import OrderList
from tracker.web.customer.order_view import OrderPage
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.auth import current_session_hash, redirect_to_sign_in, require_customer, set_current_user
from tracker.web.http.responses import private
from tracker.web.http.services import services


def whole_page(order_id: str, refusal: Refusal | None = None) -> Response:
    """Return the order's page, with the refusal of the operation just tried on top, if there is one."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        page = OrderPage(_find_order(find_viewed_order, transaction, order_id, now), now)
        etag = etag_of(page)
        region = _region_with(page, etag, transaction, refusal)
    live = {"token": _token(order_id), "key": PAGES_KEY, "region": region, "now": now}
    return private(render_template("customer/order.html", page=page, formatter=page.formatter, **live))


def live_region(order_id: str) -> Response:
    """Return the order's live region, or 304.

    The ETag is compared before details are loaded, because most often the page already shows the current region.
    """
    now = clock.now()
    with services().database.autocommit_connection() as connection:
        page = OrderPage(_find_order(find_order_version, connection, order_id, now), now)
    etag = etag_of(page)
    if htmx.matches_etag(etag):
        return htmx.not_modified(etag)
    return region_after(order_id)


def region_after(order_id: str, refusal: Refusal | None = None) -> Response:
    """Return the order's live region as response to a form, with the refusal on top if there is one."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        page = OrderPage(_find_order(find_viewed_order, transaction, order_id, now), now)
        etag = etag_of(page)
        return htmx.fragment_response(etag, lambda: _region_with(page, etag, transaction, refusal))


def listening_token(order_id: str) -> Response:
    """Return a new access token for the page, after checking that the visitor may see the order."""
    with services().database.autocommit_connection() as connection:
        _find_order(find_order_version, connection, order_id, clock.now())
    return private(jsonify(_token(order_id)))


def etag_of(view: OrderPage | OrderList) -> str:
    """Return the ETag of a region. It contains the hash of the assets, so it also changes with a new version."""
    return htmx.etag_of((assets_hash(), *view.view_key))


def _find_order(
    finder: Callable[..., ViewedOrder | None], connection: Connection, order_id: str, now: datetime
) -> Order:
    """Return the order that the finder finds for the visitor's session, and set the current user from its result.

    End the request with 404 without an order, and as redirect_to_sign_in() does without a valid session.
    """
    if not is_id(order_id):
        require_customer()
        abort(404)
    viewed = finder(connection, current_session_hash(), order_id, now=now) or redirect_to_sign_in()
    set_current_user(viewed.customer_id, viewed.actor_name, viewed.only_restaurant_id)
    return viewed.order or abort(404)


def _region_with(page: OrderPage, etag: str, transaction: Connection, refusal: Refusal | None) -> Markup:
    def render() -> str:
        load_details(transaction, page.order)
        page.refusal = refusal
        return render_template("customer/_live.html", page=page, formatter=page.formatter, etag=etag)

    if refusal:  # never cached: it is for this request only, not for the next visitor who sees the same order
        return Markup(render())  # noqa: S704  a template's own output
    return htmx.fragment_cache().get(etag, render)


def _token(order_id: str) -> dict[str, str | int]:
    key = services().settings.signing_key
    access_token = make_page_token(key, current_session_hash(), order_id, now=clock.now())
    return {"access_token": access_token, "expires_in": int(PAGE_TOKEN_LIFETIME.total_seconds())}
