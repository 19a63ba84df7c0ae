"""The customer's own door: their orders, and one order live. Somebody else's order is one that does not exist."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import Connection

from tracker import clock
from tracker.accounts.tokens import OWN_KEY, PAGE_TOKEN_LIFE, page_token
from tracker.ids import is_id
from tracker.orders.model import Order
from tracker.orders.reading import orders_of_customer
from tracker.orders.seeing import Looked, glance_at_order, look_at_order, look_closer
from tracker.web import htmx
from tracker.web.assets import assets_hash
from tracker.web.order_list import OrderList, read_cursor
from tracker.web.order_page import OrderPage
from tracker.web.parts import parts
from tracker.web.visitor import SignedIn, ask_to_sign_in_first, proof_of_session, recognise, signed_in

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
    etag = _etag_of(found := _list_of(signed_in(), clock.now()))
    return htmx.answer(etag, lambda: render_template("customer/_orders.html", list=found, etag=etag))


@blueprint.get("/orders/<order_id>")
def order(order_id: str) -> Response:
    """One order, live."""
    now = clock.now()
    with parts().database.looking() as transaction:
        page = OrderPage(_found(look_at_order, transaction, order_id, now), now)
        etag = _etag_of(page)
        region = _region(page, etag, transaction)
    live = {"token": _token(order_id), "key": OWN_KEY, "region": region, "now": now}
    return _private(render_template("customer/order.html", page=page, writing=page.writing, **live))


@blueprint.get("/orders/<order_id>/live")
def live(order_id: str) -> Response:
    """The order's live region alone, for the page that shows it already; most often it is as they know it."""
    now = clock.now()
    with parts().database.glancing() as connection:
        glimpse = OrderPage(_found(glance_at_order, connection, order_id, now), now)
    if htmx.is_known(etag := _etag_of(glimpse)):
        return htmx.unchanged(etag)
    with parts().database.looking() as transaction:
        page = OrderPage(_found(look_at_order, transaction, order_id, now), now)
        etag = _etag_of(page)
        return htmx.answer(etag, lambda: _region(page, etag, transaction))


@blueprint.get("/orders/<order_id>/token")
def token(order_id: str) -> Response:
    """Another token for the page to listen with, before its last one ends."""
    with parts().database.glancing() as connection:
        _found(glance_at_order, connection, order_id, clock.now())
    return _private(jsonify(_token(order_id)))


def _found(finder: Callable[..., Looked | None], connection: Connection, order_id: str, now: datetime) -> Order:
    """The order that the finder finds for who is looking, who is then known."""
    if not is_id(order_id):
        signed_in()
        abort(404)
    looked = finder(connection, proof_of_session(), order_id, now=now) or ask_to_sign_in_first()
    recognise(looked.customer_id, looked.known_as)
    return looked.order or abort(404)


def _region(page: OrderPage, etag: str, transaction: Connection) -> Markup:
    def render() -> str:
        look_closer(transaction, page.order)
        return render_template("customer/_live.html", page=page, writing=page.writing, etag=etag)

    return htmx.kept_regions().get(etag, render)


def _list_of(visitor: SignedIn, now: datetime) -> OrderList:
    before = request.args.get("before")
    cursor = read_cursor(before) if before else None
    if before and not cursor:
        abort(404)
    with parts().database.reading() as session:
        found = orders_of_customer(session, visitor.customer_id, before=cursor, limit=PAGE_SIZE + 1)
        return OrderList(found, now, size=PAGE_SIZE)


def _etag_of(shown: OrderPage | OrderList) -> str:
    return htmx.etag_of((assets_hash(), *shown.looks_like))


def _token(order_id: str) -> dict[str, str | int]:
    key = parts().settings.secret_key.get_secret_value()
    made = page_token(key, proof_of_session(), order_id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFE.total_seconds())}


def _private(answer: str | Response) -> Response:
    response = make_response(answer)
    response.headers["Cache-Control"] = "private, no-store"
    return response
