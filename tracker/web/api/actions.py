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
from tracker.orders.operations.storage import order_of_restaurant
from tracker.orders.refusals import Refusal
from tracker.web.api.auth import NOT_THERE, caller
from tracker.web.api.docs.operation import answer, operation
from tracker.web.api.parsing import body
from tracker.web.api.schemas.actions_in import Adjust, Confirm, Progress, Promise, Reject
from tracker.web.api.schemas.order_out import OrderInFull, order_in_full
from tracker.web.http.services import parts

blueprint = Blueprint("acts", __name__, url_prefix="/restaurants/<restaurant_id>/orders/<order_id>")

Act = Callable[[Order, str, datetime], object]
"""What is done to the order, by whom, and when."""


@blueprint.post("/confirm")
@operation("Take an order on as it is", body=Confirm, answers={200: OrderInFull})
def confirm(restaurant_id: str, order_id: str) -> Response:
    """Say when the food will be there: in so many minutes, at a time, or not at all, which leaves the time open."""
    said = body(Confirm)

    def act(order: Order, who: str, now: datetime) -> object:
        return by_restaurant.confirm_order(order, said.moment(order, now), who=who, now=now)

    return _acted(restaurant_id, order_id, act)


@blueprint.post("/adjust")
@operation("Take an order on otherwise, if its customer agrees", body=Adjust, answers={200: OrderInFull})
def adjust(restaurant_id: str, order_id: str) -> Response:
    """Propose another time, lines or options left out; a newer proposal replaces one that has no answer yet.

    The names are those of the real-time contract's `order_adjustment`, and what they hold is read as forgivingly.
    """
    said = body(Adjust)

    def act(order: Order, who: str, now: datetime) -> object:
        return by_restaurant.adjust_order(order, said.change(order, now), who=who, now=now)

    return _acted(restaurant_id, order_id, act)


@blueprint.post("/reject")
@operation("Don’t take an order on, or no longer", body=Reject, answers={200: OrderInFull})
def reject(restaurant_id: str, order_id: str) -> Response:
    """Say no, with a reason in words for the customer: one of the restaurant's list, its own words, or none."""
    said = body(Reject)

    def act(order: Order, who: str, now: datetime) -> object:
        return by_restaurant.reject_order(order, said.reason, who=who, now=now)

    return _acted(restaurant_id, order_id, act)


@blueprint.post("/progress")
@operation("Say how far an order is", body=Progress, answers={200: OrderInFull})
def progress(restaurant_id: str, order_id: str) -> Response:
    """In one of the restaurant's own names for it, or in free words. The last name of its list completes the order."""
    said = body(Progress)

    def act(order: Order, who: str, now: datetime) -> object:
        return by_restaurant.progress_order(order, said.status, who=who, now=now, at=said.moment(order, now))

    return _acted(restaurant_id, order_id, act)


@blueprint.post("/promise")
@operation("Say another time for an order that is being made", body=Promise, answers={200: OrderInFull})
def promise(restaurant_id: str, order_id: str) -> Response:
    """It takes longer, or goes faster. The customer isn't asked, but told."""
    said = body(Promise)

    def act(order: Order, who: str, now: datetime) -> object:
        return by_restaurant.move_promise(order, said.new_moment(order, now), who=who, now=now)

    return _acted(restaurant_id, order_id, act)


def _acted(restaurant_id: str, order_id: str, act: Act) -> Response:
    now = clock.now()

    def work(session: Session) -> OrderInFull | Refusal:
        asking = caller(session, restaurant_id, now=now)
        order = order_of_restaurant(session, asking.restaurant.id, order_id, now=now)
        if order is None:
            raise NotFound(NOT_THERE)
        result = attempt(session, lambda: act(order, asking.who, now))
        return result if isinstance(result, Refusal) else order_in_full(order)

    done = parts().database.write(work)
    if isinstance(done, Refusal):
        raise done
    return answer(done)
