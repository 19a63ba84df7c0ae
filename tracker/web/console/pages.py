"""The console's pages for who works at a restaurant: its board, live, and each of its orders in full."""

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.staff_queries import staff_of_person
from tracker.orders.queries.board import glance_at_board, glance_at_order_of_restaurant
from tracker.web.console.auth import staff_member, token_of
from tracker.web.console.board_view import looks_like
from tracker.web.console.order_view import looks_like_order
from tracker.web.console.rendering import board_region, live_page, order_page, order_region
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.auth import signed_in
from tracker.web.http.responses import private
from tracker.web.http.services import parts

blueprint = Blueprint("console", __name__, url_prefix="/console")


@blueprint.get("")
def choice() -> ResponseReturnValue:
    """The board of the restaurant where one works; of several, a choice."""
    visitor = signed_in()
    with parts().database.reading() as session:
        works_at = () if visitor.only_at else staff_of_person(session, visitor.customer_id)
    if not works_at:
        abort(404)
    if len(works_at) == 1:
        return redirect(url_for("console.board", restaurant_id=works_at[0].restaurant_id), 303)
    return private(render_template("console/choice.html", works_at=works_at))


@blueprint.get("/<restaurant_id>")
def board(restaurant_id: str) -> Response:
    """The restaurant's live orders by what needs doing."""
    now = clock.now()
    with parts().database.reading() as session:
        member = staff_member(session, restaurant_id, now)
        region = board_region(session, member.restaurant, now)
    here = url_for("console.board", restaurant_id=restaurant_id)
    return live_page("console/board.html", member, region, here=here, refusal=None, now=now)


@blueprint.get("/<restaurant_id>/live")
def live(restaurant_id: str) -> Response:
    """The board alone, for the page that shows it already."""
    now = clock.now()
    with parts().database.reading() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        glimpse = glance_at_board(session, restaurant.id, now=now)
        if htmx.is_known(etag := htmx.etag_of((assets_hash(), *looks_like(restaurant, glimpse, now)))):
            return htmx.unchanged(etag)
        region = board_region(session, restaurant, now)
    return htmx.answer(region.etag, lambda: region.html)


@blueprint.get("/<restaurant_id>/orders/<order_id>")
def order(restaurant_id: str, order_id: str) -> Response:
    """One order in full, with its history."""
    return order_page(restaurant_id, order_id)


@blueprint.get("/<restaurant_id>/orders/<order_id>/live")
def order_live(restaurant_id: str, order_id: str) -> Response:
    """The order alone, for the page that shows it already."""
    now = clock.now()
    with parts().database.reading() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        glance = glance_at_order_of_restaurant(session, restaurant.id, order_id) or abort(404)
        if htmx.is_known(etag := htmx.etag_of((assets_hash(), *looks_like_order(restaurant, glance, now)))):
            return htmx.unchanged(etag)
        region = order_region(session, restaurant, order_id, now)
    return htmx.answer(region.etag, lambda: region.html)


@blueprint.get("/<restaurant_id>/token")
def token(restaurant_id: str) -> Response:
    """Another token for a console page to listen with, before its last one ends."""
    with parts().database.reading() as session:
        staff_member(session, restaurant_id, clock.now())
    return private(jsonify(token_of(restaurant_id)))
