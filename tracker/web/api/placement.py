"""Placing an order of a restaurant's own: any system that takes orders can be its source."""

import hashlib
import re
from datetime import datetime

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from tracker import clock
from tracker.orders.operations.placement import Placing, place_order, placed_before
from tracker.orders.operations.storage import order_to_change
from tracker.web.api.auth import Caller, caller
from tracker.web.api.docs.operation import answer, operation
from tracker.web.api.parsing import body
from tracker.web.api.schemas.customer import customer_said
from tracker.web.api.schemas.order_in import PlaceOrder
from tracker.web.api.schemas.order_out import OrderInFull, order_in_full
from tracker.web.http.services import parts

KEY = r"^[!-~]([ -~]{0,198}[!-~])?$"

_KEY = re.compile(KEY[1:-1])

blueprint = Blueprint("placing", __name__, url_prefix="/restaurants/<restaurant_id>/orders")


@blueprint.post("")
@operation(
    "Place an order",
    body=PlaceOrder,
    headers={"Idempotency-Key": KEY},
    answers={201: OrderInFull, 200: OrderInFull},
)
def place(restaurant_id: str) -> Response:
    """Under a key of your own, of up to 200 printable characters: sent again with the same, it is the same order (200).

    What it costs is added up here: the quantities times the unit prices, the charges, less the discount.
    """
    key, said, now = _key(), body(PlaceOrder), clock.now()
    body_hash = hashlib.sha256(said.model_dump_json(exclude_unset=True).encode()).hexdigest()

    def work(session: Session) -> tuple[OrderInFull, int]:
        asking = caller(session, restaurant_id, now=now)
        known = placed_before(session, asking.restaurant.id, key, body_hash)
        order_id = known or _place(session, asking, key, said, body_hash, now)
        return order_in_full(order_to_change(session, order_id)), 200 if known else 201

    shown, status = parts().database.write(work)
    response = answer(shown, status)
    response.headers["Location"] = f"{request.path}/{shown.id}"
    return response


def _place(session: Session, asking: Caller, key: str, said: PlaceOrder, body_hash: str, now: datetime) -> str:
    details = said.details(asking.restaurant, key, now)
    customer = customer_said(session, asking.restaurant, said.customer, now=now)
    order = place_order(asking.restaurant, details, customer=customer, who=asking.who, now=now).order
    session.add(order)
    session.flush()
    session.add(
        Placing(restaurant_id=asking.restaurant.id, key=key, body_hash=body_hash, order_id=order.id, created_at=now)
    )
    session.flush()
    return order.id


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise BadRequest(
            "Send an Idempotency-Key: a name of your own for this order, of 1 to 200 printable characters."
        )
    return key
