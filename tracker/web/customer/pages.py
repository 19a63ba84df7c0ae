"""Routes of the customer's pages: the list of orders and one order. Orders of other customers are 404."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.orders.queries.finders import list_orders_for_customer
from tracker.web.customer import actions
from tracker.web.customer.list_view import OrderList, parse_cursor
from tracker.web.customer.rendering import etag_of, listening_token, live_region, whole_page
from tracker.web.http import htmx
from tracker.web.http.auth import SignedInCustomer, require_customer
from tracker.web.http.responses import private
from tracker.web.http.services import services

blueprint = Blueprint("customer", __name__)
blueprint.record_once(lambda setup: htmx.init(setup.app))
blueprint.register_blueprint(actions.blueprint)

PAGE_SIZE = 20


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Redirect to the list of orders, which is the front page."""
    return redirect(url_for("customer.orders"), 303)


@blueprint.get("/orders")
def orders() -> Response:
    """Show the customer's orders, newest first."""
    order_list = _list_of(require_customer())
    etag = etag_of(order_list)
    return private(render_template("customer/orders.html", list=order_list, etag=etag, now=clock.now()))


@blueprint.get("/orders/live")
def live_list() -> Response:
    """Return the list's region for a page that is open already, or 304 if it has not changed."""
    order_list = _list_of(require_customer())
    etag = etag_of(order_list)
    return htmx.fragment_response(etag, lambda: render_template("customer/_orders.html", list=order_list, etag=etag))


@blueprint.get("/orders/<order_id>")
def order(order_id: str) -> Response:
    """Show one order with live updates."""
    return whole_page(order_id)


@blueprint.get("/orders/<order_id>/live")
def live(order_id: str) -> Response:
    """Return the order's live region for a page that is open already, or 304 if it has not changed."""
    return live_region(order_id)


@blueprint.get("/orders/<order_id>/token")
def token(order_id: str) -> Response:
    """Return a new access token for the page, which asks for it before the last one expires."""
    return listening_token(order_id)


def _list_of(visitor: SignedInCustomer) -> OrderList:
    before = request.args.get("before")
    cursor = parse_cursor(before) if before else None
    if before and not cursor:
        abort(404)
    with services().database.read_session() as session:
        orders = list_orders_for_customer(
            session,
            visitor.customer_id,
            only_restaurant_id=visitor.only_restaurant_id,
            before=cursor,
            limit=PAGE_SIZE + 1,
        )
        return OrderList(orders, clock.now(), size=PAGE_SIZE)
