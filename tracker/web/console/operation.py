"""Performing an operation on an order of the restaurant, for a member of its staff."""

from collections.abc import Callable
from datetime import datetime

from flask import abort
from sqlalchemy.orm import Session

from tracker import clock
from tracker.orders.model import Order
from tracker.orders.operations.attempt import attempt
from tracker.orders.operations.storage import find_order_for_restaurant
from tracker.orders.refusals import Refusal
from tracker.web.console.auth import staff_member
from tracker.web.http.auth import require_customer
from tracker.web.http.services import services

Operation = Callable[[Order, str, datetime], object]
"""An operation on the order. Its arguments are the order, the actor's name and the time."""


def operate(restaurant_id: str, order_id: str, operation: Operation) -> Refusal | None:
    """Perform the operation for the signed-in member of staff. Return the refusal if it is refused, else None."""
    now, actor_name = clock.now(), require_customer().actor_name

    def work(session: Session) -> Refusal | None:
        member = staff_member(session, restaurant_id, now)
        order = find_order_for_restaurant(session, member.restaurant_id, order_id, now=now)
        if order is None:
            abort(404)
        result = attempt(session, lambda: operation(order, actor_name, now))
        return result if isinstance(result, Refusal) else None

    return services().database.run_in_transaction(work)
