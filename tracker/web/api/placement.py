"""Placing a restaurant's own order over the API, for any system that takes orders."""

import hashlib
import re
from datetime import datetime

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from tracker import clock
from tracker.orders.operations.placement import IdempotencyKey, find_idempotent_order, place_order
from tracker.orders.operations.storage import load_order_for_update
from tracker.web.api.auth import Caller, identify_caller
from tracker.web.api.docs.operation import json_response, operation
from tracker.web.api.parsing import read_body
from tracker.web.api.schemas.customer import resolve_requested_customer
from tracker.web.api.schemas.order_in import PlaceOrderRequest
from tracker.web.api.schemas.order_out import OrderDetail, order_detail
from tracker.web.http.services import services

KEY = r"^[!-~]([ -~]{0,198}[!-~])?$"

_KEY = re.compile(KEY[1:-1])

blueprint = Blueprint("placement", __name__, url_prefix="/restaurants/<restaurant_id>/orders")


@blueprint.post("")
@operation(
    "Place an order",
    body=PlaceOrderRequest,
    headers={"Idempotency-Key": KEY},
    responses={201: OrderDetail, 200: OrderDetail},
)
def place(restaurant_id: str) -> Response:
    """The `Idempotency-Key` is a key of your own, of up to 200 printable characters. If you send the request again with
    the same key, the response is the same order, with status 200.

    The total is calculated here: quantities times unit prices, plus charges, less the discount.
    """
    key, request_body, now = _key(), read_body(PlaceOrderRequest), clock.now()
    body_hash = hashlib.sha256(request_body.model_dump_json(exclude_unset=True).encode()).hexdigest()

    def work(session: Session) -> tuple[OrderDetail, int]:
        caller = identify_caller(session, restaurant_id, now=now)
        existing = find_idempotent_order(session, caller.restaurant.id, key, body_hash)
        order_id = existing or _place(session, caller, key, request_body, body_hash, now)
        return order_detail(load_order_for_update(session, order_id)), 200 if existing else 201

    detail, status = services().database.run_in_transaction(work)
    response = json_response(detail, status)
    response.headers["Location"] = f"{request.path}/{detail.id}"
    return response


def _place(
    session: Session, caller: Caller, key: str, request_body: PlaceOrderRequest, body_hash: str, now: datetime
) -> str:
    details = request_body.details(caller.restaurant, key, now)
    customer = resolve_requested_customer(session, caller.restaurant, request_body.customer, now=now)
    order = place_order(caller.restaurant, details, customer=customer, actor_name=caller.actor_name, now=now).order
    session.add(order)
    session.flush()
    session.add(
        IdempotencyKey(
            restaurant_id=caller.restaurant.id, key=key, body_hash=body_hash, order_id=order.id, created_at=now
        )
    )
    session.flush()
    return order.id


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise BadRequest("Send an Idempotency-Key: a key of your own for this order, of 1 to 200 printable characters.")
    return key
