"""Nothing of an order is left blank because it was not read: it looks the same however it came to be shown."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from tests.browser_sessions import use_session
from tests.builders import EVENING, a_customer, an_order
from tests.conftest import Clock
from tracker.accounts.model import Customer
from tracker.accounts.sign_in import start_session
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.queries.viewed_order import load_details
from tracker.samples.platform_orders import STATES
from tracker.web.customer.order_view import OrderPage

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Which kind it is makes no difference to what is shown."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def ada() -> Customer:
    """The customer."""
    return a_customer()


def kept(database: Database, order: Order, customer: Customer) -> Order:
    """The order, written down as this customer's."""
    order.customer = customer
    order.restaurant.created_at = EVENING
    if order.platform_account:
        order.platform_account.verify_token_hash, order.platform_account.created_at = "", EVENING
    with database.transaction() as session:
        session.add(order)
    return order


def sign_in(client: FlaskClient, database: Database, customer: Customer) -> None:
    """From now on this browser is the customer's."""
    with database.transaction() as session:
        token = start_session(session, session.merge(customer), remember=False, now=EVENING)
    use_session(client, token)


def seen(client: FlaskClient, address: str) -> str:
    """The answer without what each has for itself: its nonce, and its token."""
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r'(nonce|data-token)="[^"]+"', "", response.text)


@pytest.mark.parametrize("state", STATES)
def test_an_order_looks_the_same_the_first_time_and_the_second_alone_and_in_its_page(
    settings: Settings, database: Database, clock: Clock, ada: Customer, state: str
) -> None:
    order = kept(database, STATES[state](clock.now), ada)
    page, region = f"/orders/{order.id}", f"/orders/{order.id}/live"
    one, other = (create_app(settings, database).test_client() for _ in range(2))
    for client in (one, other):
        sign_in(client, database, ada)

    pages = [seen(one, page), seen(one, page)]
    regions = [seen(other, region), seen(other, region), seen(one, region)]
    pages.append(seen(other, page))

    assert len(set(pages)) == len(set(regions)) == 1
    assert regions[0] in pages[0]


@pytest.mark.parametrize("state", STATES)
def test_an_order_that_is_only_looked_at_is_shown_with_all_that_the_whole_order_says(
    app: Flask, client: FlaskClient, database: Database, clock: Clock, ada: Customer, state: str
) -> None:
    order = kept(database, STATES[state](clock.now), ada)
    sign_in(client, database, ada)

    response = client.get(f"/orders/{order.id}/live")

    with app.test_request_context(), database.read_session() as session:
        whole = OrderPage(session.get_one(Order, order.id), clock.now)
        etag = response.headers["ETag"]
        assert response.text == render_template("customer/_live.html", page=whole, formatter=whole.formatter, etag=etag)


@pytest.mark.parametrize("column", ["short_code", "payment", "note", "promised_at", "lines", "restaurant"])
def test_what_was_forgotten_when_the_order_was_read_is_an_error_and_no_blank(
    client: FlaskClient, database: Database, ada: Customer, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    order = an_order(customer=ada)
    kept(database, order, ada)
    sign_in(client, database, ada)

    def read_without_it(transaction: object, looked_at: Order) -> None:
        load_details(transaction, looked_at)
        delattr(looked_at, column)

    with monkeypatch.context() as forgetful:
        forgetful.setattr("tracker.web.customer.rendering.load_details", read_without_it)
        responses = [client.get(f"/orders/{order.id}{part}").status_code for part in ("", "/live")]

    assert responses == [500, 500]
    assert client.get(f"/orders/{order.id}").status_code == 200
