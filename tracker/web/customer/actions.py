"""Forms with which customers act on an order. They work without scripts; htmx gets the live region as response.

Each response shows the order as it is afterwards, with the reason on top if the operation was refused.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import clock
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_customer
from tracker.orders.operations.attempt import attempt
from tracker.orders.operations.storage import find_order_for_customer
from tracker.orders.refusals import Refusal
from tracker.web.customer.rendering import region_after, whole_page
from tracker.web.http.auth import current_customer, redirect_to_sign_in
from tracker.web.http.services import services
from tracker.web.order.amounts import InvalidAmount, parse_amount

blueprint = Blueprint("actions", __name__, url_prefix="/orders/<order_id>")

Action = Callable[[Order, datetime], OrderEvent | None]


class InvalidInput(Refusal):
    """The form's values can't be parsed. Becomes 422 instead of 409."""


@blueprint.post("/accept")
def accept(order_id: str) -> ResponseReturnValue:
    """Accept the restaurant's adjustment."""
    return _perform(order_id, lambda order, now: by_customer.accept_adjustment(order, _read_integer("number"), now=now))


@blueprint.post("/reject")
def reject(order_id: str) -> ResponseReturnValue:
    """Reject the restaurant's adjustment, which cancels the order."""
    return _perform(order_id, lambda order, now: by_customer.reject_adjustment(order, _read_integer("number"), now=now))


@blueprint.post("/more-time")
def more_time(order_id: str) -> ResponseReturnValue:
    """Extend the time to answer an adjustment."""

    def ask(order: Order, now: datetime) -> OrderEvent | None:
        return by_customer.ask_for_more_time(order, _read_integer("number"), _read_integer("extension"), now=now)

    return _perform(order_id, ask)


@blueprint.post("/cancel")
def cancel(order_id: str) -> ResponseReturnValue:
    """Cancel the order."""
    return _perform(order_id, lambda order, now: by_customer.cancel_order(order, _read_integer("version"), now=now))


@blueprint.post("/tip")
def tip(order_id: str) -> ResponseReturnValue:
    """Set the order's tip, which replaces an earlier one."""

    def change(order: Order, now: datetime) -> OrderEvent | None:
        return by_customer.change_tip(order, _read_tip(order), _read_integer("version"), now=now)

    return _perform(order_id, change)


@blueprint.post("/rate")
def rate(order_id: str) -> ResponseReturnValue:
    """Set the order's rating, which replaces an earlier one."""

    def give(order: Order, now: datetime) -> OrderEvent | None:
        return by_customer.rate_order(order, _read_integer("stars"), _read_integer("version"), now=now)

    return _perform(order_id, give)


def _perform(order_id: str, action: Action) -> ResponseReturnValue:
    """Apply the action to the signed-in customer's order, and respond with the order as it is afterwards."""
    order_url = url_for("customer.order", order_id=order_id)
    visitor = current_customer() or redirect_to_sign_in(return_path=order_url)
    now = clock.now()

    def work(session: Session) -> Refusal | None:
        order = find_order_for_customer(
            session, visitor.customer_id, order_id, only_restaurant_id=visitor.only_restaurant_id, now=now
        )
        if order is None:
            abort(404)
        result = attempt(session, lambda: action(order, now))
        return result if isinstance(result, Refusal) else None

    refusal = services().database.run_in_transaction(work)
    if "HX-Request" in request.headers:
        return _with_status(region_after(order_id, refusal), refusal)
    return _with_status(whole_page(order_id, refusal), refusal) if refusal else redirect(order_url, 303)


def _with_status(response: Response, refusal: Refusal | None) -> Response:
    if refusal:
        response.status_code = 422 if isinstance(refusal, InvalidInput) else 409
    return response


def _read_integer(name: str) -> int:
    number = request.form.get(name, type=int)
    if number is None:
        raise InvalidInput("We couldn’t read what was sent. Please use the buttons on this page.")
    return number


def _read_tip(order: Order) -> int:
    try:
        return parse_amount(request.form.get("amount", ""), order.currency, order.restaurant.locale)
    except InvalidAmount as error:
        raise InvalidInput(str(error)) from None
