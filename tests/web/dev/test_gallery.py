"""The gallery shows every state of an order, and exists in development only."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import Applications
from tracker import clock
from tracker.config import Environment, Settings
from tracker.database import Database
from tracker.orders.progress import Fulfilment
from tracker.orders.states import OrderEventKind, OrderState
from tracker.samples.platform_orders import STATES, sample_orders

NOT_IN_THE_HISTORY = {"order.corrected"}
"""Kinds of events that are no entries of the history, so that the gallery needs no order with them."""


@pytest.fixture
def app(applications: Applications, settings: Settings) -> Flask:
    """The application with an empty database, because the gallery's orders are in none."""
    return applications.serving(settings, Database(settings.database))


@pytest.mark.parametrize("state", STATES)
def test_the_gallery_shows_every_state_of_an_order(client: FlaskClient, state: str) -> None:
    response = client.get(f"/gallery/order/{state}")

    assert response.status_code == 200
    assert 'id="live"' in response.text
    assert f"/gallery/order/{state}" in client.get("/gallery").text


def test_the_gallery_shows_the_list_of_orders_and_the_empty_list(client: FlaskClient) -> None:
    full, empty = client.get("/gallery/orders"), client.get("/gallery/orders/none")

    assert full.text.count('class="card ') == len(STATES) - 1
    assert "The Extraordinarily Long-Named Neighbourhood Kitchen of" in full.text
    assert "Nothing here yet" in empty.text


def test_an_unknown_state_is_not_found(client: FlaskClient) -> None:
    assert client.get("/gallery/order/on-the-moon").status_code == 404


def test_the_sample_orders_cover_every_state_fulfilment_and_event() -> None:
    orders = sample_orders(clock.now())

    assert {order.state for order in orders} == set(OrderState)
    assert {order.fulfilment for order in orders} == set(Fulfilment)
    assert {event.kind for order in orders for event in order.events} >= set(OrderEventKind) - NOT_IN_THE_HISTORY


@pytest.mark.parametrize("path", ["/gallery", "/gallery/order/placed", "/gallery/orders", "/gallery/error/500"])
def test_the_gallery_does_not_exist_in_production(applications: Applications, settings: Settings, path: str) -> None:
    production = {"environment": Environment.PRODUCTION}
    app = applications.serving(settings.model_copy(update=production), Database(settings.database))

    assert app.test_client().get(path).status_code == 404
