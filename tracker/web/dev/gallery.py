"""The designer's table, on development machines only: the real parts in every state they can be in."""

from flask import Blueprint, abort, render_template
from markupsafe import Markup

from tracker import clock
from tracker.samples.own_orders import refusal_of
from tracker.samples.platform_orders import STATES, sample_orders
from tracker.web.customer.list_view import OrderList
from tracker.web.customer.order_view import OrderPage
from tracker.web.dev.gallery_shared import SHARING

blueprint = Blueprint("gallery", __name__, url_prefix="/gallery")


@blueprint.get("")
def index() -> str:
    """What there is to see."""
    return render_template("dev/gallery.html", states=STATES, sharing=SHARING)


@blueprint.get("/order/<state>")
def order(state: str) -> str:
    """The order page in one state; it is not live."""
    build = STATES.get(state) or abort(404)
    now = clock.now()
    page = OrderPage(build(now), now)
    page.refusal = refusal_of(state, page.order)
    region = Markup(render_template("customer/_live.html", page=page, formatter=page.formatter, etag=""))  # noqa: S704  our own
    return render_template("customer/order.html", page=page, formatter=page.formatter, region=region, token=None)


@blueprint.get("/orders")
def orders() -> str:
    """The list, with all of them."""
    made = sample_orders(clock.now())
    return _list(OrderList(made, clock.now(), size=len(made) - 1))


@blueprint.get("/orders/none")
def no_orders() -> str:
    """The list of somebody who has never ordered."""
    return _list(OrderList([], clock.now(), size=20))


@blueprint.get("/error/<int:code>")
def error(code: int) -> str:
    """What is said when something doesn't work."""
    abort(code)


def _list(shown: OrderList) -> str:
    return render_template("customer/orders.html", list=shown, etag="", now=None)
