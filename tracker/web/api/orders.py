"""Listing a restaurant's orders and showing one of them, over the API."""

from typing import Literal

from flask import Blueprint, Response
from pydantic import Field
from werkzeug.exceptions import NotFound

from tracker import clock
from tracker.orders.operations.storage import find_order_for_restaurant
from tracker.orders.queries.finders import list_orders_for_restaurant
from tracker.web.api.auth import NOT_FOUND, identify_caller
from tracker.web.api.docs.operation import json_response, operation
from tracker.web.api.parsing import RequestModel, read_query
from tracker.web.api.schemas.fields import ID
from tracker.web.api.schemas.order_out import OrderDetail, OrderResponse, order_detail, order_response
from tracker.web.api.schemas.response_model import ResponseModel
from tracker.web.http.services import services

PAGE = 50

blueprint = Blueprint("orders", __name__, url_prefix="/restaurants/<restaurant_id>/orders")


class OrderFilter(RequestModel):
    """The filter of a list of orders."""

    state: Literal["live", "all"] = Field("live", description="`live`: only the orders that have not ended.")
    before: str | None = Field(None, pattern=ID, description="The `next` of the previous page: its last order.")


class OrderListResponse(ResponseModel):
    """A page of orders, newest first."""

    orders: list[OrderResponse]
    next: str | None = Field(description="The value of `before` for the next page; null if this is the last one.")


@blueprint.get("")
@operation("List the orders", query=OrderFilter, responses={200: OrderListResponse})
def list_orders(restaurant_id: str) -> Response:
    """The orders are listed in pages, newest first."""
    filters = read_query(OrderFilter)
    with services().database.read_session() as session:
        caller = identify_caller(session, restaurant_id, now=clock.now())
        found = list_orders_for_restaurant(
            session, caller.restaurant.id, only_live=filters.state == "live", before=filters.before, limit=PAGE + 1
        )
        if found is None:
            raise NotFound("There is no order with the id given as before.")
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return json_response(OrderListResponse(orders=[order_response(order) for order in found[:PAGE]], next=more))


@blueprint.get("/<order_id>")
@operation("Show an order", responses={200: OrderDetail})
def show_order(restaurant_id: str, order_id: str) -> Response:
    """The response contains the whole order with its history: who did what, and when."""
    now = clock.now()
    with services().database.read_session() as session:
        caller = identify_caller(session, restaurant_id, now=now)
        order = find_order_for_restaurant(session, caller.restaurant.id, order_id, now=now)
        if order is None:
            raise NotFound(NOT_FOUND)
        return json_response(order_detail(order))
