"""The console's buttons and forms that confirm, reject and progress an order, or change its promised time.

A form has a page of its own that is not live, so that it does not change while somebody fills it in.
"""

from datetime import datetime

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from tracker.orders.model import Order
from tracker.orders.operations.by_restaurant import confirm_order, move_promise, progress_order, reject_order
from tracker.orders.refusals import NotNow, NotPossible
from tracker.web.console.buttons import is_at
from tracker.web.console.forms import read_later_time, read_time, require_unchanged_since
from tracker.web.console.operation import Operation, operate
from tracker.web.console.rendering import form_page, response_after

blueprint = Blueprint("console_actions", __name__, url_prefix="/console/<restaurant_id>/orders/<order_id>")


@blueprint.post("/confirm")
def confirm(restaurant_id: str, order_id: str) -> ResponseReturnValue:
    """Confirm the order as it was placed."""

    def operation(order: Order, actor_name: str, now: datetime) -> object:
        require_unchanged_since(order, request.form)
        return confirm_order(order, read_time(order, request.form, now), actor_name=actor_name, now=now)

    return _perform_or_show_form("confirm", restaurant_id, order_id, operation)


@blueprint.post("/promise")
def promise(restaurant_id: str, order_id: str) -> ResponseReturnValue:
    """Change the promised time of a confirmed order."""

    def operation(order: Order, actor_name: str, now: datetime) -> object:
        require_unchanged_since(order, request.form)
        promised_at = read_later_time(order, request.form, now)
        if promised_at is None:
            raise NotPossible("Please enter the new time.")
        return move_promise(order, promised_at, actor_name=actor_name, now=now)

    return _perform_or_show_form("promise", restaurant_id, order_id, operation)


@blueprint.post("/reject")
def reject(restaurant_id: str, order_id: str) -> ResponseReturnValue:
    """Reject the order, before or after it was confirmed."""
    reason = request.form.get("own_words", "").strip() or request.form.get("reason")

    def operation(order: Order, actor_name: str, now: datetime) -> object:
        return reject_order(order, reason, actor_name=actor_name, now=now)

    return _perform_or_show_form("reject", restaurant_id, order_id, operation)


@blueprint.post("/progress")
def progress(restaurant_id: str, order_id: str) -> ResponseReturnValue:
    """Set the status of the order. A second press of the same button has no effect."""
    status = request.form.get("status", "")

    def operation(order: Order, actor_name: str, now: datetime) -> object:
        return None if is_at(order, status) else progress_order(order, status, actor_name=actor_name, now=now)

    return response_after(restaurant_id, order_id, operate(restaurant_id, order_id, operation))


@blueprint.get("/<any(confirm, promise, reject):form>")
def ask(restaurant_id: str, order_id: str, form: str) -> Response:
    """Show the form with all fields of the operation, for which the buttons have only the usual values."""
    return form_page(form, restaurant_id, order_id)


def _perform_or_show_form(form: str, restaurant_id: str, order_id: str, operation: Operation) -> ResponseReturnValue:
    """Perform the operation. If it is refused for input of a form that can be corrected, show the form again."""
    refusal = operate(restaurant_id, order_id, operation)
    if refusal and request.form.get("from") == "form" and not isinstance(refusal, NotNow):
        return form_page(form, restaurant_id, order_id, refusal)
    return response_after(restaurant_id, order_id, refusal)
