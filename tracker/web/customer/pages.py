"""The customer's own door: their orders, and one order live. Somebody else's order is one that does not exist."""

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
    """There is no other way in than one's own orders."""
    return redirect(url_for("customer.orders"), 303)


@blueprint.get("/orders")
def orders() -> Response:
    """The customer's orders, newest first."""
    found = _list_of(require_customer())
    return private(render_template("customer/orders.html", list=found, etag=etag_of(found), now=clock.now()))


@blueprint.get("/orders/live")
def live_list() -> Response:
    """The list alone, for the page that shows it already."""
    etag = etag_of(found := _list_of(require_customer()))
    return htmx.fragment_response(etag, lambda: render_template("customer/_orders.html", list=found, etag=etag))


@blueprint.get("/orders/<order_id>")
def order(order_id: str) -> Response:
    """One order, live."""
    return whole_page(order_id)


@blueprint.get("/orders/<order_id>/live")
def live(order_id: str) -> Response:
    """The order's live region alone, for the page that shows it already."""
    return live_region(order_id)


@blueprint.get("/orders/<order_id>/token")
def token(order_id: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    return listening_token(order_id)


def _list_of(visitor: SignedInCustomer) -> OrderList:
    before = request.args.get("before")
    cursor = parse_cursor(before) if before else None
    if before and not cursor:
        abort(404)
    with services().database.read_session() as session:
        found = list_orders_for_customer(
            session,
            visitor.customer_id,
            only_restaurant_id=visitor.only_restaurant_id,
            before=cursor,
            limit=PAGE_SIZE + 1,
        )
        return OrderList(found, clock.now(), size=PAGE_SIZE)
