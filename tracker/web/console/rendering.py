"""What every door of the console asks first: who is looking, where they work, and whether this order is theirs.

Finding is permission: who doesn't work there, and an order of another restaurant, get the answer of what doesn't exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.model import Restaurant, Role, StaffMember
from tracker.accounts.staff_queries import staff_member_by_session
from tracker.accounts.tokens import OWN_KEY, PAGE_TOKEN_LIFE, console_token
from tracker.orders.model import Order
from tracker.orders.operations.storage import order_of_restaurant
from tracker.orders.queries.board import glance_at_board, orders_of_board, whole_order_of_restaurant
from tracker.orders.refusals import Refusal
from tracker.web.console.board_view import Board, looks_like
from tracker.web.console.order_view import ConsoleOrder, looks_like_order
from tracker.web.http import htmx
from tracker.web.http.assets import assets_hash
from tracker.web.http.auth import proof_of_session, signed_in
from tracker.web.http.services import parts
from tracker.web.order.formatting import Writing

Operation = Callable[[Order, str, datetime], object]
"""What is to be done to an order, by whom, and when."""


@dataclass(frozen=True, slots=True)
class Region:
    """The live part of a console page, its ETag, and what the tab says."""

    html: Markup
    etag: str
    title: str


def staff_member(session: Session, restaurant_id: str, now: datetime) -> StaffMember:
    """Who is looking, as somebody who works at this restaurant. Nobody is signed in: the way to sign in, and back."""
    visitor = signed_in()
    return staff_member_by_session(session, visitor.session_hash, restaurant_id, now=now) or abort(404)


def owner(session: Session, restaurant_id: str, now: datetime) -> StaffMember:
    """The same, if they own it."""
    member = staff_member(session, restaurant_id, now)
    return member if member.role is Role.OWNER else abort(404)


def private(answer: str | Response, code: int | None = None) -> Response:
    """The answer, which nobody keeps."""
    response = make_response(answer)
    response.status_code = code or response.status_code
    response.headers["Cache-Control"] = "private, no-store"
    return response


def token_of(restaurant_id: str) -> dict[str, str | int]:
    """What a console page listens with."""
    key = parts().settings.secret_key.get_secret_value()
    made = console_token(key, proof_of_session(), restaurant_id, now=clock.now())
    return {"access_token": made, "expires_in": int(PAGE_TOKEN_LIFE.total_seconds())}


def attempt(restaurant_id: str, order_id: str, operation: Operation) -> Refusal | None:
    """Do this to the order; return why it can't be done, if it can't. What was due by the clock happens either way."""
    now, who = clock.now(), signed_in().known_as

    def work(session: Session) -> Refusal | None:
        member = staff_member(session, restaurant_id, now)
        order = order_of_restaurant(session, member.restaurant_id, order_id, now=now) or abort(404)
        try:
            with session.begin_nested():  # what the clock has done stays, also when the rest is refused
                operation(order, who, now)
        except Refusal as refusal:
            return refusal
        return None

    return parts().database.write(work)


def answer_after(restaurant_id: str, order_id: str, refusal: Refusal | None) -> ResponseReturnValue:
    """Show what has become of the order, or why it has not: where it was pressed, or on the order's page."""
    is_on_board = request.form.get("from") == "board"
    if "HX-Request" in request.headers:
        return _part_after(restaurant_id, None if is_on_board else order_id, refusal)
    if refusal:
        return order_page(restaurant_id, order_id, refusal)
    if is_on_board:
        return redirect(url_for("console.board", restaurant_id=restaurant_id, _anchor=f"order-{order_id}"), 303)
    return redirect(url_for("console.order", restaurant_id=restaurant_id, order_id=order_id), 303)


def board_region(session: Session, restaurant: Restaurant, now: datetime) -> Region:
    """The restaurant's board."""
    glimpse = glance_at_board(session, restaurant.id, now=now)
    etag = htmx.etag_of((assets_hash(), *looks_like(restaurant, glimpse, now)))
    board = Board(restaurant, orders_of_board(session, glimpse), now)
    return Region(rendered_board(board, etag), etag, board.title)


def order_region(session: Session, restaurant: Restaurant, order_id: str, now: datetime) -> Region:
    """One order of the restaurant in full, if it is one of theirs."""
    order = whole_order_of_restaurant(session, restaurant.id, order_id) or abort(404)
    page = ConsoleOrder(order, now)
    etag = htmx.etag_of((assets_hash(), *looks_like_order(restaurant, (order.id, order.version), now)))
    return Region(rendered_order(page, etag), etag, page.title)


def rendered_board(board: Board, etag: str) -> Markup:
    """The board's live part."""
    return _kept("console/board/_live.html", etag, board=board, restaurant=board.restaurant)


def rendered_order(page: ConsoleOrder, etag: str) -> Markup:
    """The order's live part."""
    restaurant = page.order.restaurant
    return _kept("console/order/_live.html", etag, page=page, restaurant=restaurant, writing=page.writing)


def order_page(restaurant_id: str, order_id: str, refusal: Refusal | None = None) -> Response:
    """The whole page of an order as it is now, with why something could not be done to it on top."""
    now = clock.now()
    with parts().database.reading() as session:
        member = staff_member(session, restaurant_id, now)
        region = order_region(session, member.restaurant, order_id, now)
        here = url_for("console.order", restaurant_id=restaurant_id, order_id=order_id)
        return live_page("console/order.html", member, region, here=here, refusal=refusal, now=now)


def form_page(form: str, restaurant_id: str, order_id: str, refusal: Refusal | None = None) -> Response:
    """The page of a form about an order, with what was typed and why that can't be. It is not live: nothing moves."""
    now = clock.now()
    with parts().database.reading() as session:
        member = staff_member(session, restaurant_id, now)
        order = whole_order_of_restaurant(session, member.restaurant_id, order_id) or abort(404)
    page = ConsoleOrder(order, now)
    shown = {"restaurant": order.restaurant, "member": member, "page": page, "writing": page.writing}
    asked = {"refusal": refusal, "typed": request.values}
    return private(render_template(f"console/{form}.html", **shown, **asked), 409 if refusal else 200)


def live_page(
    template: str, member: StaffMember, region: Region, *, here: str, refusal: Refusal | None, now: datetime
) -> Response:
    """A whole page around a live part."""
    restaurant = member.restaurant
    writing = Writing(restaurant.locale, restaurant.clock_zone, now)
    shown = {"restaurant": restaurant, "member": member, "region": region, "refusal": refusal, "writing": writing}
    live = {"token": token_of(member.restaurant_id), "key": OWN_KEY, "here": here, "now": now}
    return private(render_template(template, **shown, **live), 409 if refusal else 200)


def _kept(template: str, etag: str, **shown: object) -> Markup:
    return htmx.kept_regions().get(etag, lambda: render_template(template, etag=etag, **shown))


def _part_after(restaurant_id: str, order_id: str | None, refusal: Refusal | None) -> Response:
    """The live part of the page on which something was pressed, and what is said on top of it."""
    now = clock.now()
    with parts().database.reading() as session:
        restaurant = staff_member(session, restaurant_id, now).restaurant
        region = (
            order_region(session, restaurant, order_id, now) if order_id else board_region(session, restaurant, now)
        )
    writing = Writing(restaurant.locale, restaurant.clock_zone, now)
    said = render_template("console/_refusal.html", refusal=refusal, writing=writing, is_beside=True)
    return private(region.html + Markup(said), 409 if refusal else 200)  # noqa: S704  a template's own output
