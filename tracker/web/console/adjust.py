"""A restaurant's adjustment of an order: its form, a preview of the customer's view, and its submission."""

from datetime import datetime

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.orders.model import Order
from tracker.orders.operations.by_clock import lapse_adjustment
from tracker.orders.operations.by_restaurant import adjust_order
from tracker.orders.queries.board import load_order_for_restaurant
from tracker.orders.refusals import NotNow, Refusal
from tracker.web.console.auth import staff_member
from tracker.web.console.forms import read_change
from tracker.web.console.operation import operate
from tracker.web.console.rendering import form_page, order_page, response_after
from tracker.web.customer.order_view import OrderPage
from tracker.web.http.responses import private
from tracker.web.http.services import services

blueprint = Blueprint("console_adjust", __name__, url_prefix="/console/<restaurant_id>/orders/<order_id>/adjust")


@blueprint.get("")
def ask(restaurant_id: str, order_id: str) -> Response:
    """Show the form, filled in as before if the staff member comes back from the preview."""
    return form_page("adjust", restaurant_id, order_id)


@blueprint.post("/preview")
def preview(restaurant_id: str, order_id: str) -> ResponseReturnValue:
    """Show the adjustment as the customer will see it. It is applied to the loaded order and not saved."""
    now = clock.now()
    with services().database.read_session() as session:
        member = staff_member(session, restaurant_id, now)
        order = load_order_for_restaurant(session, member.restaurant_id, order_id) or abort(404)
        lapse_adjustment(order, now=now)
        try:
            change = read_change(order, request.form, now)
            adjust_order(order, change, actor_name=None, now=now)
        except Refusal as refusal:
            return _show_form_again(restaurant_id, order_id, refusal)
        context = {"restaurant": member.restaurant, "member": member, "change": change, "typed": request.form}
        page = OrderPage(order, now)
        return private(render_template("console/preview.html", page=page, formatter=page.formatter, **context))


@blueprint.post("")
def adjust(restaurant_id: str, order_id: str) -> ResponseReturnValue:
    """Propose the adjustment to the customer."""

    def operation(order: Order, actor_name: str, now: datetime) -> object:
        return adjust_order(order, read_change(order, request.form, now), actor_name=actor_name, now=now)

    refusal = operate(restaurant_id, order_id, operation)
    return (
        _show_form_again(restaurant_id, order_id, refusal) if refusal else response_after(restaurant_id, order_id, None)
    )


def _show_form_again(restaurant_id: str, order_id: str, refusal: Refusal) -> Response:
    """Show the form again, or the order with the reason if it can't be adjusted any more."""
    if isinstance(refusal, NotNow):
        return order_page(restaurant_id, order_id, refusal)
    return form_page("adjust", restaurant_id, order_id, refusal)
