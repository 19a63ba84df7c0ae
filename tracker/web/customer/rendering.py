"""How their order is shown to a customer: as a whole page, or as the live region of one that is open already."""

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
    """The order's page, as the order is now. On top of it the refusal of what was just tried, if there is one."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        page = OrderPage(_find_order(find_viewed_order, transaction, order_id, now), now)
        etag = etag_of(page)
        region = _region_with(page, etag, transaction, refusal)
    live = {"token": _token(order_id), "key": PAGES_KEY, "region": region, "now": now}
    return private(render_template("customer/order.html", page=page, formatter=page.formatter, **live))


def live_region(order_id: str) -> Response:
    """The order's live region alone; most often it is as the page that asks shows it."""
    now = clock.now()
    with services().database.autocommit_connection() as connection:
        glimpse = OrderPage(_find_order(find_order_version, connection, order_id, now), now)
    if htmx.matches_etag(etag := etag_of(glimpse)):
        return htmx.not_modified(etag)
    return region_after(order_id)


def region_after(order_id: str, refusal: Refusal | None = None) -> Response:
    """The order's live region after something was done or, with a refusal, tried: the answer to a form of the page."""
    now = clock.now()
    with services().database.read_connection() as transaction:
        page = OrderPage(_find_order(find_viewed_order, transaction, order_id, now), now)
        etag = etag_of(page)
        return htmx.fragment_response(etag, lambda: _region_with(page, etag, transaction, refusal))


def listening_token(order_id: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    with services().database.autocommit_connection() as connection:
        _find_order(find_order_version, connection, order_id, clock.now())
    return private(jsonify(_token(order_id)))


def etag_of(shown: OrderPage | OrderList) -> str:
    """The ETag of a region as it is shown now, by the style and the scripts of now."""
    return htmx.etag_of((assets_hash(), *shown.view_key))


def _find_order(
    finder: Callable[..., ViewedOrder | None], connection: Connection, order_id: str, now: datetime
) -> Order:
    """The order that the finder finds for who is looking, who is then known."""
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

    if refusal:  # is for who has just tried something, and not for the next who sees the same order
        return Markup(render())  # noqa: S704  a template's own output
    return htmx.fragment_cache().get(etag, render)


def _token(order_id: str) -> dict[str, str | int]:
    key = services().settings.signing_key
    made = make_page_token(key, current_session_hash(), order_id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFETIME.total_seconds())}
