"""An operation that changes something before it is refused leaves nothing of that, whoever asked for it."""

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

Asks = Callable[[Work, FlaskClient, str], TestResponse]


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
        kept, secret = issue_secret(session.get_one(Restaurant, work.restaurant.id), now=work.now)
        session.add(kept)
    address = f"/api/v1/restaurants/{work.restaurant.id}/orders/{order_id}/reject"
    return browser.post(address, json={}, headers={"Authorization": f"Bearer {secret}"})


DOORS: dict[str, tuple[str, Asks]] = {
    "customer": ("tracker.orders.operations.by_customer.cancel_order", _customer_cancels),
    "share links": ("tracker.web.customer.share_links.share_order", _customer_shares),
    "console": ("tracker.web.console.actions.reject_order", _staff_rejects),
    "API": ("tracker.orders.operations.by_restaurant.reject_order", _program_rejects),
}


def half_done(order: Order, *_: object, **__: Any) -> NoReturn:
    """An operation that finds out too late that it is not possible."""
    order.note, order.lines[0].quantity = "half", 99
    raise NotNow("This is refused after all.")


@pytest.mark.parametrize("door", DOORS)
def test_of_an_operation_that_is_refused_halfway_only_what_the_clock_did_before_it_remains(
    app: Flask, client: FlaskClient, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    operation, asks = DOORS[door]
    work = at_work(client, database, clock)
    order_id = work.takes_in()
    later = ProposedChange(promised_at=work.now + timedelta(hours=1))
    work.happens(order_id, by_restaurant.adjust_order, later, actor_name=OWNER)
    before = work.order(order_id)
    clock.move(minutes=work.restaurant.answer_minutes + 1)
    monkeypatch.setattr(operation, half_done)

    response = asks(work, app.test_client(), order_id)

    assert response.status_code == 409
    assert "This is refused after all." in response.text
    after = work.order(order_id)
    assert (after.note, after.lines[0].quantity) == (before.note, before.lines[0].quantity)
    assert (after.version, after.open_adjustment) == (before.version + 1, None)
