"""An operation that changes something before it is refused is rolled back in the same way for all actors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Clock
from tests.web.console.kitchen import OWNER, Work, at_work
from tests.web.customer.adjusted_order import is_signed_in
from tracker.accounts.model import Restaurant
from tracker.accounts.registration import issue_secret
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.refusals import NotNow

Request = Callable[[Work, FlaskClient, str], TestResponse]


def _customer_cancels(work: Work, browser: FlaskClient, order_id: str) -> TestResponse:
    is_signed_in(browser, work.database, work.customer)
    return browser.post(f"/orders/{order_id}/cancel", data={"version": 1})


def _customer_shares(work: Work, browser: FlaskClient, order_id: str) -> TestResponse:
    is_signed_in(browser, work.database, work.customer)
    return browser.post(f"/orders/{order_id}/share")


def _staff_rejects(work: Work, browser: FlaskClient, order_id: str) -> TestResponse:
    work.sign_in(OWNER, browser)
    return browser.post(f"{work.address(order_id)}/reject")


def _program_rejects(work: Work, browser: FlaskClient, order_id: str) -> TestResponse:
    with work.database.transaction() as session:
        stored_secret, secret = issue_secret(session.get_one(Restaurant, work.restaurant.id), now=work.now)
        session.add(stored_secret)
    address = f"/api/v1/restaurants/{work.restaurant.id}/orders/{order_id}/reject"
    return browser.post(address, json={}, headers={"Authorization": f"Bearer {secret}"})


REQUESTS: dict[str, tuple[str, Request]] = {
    "customer": ("tracker.orders.operations.by_customer.cancel_order", _customer_cancels),
    "share links": ("tracker.web.customer.share_links.share_order", _customer_shares),
    "console": ("tracker.web.console.actions.reject_order", _staff_rejects),
    "API": ("tracker.orders.operations.by_restaurant.reject_order", _program_rejects),
}


def half_done(order: Order, *_: object, **__: Any) -> NoReturn:
    """Change the order and then refuse the operation."""
    order.note, order.lines[0].quantity = "half", 99
    raise NotNow("This is refused after all.")


@pytest.mark.parametrize("name", REQUESTS)
def test_an_operation_that_is_refused_halfway_is_rolled_back_but_the_lapse_before_it_remains(
    app: Flask, client: FlaskClient, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    operation, request = REQUESTS[name]
    work = at_work(client, database, clock)
    order_id = work.place_order()
    later = ProposedChange(promised_at=work.now + timedelta(hours=1))
    work.perform(order_id, by_restaurant.adjust_order, later, actor_name=OWNER)
    before = work.order(order_id)
    clock.move(minutes=work.restaurant.answer_minutes + 1)
    monkeypatch.setattr(operation, half_done)

    response = request(work, app.test_client(), order_id)

    assert response.status_code == 409
    assert "This is refused after all." in response.text
    after = work.order(order_id)
    assert (after.note, after.lines[0].quantity) == (before.note, before.lines[0].quantity)
    assert (after.version, after.open_adjustment) == (before.version + 1, None)
