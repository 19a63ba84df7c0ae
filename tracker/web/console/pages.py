"""The console's pages for the staff of a restaurant: its live board, and each of its orders."""

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.staff_queries import staff_memberships_of
from tracker.orders.queries.board import find_board_versions, find_order_version_for_restaurant
from tracker.web.console.auth import listening_token_of, staff_member
from tracker.web.console.board_view import view_key
from tracker.web.console.order_view import order_view_key
from tracker.web.console.rendering import board_region, live_page, order_page, order_region
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.auth import require_customer
from tracker.web.http.responses import private
from tracker.web.http.services import services

blueprint = Blueprint("console", __name__, url_prefix="/console")


@blueprint.get("")
def choice() -> ResponseReturnValue:
    """Redirect to the board of the visitor's only restaurant, or show a choice if they work at several."""
    visitor = require_customer()
    with services().database.read_session() as session:
        memberships = () if visitor.only_restaurant_id else staff_memberships_of(session, visitor.customer_id)
    if not memberships:
        abort(404)
    if len(memberships) == 1:
        return redirect(url_for("console.board", restaurant_id=memberships[0].restaurant_id), 303)
    return private(render_template("console/choice.html", works_at=memberships))


@blueprint.get("/<restaurant_id>")
def board(restaurant_id: str) -> Response:
    """Show the restaurant's board."""
    now = clock.now()
    with services().database.read_session() as session:
        member = staff_member(session, restaurant_id, now)
        region = board_region(session, member.restaurant, now)
    here = url_for("console.board", restaurant_id=restaurant_id)
    return live_page("console/board.html", member, region, here=here, refusal=None, now=now)


@blueprint.get("/<restaurant_id>/live")
def live(restaurant_id: str) -> Response:
    """Return only the live region of the board, for a page that is open, or 304 if it has not changed."""
    now = clock.now()
    with services().database.read_session() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        versions = find_board_versions(session, restaurant.id, now=now)
        if htmx.matches_etag(etag := htmx.etag_of((assets_hash(), *view_key(restaurant, versions, now)))):
            return htmx.not_modified(etag)
        region = board_region(session, restaurant, now)
    return htmx.fragment_response(region.etag, lambda: region.html)


@blueprint.get("/<restaurant_id>/orders/<order_id>")
def order(restaurant_id: str, order_id: str) -> Response:
    """Show one order with its history."""
    return order_page(restaurant_id, order_id)


@blueprint.get("/<restaurant_id>/orders/<order_id>/live")
def order_live(restaurant_id: str, order_id: str) -> Response:
    """Return only the live region of the order, for a page that is open, or 304 if it has not changed."""
    now = clock.now()
    with services().database.read_session() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        order_version = find_order_version_for_restaurant(session, restaurant.id, order_id) or abort(404)
        if htmx.matches_etag(etag := htmx.etag_of((assets_hash(), *order_view_key(restaurant, order_version, now)))):
            return htmx.not_modified(etag)
        region = order_region(session, restaurant, order_id, now)
    return htmx.fragment_response(region.etag, lambda: region.html)


@blueprint.get("/<restaurant_id>/token")
def token(restaurant_id: str) -> Response:
    """Return a new token with which an open page can go on listening before its last one expires."""
    with services().database.read_session() as session:
        staff_member(session, restaurant_id, clock.now())
    return private(jsonify(listening_token_of(restaurant_id)))
