"""Gallery for designers, in development only: the real templates in every state of an order."""

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
    """List everything that the gallery shows."""
    return render_template("dev/gallery.html", states=STATES, sharing=SHARING)


@blueprint.get("/order/<state>")
def order(state: str) -> str:
    """Show the customer's page of an order in one state, without live updates."""
    build = STATES.get(state) or abort(404)
    now = clock.now()
    page = OrderPage(build(now), now)
    page.refusal = refusal_of(state, page.order)
    region = Markup(render_template("customer/_live.html", page=page, formatter=page.formatter, etag=""))  # noqa: S704  our own
    return render_template("customer/order.html", page=page, formatter=page.formatter, region=region, token=None)


@blueprint.get("/orders")
def orders() -> str:
    """Show the list with an order in every state."""
    samples = sample_orders(clock.now())
    return _list(OrderList(samples, clock.now(), size=len(samples) - 1))


@blueprint.get("/orders/none")
def no_orders() -> str:
    """Show the list of a customer without orders."""
    return _list(OrderList([], clock.now(), size=20))


@blueprint.get("/error/<int:code>")
def error(code: int) -> str:
    """Show the error page of this status."""
    abort(code)


def _list(order_list: OrderList) -> str:
    return render_template("customer/orders.html", list=order_list, etag="", now=None)
