"""How the console shows a board and an order: as whole pages, and as live regions of pages that are open already."""

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
    """The live part of a console page, its ETag, and what the tab says."""

    html: Markup
    etag: str
    title: str


def response_after(restaurant_id: str, order_id: str, refusal: Refusal | None) -> ResponseReturnValue:
    """Show what has become of the order, or why it has not: where it was pressed, or on the order's page."""
    is_on_board = request.form.get("from") == "board"
    if "HX-Request" in request.headers:
        return _region_after(restaurant_id, None if is_on_board else order_id, refusal)
    if refusal:
        return order_page(restaurant_id, order_id, refusal)
    if is_on_board:
        return redirect(url_for("console.board", restaurant_id=restaurant_id, _anchor=f"order-{order_id}"), 303)
    return redirect(url_for("console.order", restaurant_id=restaurant_id, order_id=order_id), 303)


def board_region(session: Session, restaurant: Restaurant, now: datetime) -> Region:
    """The restaurant's board."""
    versions = find_board_versions(session, restaurant.id, now=now)
    etag = htmx.etag_of((assets_hash(), *view_key(restaurant, versions, now)))
    board = Board(restaurant, load_board_orders(session, versions), now)
    return Region(render_board(board, etag), etag, board.title)


def order_region(session: Session, restaurant: Restaurant, order_id: str, now: datetime) -> Region:
    """One order of the restaurant in full, if it is one of theirs."""
    order = load_order_for_restaurant(session, restaurant.id, order_id) or abort(404)
    page = ConsoleOrder(order, now)
    etag = htmx.etag_of((assets_hash(), *order_view_key(restaurant, (order.id, order.version), now)))
    return Region(render_order(page, etag), etag, page.title)


def render_board(board: Board, etag: str) -> Markup:
    """The board's live part."""
    return _kept("console/board/_live.html", etag, board=board, restaurant=board.restaurant)


def render_order(page: ConsoleOrder, etag: str) -> Markup:
    """The order's live part."""
    restaurant = page.order.restaurant
    return _kept("console/order/_live.html", etag, page=page, restaurant=restaurant, formatter=page.formatter)


def order_page(restaurant_id: str, order_id: str, refusal: Refusal | None = None) -> Response:
    """The whole page of an order as it is now, with why something could not be done to it on top."""
    now = clock.now()
    with services().database.read_session() as session:
        member = staff_member(session, restaurant_id, now)
        region = order_region(session, member.restaurant, order_id, now)
        here = url_for("console.order", restaurant_id=restaurant_id, order_id=order_id)
        return live_page("console/order.html", member, region, here=here, refusal=refusal, now=now)


def form_page(form: str, restaurant_id: str, order_id: str, refusal: Refusal | None = None) -> Response:
    """The page of a form about an order, with what was typed and why that can't be. It is not live: nothing moves."""
    now = clock.now()
    with services().database.read_session() as session:
        member = staff_member(session, restaurant_id, now)
        order = load_order_for_restaurant(session, member.restaurant_id, order_id) or abort(404)
    page = ConsoleOrder(order, now)
    shown = {"restaurant": order.restaurant, "member": member, "page": page, "formatter": page.formatter}
    asked = {"refusal": refusal, "typed": request.values}
    return private(render_template(f"console/{form}.html", **shown, **asked), 409 if refusal else 200)


def live_page(
    template: str, member: StaffMember, region: Region, *, here: str, refusal: Refusal | None, now: datetime
) -> Response:
    """A whole page around a live part."""
    restaurant = member.restaurant
    formatter = Formatter(restaurant.locale, restaurant.timezone, now)
    shown = {"restaurant": restaurant, "member": member, "region": region, "refusal": refusal, "formatter": formatter}
    live = {"token": listening_token_of(member.restaurant_id), "key": PAGES_KEY, "here": here, "now": now}
    return private(render_template(template, **shown, **live), 409 if refusal else 200)


def _kept(template: str, etag: str, **shown: object) -> Markup:
    return htmx.fragment_cache().get(etag, lambda: render_template(template, etag=etag, **shown))


def _region_after(restaurant_id: str, order_id: str | None, refusal: Refusal | None) -> Response:
    """The live part of the page on which something was pressed, and what is said on top of it."""
    now = clock.now()
    with services().database.read_session() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        region = (
            order_region(session, restaurant, order_id, now) if order_id else board_region(session, restaurant, now)
        )
    formatter = Formatter(restaurant.locale, restaurant.timezone, now)
    refusal_html = render_template("console/_refusal.html", refusal=refusal, formatter=formatter, is_beside=True)
    return private(region.html + Markup(refusal_html), 409 if refusal else 200)  # noqa: S704  a template's own output
