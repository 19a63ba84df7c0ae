"""Rendering of the console's board and orders: as whole pages, and as live regions of pages that are open."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.model import Restaurant, StaffMember
from tracker.accounts.tokens import PAGES_KEY
from tracker.orders.queries.board import find_board_versions, load_board_orders, load_order_for_restaurant
from tracker.orders.refusals import Refusal
from tracker.web.console.auth import listening_token_of, staff_member
from tracker.web.console.board_view import Board, view_key
from tracker.web.console.order_view import ConsoleOrder, order_view_key
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.responses import private
from tracker.web.http.services import services
from tracker.web.order.formatting import Formatter


@dataclass(frozen=True, slots=True)
class Region:
    """The live region of a console page, its ETag, and the title of the tab."""

    html: Markup
    etag: str
    title: str


def response_after(restaurant_id: str, order_id: str, refusal: Refusal | None) -> ResponseReturnValue:
    """Return the response after an operation: the page, or its live region, on which the button was pressed.

    If the operation was refused, the response contains the refusal.
    """
    is_on_board = request.form.get("from") == "board"
    if "HX-Request" in request.headers:
        return _region_after(restaurant_id, None if is_on_board else order_id, refusal)
    if refusal:
        return order_page(restaurant_id, order_id, refusal)
    if is_on_board:
        return redirect(url_for("console.board", restaurant_id=restaurant_id, _anchor=f"order-{order_id}"), 303)
    return redirect(url_for("console.order", restaurant_id=restaurant_id, order_id=order_id), 303)


def board_region(session: Session, restaurant: Restaurant, now: datetime) -> Region:
    """Return the live region of the restaurant's board."""
    versions = find_board_versions(session, restaurant.id, now=now)
    etag = htmx.etag_of((assets_hash(), *view_key(restaurant, versions, now)))
    board = Board(restaurant, load_board_orders(session, versions), now)
    return Region(render_board(board, etag), etag, board.title)


def order_region(session: Session, restaurant: Restaurant, order_id: str, now: datetime) -> Region:
    """Return the live region of an order; abort with 404 if the restaurant has no such order."""
    order = load_order_for_restaurant(session, restaurant.id, order_id) or abort(404)
    page = ConsoleOrder(order, now)
    etag = htmx.etag_of((assets_hash(), *order_view_key(restaurant, (order.id, order.version), now)))
    return Region(render_order(page, etag), etag, page.title)


def render_board(board: Board, etag: str) -> Markup:
    """Render the board's live region, or take it from the cache."""
    return _cached("console/board/_live.html", etag, board=board, restaurant=board.restaurant)


def render_order(page: ConsoleOrder, etag: str) -> Markup:
    """Render the order's live region, or take it from the cache."""
    restaurant = page.order.restaurant
    return _cached("console/order/_live.html", etag, page=page, restaurant=restaurant, formatter=page.formatter)


def order_page(restaurant_id: str, order_id: str, refusal: Refusal | None = None) -> Response:
    """Return the whole page of an order, with the refusal of an operation on top if there is one."""
    now = clock.now()
    with services().database.read_session() as session:
        member = staff_member(session, restaurant_id, now)
        region = order_region(session, member.restaurant, order_id, now)
        here = url_for("console.order", restaurant_id=restaurant_id, order_id=order_id)
        return live_page("console/order.html", member, region, here=here, refusal=refusal, now=now)


def form_page(form: str, restaurant_id: str, order_id: str, refusal: Refusal | None = None) -> Response:
    """Return the page of a form about an order, with the fields as they were sent and the refusal if there is one."""
    now = clock.now()
    with services().database.read_session() as session:
        member = staff_member(session, restaurant_id, now)
        order = load_order_for_restaurant(session, member.restaurant_id, order_id) or abort(404)
    page = ConsoleOrder(order, now)
    context = {"restaurant": order.restaurant, "member": member, "page": page, "formatter": page.formatter}
    form_context = {"refusal": refusal, "typed": request.values}
    return private(render_template(f"console/{form}.html", **context, **form_context), 409 if refusal else 200)


def live_page(
    template: str, member: StaffMember, region: Region, *, here: str, refusal: Refusal | None, now: datetime
) -> Response:
    """Return a whole page around a live region."""
    restaurant = member.restaurant
    formatter = Formatter(restaurant.locale, restaurant.timezone, now)
    context = {"restaurant": restaurant, "member": member, "region": region, "refusal": refusal, "formatter": formatter}
    live = {"token": listening_token_of(member.restaurant_id), "key": PAGES_KEY, "here": here, "now": now}
    return private(render_template(template, **context, **live), 409 if refusal else 200)


def _cached(template: str, etag: str, **context: object) -> Markup:
    return htmx.fragment_cache().get(etag, lambda: render_template(template, etag=etag, **context))


def _region_after(restaurant_id: str, order_id: str | None, refusal: Refusal | None) -> Response:
    """Return the live region of the page on which a button was pressed, and the refusal for the top of that page."""
    now = clock.now()
    with services().database.read_session() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        region = (
            order_region(session, restaurant, order_id, now) if order_id else board_region(session, restaurant, now)
        )
    formatter = Formatter(restaurant.locale, restaurant.timezone, now)
    refusal_html = render_template("console/_refusal.html", refusal=refusal, formatter=formatter, is_beside=True)
    return private(region.html + Markup(refusal_html), 409 if refusal else 200)  # noqa: S704  a template's own output
