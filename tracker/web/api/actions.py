"""What a restaurant does with one of its orders, over the API. Each answers with the order as it then is."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import clock
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.attempt import attempt
from tracker.orders.operations.storage import find_order_for_restaurant
from tracker.orders.refusals import Refusal
from tracker.web.api.auth import NOT_FOUND, identify_caller
from tracker.web.api.docs.operation import json_response, operation
from tracker.web.api.parsing import read_body
from tracker.web.api.schemas.actions_in import (
    AdjustRequest,
    ConfirmRequest,
    ProgressRequest,
    PromiseRequest,
    RejectRequest,
)
from tracker.web.api.schemas.order_out import OrderDetail, order_detail
from tracker.web.http.services import services

blueprint = Blueprint("actions", __name__, url_prefix="/restaurants/<restaurant_id>/orders/<order_id>")

Action = Callable[[Order, str, datetime], object]
"""What is done to the order, by whom, and when."""


@blueprint.post("/confirm")
@operation("Take an order on as it is", body=ConfirmRequest, responses={200: OrderDetail})
def confirm(restaurant_id: str, order_id: str) -> Response:
    """Say when the food will be there: in so many minutes, at a time, or not at all, which leaves the time open."""
    request_body = read_body(ConfirmRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.confirm_order(order, request_body.resolve_time(order, now), actor_name=actor_name, now=now)

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/adjust")
@operation("Take an order on otherwise, if its customer agrees", body=AdjustRequest, responses={200: OrderDetail})
def adjust(restaurant_id: str, order_id: str) -> Response:
    """Propose another time, lines or options left out; a newer proposal replaces one that has no answer yet.

    The names are those of the real-time contract's `order_adjustment`, and what they hold is read as forgivingly.
    """
    request_body = read_body(AdjustRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.adjust_order(order, request_body.change(order, now), actor_name=actor_name, now=now)

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/reject")
@operation("Don’t take an order on, or no longer", body=RejectRequest, responses={200: OrderDetail})
def reject(restaurant_id: str, order_id: str) -> Response:
    """Say no, with a reason in words for the customer: one of the restaurant's list, its own words, or none."""
    request_body = read_body(RejectRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.reject_order(order, request_body.reason, actor_name=actor_name, now=now)

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/progress")
@operation("Say how far an order is", body=ProgressRequest, responses={200: OrderDetail})
def progress(restaurant_id: str, order_id: str) -> Response:
    """In one of the restaurant's own names for it, or in free words. The last name of its list completes the order."""
    request_body = read_body(ProgressRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.progress_order(
            order, request_body.status, actor_name=actor_name, now=now, at=request_body.resolve_time(order, now)
        )

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/promise")
@operation("Say another time for an order that is being made", body=PromiseRequest, responses={200: OrderDetail})
def promise(restaurant_id: str, order_id: str) -> Response:
    """It takes longer, or goes faster. The customer isn't asked, but told."""
    request_body = read_body(PromiseRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.move_promise(
            order, request_body.resolve_new_time(order, now), actor_name=actor_name, now=now
        )

    return _perform(restaurant_id, order_id, action)


def _perform(restaurant_id: str, order_id: str, action: Action) -> Response:
    now = clock.now()

    def work(session: Session) -> OrderDetail | Refusal:
        caller = identify_caller(session, restaurant_id, now=now)
        order = find_order_for_restaurant(session, caller.restaurant.id, order_id, now=now)
        if order is None:
            raise NotFound(NOT_FOUND)
        result = attempt(session, lambda: action(order, caller.actor_name, now))
        return result if isinstance(result, Refusal) else order_detail(order)

    result = services().database.run_in_transaction(work)
    if isinstance(result, Refusal):
        raise result
    return json_response(result)
