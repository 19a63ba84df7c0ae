"""Confirm, adjust, reject, progress and promise: a restaurant's operations on one order. Each returns the order."""

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
"""An operation on the order. Its arguments are the order, the actor's name and the time."""


@blueprint.post("/confirm")
@operation("Confirm an order as it was placed", body=ConfirmRequest, responses={200: OrderDetail})
def confirm(restaurant_id: str, order_id: str) -> Response:
    """Promise a time: in minutes from now, or as a time. Without either, the order is confirmed without a time."""
    request_body = read_body(ConfirmRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.confirm_order(order, request_body.resolve_time(order, now), actor_name=actor_name, now=now)

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/adjust")
@operation(
    "Propose a change to an order, which its customer accepts or rejects",
    body=AdjustRequest,
    responses={200: OrderDetail},
)
def adjust(restaurant_id: str, order_id: str) -> Response:
    """Propose another time, or to leave out lines or options. A new proposal replaces one that has no answer yet.

    The fields are those of `order_adjustment` in Open Dining's real-time contract, in any of the forms it allows.
    """
    request_body = read_body(AdjustRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.adjust_order(order, request_body.change(order, now), actor_name=actor_name, now=now)

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/reject")
@operation("Reject an order, before or after it was confirmed", body=RejectRequest, responses={200: OrderDetail})
def reject(restaurant_id: str, order_id: str) -> Response:
    """The customer sees the reason: one of the restaurant's `reject_reasons`, any other text, or none."""
    request_body = read_body(RejectRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.reject_order(order, request_body.reason, actor_name=actor_name, now=now)

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/progress")
@operation("Set the status of an order", body=ProgressRequest, responses={200: OrderDetail})
def progress(restaurant_id: str, order_id: str) -> Response:
    """The status is one of the order's `statuses` or any other text. The last one of the list completes the order."""
    request_body = read_body(ProgressRequest)

    def action(order: Order, actor_name: str, now: datetime) -> object:
        return by_restaurant.progress_order(
            order, request_body.status, actor_name=actor_name, now=now, at=request_body.resolve_time(order, now)
        )

    return _perform(restaurant_id, order_id, action)


@blueprint.post("/promise")
@operation("Change the promised time of a confirmed order", body=PromiseRequest, responses={200: OrderDetail})
def promise(restaurant_id: str, order_id: str) -> Response:
    """The new time may be later or earlier. The customer is informed and does not need to agree."""
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
