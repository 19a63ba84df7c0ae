"""The customer's own door: their orders, and one order live. Somebody else's order is one that does not exist."""

from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.tokens import OWN_KEY, PAGE_TOKEN_LIFE, page_token
from tracker.ids import is_id
from tracker.orders.model import Order
from tracker.orders.reading import order_of_customer, orders_of_customer
from tracker.web import htmx
from tracker.web.assets import assets_hash
from tracker.web.order_list import OrderList, read_cursor
from tracker.web.order_page import OrderPage
from tracker.web.parts import parts
from tracker.web.visitor import SignedIn, signed_in

blueprint = Blueprint("customer", __name__)
blueprint.record_once(lambda setup: htmx.init(setup.app))

PAGE_SIZE = 20


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """There is no other way in than one's own orders."""
    return redirect(url_for("customer.orders"), 303)


@blueprint.get("/orders")
def orders() -> Response:
    """The customer's orders, newest first."""
    found = _list_of(signed_in(), now := clock.now())
    return _private(render_template("customer/orders.html", list=found, etag=_etag_of(found), now=now))


@blueprint.get("/orders/live")
def live_list() -> Response:
    """The list alone, for the page that shows it already."""
    found = _list_of(signed_in(), clock.now())
    return htmx.answer(_etag_of(found), "customer/_orders.html", list=found)


@blueprint.get("/orders/<order_id>")
def order(order_id: str) -> Response:
    """One order, live."""
    visitor = signed_in()
    page = OrderPage(_order_of(visitor, order_id), now := clock.now())
    live = {"token": _token(visitor, order_id), "key": OWN_KEY, "etag": _etag_of(page), "now": now}
    return _private(render_template("customer/order.html", page=page, writing=page.writing, **live))


@blueprint.get("/orders/<order_id>/live")
def live(order_id: str) -> Response:
    """The order's live region alone, for the page that shows it already."""
    page = OrderPage(_order_of(signed_in(), order_id), clock.now())
    return htmx.answer(_etag_of(page), "customer/_live.html", page=page, writing=page.writing)


@blueprint.get("/orders/<order_id>/token")
def token(order_id: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    visitor = signed_in()
    _order_of(visitor, order_id)
    return _private(jsonify(_token(visitor, order_id)))


def _order_of(visitor: SignedIn, order_id: str) -> Order:
    if not is_id(order_id):
        abort(404)
    with parts().database.reading() as session:
        return order_of_customer(session, visitor.customer.id, order_id) or abort(404)


def _list_of(visitor: SignedIn, now: datetime) -> OrderList:
    before = request.args.get("before")
    cursor = read_cursor(before) if before else None
    if before and not cursor:
        abort(404)
    with parts().database.reading() as session:
        found = orders_of_customer(session, visitor.customer.id, before=cursor, limit=PAGE_SIZE + 1)
        return OrderList(found, now, size=PAGE_SIZE)


def _etag_of(shown: OrderPage | OrderList) -> str:
    return htmx.etag_of((assets_hash(), *shown.looks_like))


def _token(visitor: SignedIn, order_id: str) -> dict[str, str | int]:
    key = parts().settings.secret_key.get_secret_value()
    made = page_token(key, visitor.session_hash, order_id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFE.total_seconds())}


def _private(answer: str | Response) -> Response:
    response = make_response(answer)
    response.headers["Cache-Control"] = "private, no-store"
    return response
