"""A restaurant's orders over the API: placing one of its own, and looking at all of them."""

from typing import Literal

from flask import Blueprint, Response
from pydantic import Field
from werkzeug.exceptions import NotFound

from tracker import clock
from tracker.orders.operations.storage import order_of_restaurant
from tracker.orders.queries.finders import orders_of_restaurant
from tracker.web.api.auth import NOT_THERE, caller
from tracker.web.api.docs.operation import answer, operation
from tracker.web.api.parsing import Said, query
from tracker.web.api.schemas.fields import ID
from tracker.web.api.schemas.order_out import OrderInFull, OrderShown, order_in_full, order_shown
from tracker.web.api.schemas.response_model import Shown
from tracker.web.http.services import parts

PAGE = 50

blueprint = Blueprint("orders", __name__, url_prefix="/restaurants/<restaurant_id>/orders")


class Which(Said):
    """Which of the restaurant's orders are listed."""

    state: Literal["live", "all"] = Field("live", description="live: those that have not ended.")
    before: str | None = Field(None, pattern=ID, description="The order with which the page before ended: its `next`.")


class Orders(Shown):
    """A page of orders, newest first."""

    orders: list[OrderShown]
    next: str | None = Field(description="Ask again with before=… for the page after this one; null: there is none.")


@blueprint.get("")
@operation("List the orders", query=Which, answers={200: Orders})
def list_orders(restaurant_id: str) -> Response:
    """Newest first, in pages."""
    which = query(Which)
    with parts().database.reading() as session:
        asking = caller(session, restaurant_id, now=clock.now())
        found = orders_of_restaurant(
            session, asking.restaurant.id, only_live=which.state == "live", before=which.before, limit=PAGE + 1
        )
        if found is None:
            raise NotFound("There is no such order to go on from.")
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return answer(Orders(orders=[order_shown(order) for order in found[:PAGE]], next=more))


@blueprint.get("/<order_id>")
@operation("Look at an order", answers={200: OrderInFull})
def show_order(restaurant_id: str, order_id: str) -> Response:
    """Everything that its restaurant needs, with its history: who did what, and when."""
    now = clock.now()
    with parts().database.reading() as session:
        asking = caller(session, restaurant_id, now=now)
        order = order_of_restaurant(session, asking.restaurant.id, order_id, now=now)
        if order is None:
            raise NotFound(NOT_THERE)
        return answer(order_in_full(order))
