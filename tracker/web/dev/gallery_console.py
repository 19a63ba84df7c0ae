"""Gallery of the console, in development only: the board, an order in every state, and each form."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, abort, render_template, request

from tracker import clock
from tracker.accounts.model import Customer, Restaurant, Role, StaffMember
from tracker.ids import new_id
from tracker.orders.events import ending_of
from tracker.orders.model import Order
from tracker.orders.queries.board import BoardOrders
from tracker.orders.refusals import NotNow
from tracker.samples.evening import ACTOR_NAME, STATES, WITHOUT, Evening
from tracker.web.console.board_view import Board
from tracker.web.console.order_view import ConsoleOrder
from tracker.web.console.rendering import Region, render_board, render_order
from tracker.web.console.settings import render_settings
from tracker.web.customer.order_view import OrderPage
from tracker.web.order.formatting import Formatter

blueprint = Blueprint("gallery_console", __name__, url_prefix="/gallery/console")
FORMS = ("confirm", "promise", "reject", "adjust")
PAGES = ("", "/empty", "/choice", "/settings", "/secret", "/preview", "/refused")
"""Paths of the gallery besides the orders and the forms."""


@blueprint.get("")
def board() -> str:
    """Show the board with an order in every state."""
    evening = Evening(clock.now())
    return _board(evening, [build(evening) for build in STATES.values()])


@blueprint.get("/empty")
def empty() -> str:
    """Show the board without orders."""
    return _board(Evening(clock.now()), [])


@blueprint.get("/order/<state>")
def order(state: str) -> str:
    """Show the console's page of an order in one state."""
    return _order(state, None)


@blueprint.get("/refused")
def refused() -> str:
    """Show an order with a refusal on top."""
    return _order(
        "cancelled", NotNow("This order was cancelled by the customer.", at=clock.now() - timedelta(minutes=2))
    )


@blueprint.get("/<any(confirm, promise, reject, adjust):form>/<state>")
def form(form: str, state: str) -> str:
    """Show a form for an order in one state."""
    page = ConsoleOrder(_build_order(state), clock.now())
    context = {"page": page, "formatter": page.formatter, "refusal": None, "typed": request.args}
    return render_template(f"console/{form}.html", **_restaurant_context(page.order.restaurant), **context)


@blueprint.get("/preview")
def preview() -> str:
    """Show the preview of an adjustment, as the customer would see it."""
    page = OrderPage(_build_order("adjusted"), clock.now())
    context = {"page": page, "formatter": page.formatter, "change": WITHOUT, "typed": request.args}
    return render_template("console/preview.html", **_restaurant_context(page.order.restaurant), **context)


@blueprint.get("/choice")
def choice() -> str:
    """Show the choice of a restaurant, for staff of several."""
    works_at = [_restaurant_context(Evening(clock.now()).restaurant)["member"] for _ in range(2)]
    return render_template("console/choice.html", works_at=works_at)


@blueprint.get("/settings")
def settings() -> str:
    """Show the settings, which only owners can open."""
    context = _restaurant_context(Evening(clock.now()).restaurant)
    people = [Customer(id=new_id(clock.now()), email=email) for email in ("owner@example.com", ACTOR_NAME)]
    staff = [(StaffMember(role=role), person) for role, person in zip(Role, people, strict=True)]
    return render_settings(Evening(clock.now()).restaurant, member=context["member"], staff=staff, problem="")


@blueprint.get("/secret")
def secret() -> str:
    """Show the page of a new secret, with an invalid one."""
    context = {"secret": "this-one-opens-nothing", "hours": 24, "ends_at_once": False}
    return render_template("console/secret.html", **_restaurant_context(Evening(clock.now()).restaurant), **context)


def _build_order(state: str) -> Order:
    return (STATES.get(state) or abort(404))(Evening(clock.now()))


def _order(state: str, refusal: NotNow | None) -> str:
    page = ConsoleOrder(_build_order(state), clock.now())
    return _live(page.order.restaurant, Region(render_order(page, _name("order", state)), "", page.title), refusal)


def _board(evening: Evening, orders: Sequence[Order]) -> str:
    ended = sorted((order for order in orders if order.ended_at), key=lambda order: str(order.ended_at), reverse=True)
    endings = {order.id: event for order in ended if (event := ending_of(order))}
    live = [order for order in orders if not order.has_ended]
    view = Board(evening.restaurant, BoardOrders(live, ended, endings, more=3 if orders else 0), evening.now)
    return _live(evening.restaurant, Region(render_board(view, _name("board", str(len(orders)))), "", view.title))


def _live(restaurant: Restaurant, region: Region, refusal: NotNow | None = None) -> str:
    formatter = Formatter(restaurant.locale, restaurant.timezone, clock.now())
    context = {"region": region, "refusal": refusal, "token": None, "here": "", "formatter": formatter}
    return render_template("console/order.html", **_restaurant_context(restaurant), **context)


def _restaurant_context(restaurant: Restaurant) -> dict[str, object]:
    member = StaffMember(restaurant_id=restaurant.id, customer_id="", role=Role.OWNER)
    member.restaurant = restaurant
    return {"restaurant": restaurant, "member": member}


def _name(*words: str) -> str:
    """Return a new cache key each time, because each request generates other orders."""
    return f"gallery {words} {clock.now().isoformat()}"
