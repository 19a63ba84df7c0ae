"""An order looks the same however it was loaded, and a field that was not loaded is an error and not a blank."""

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
    """A database of SQLite only, because the kind of database makes no difference to what is shown."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def ada() -> Customer:
    """The customer."""
    return a_customer()


def stored(database: Database, order: Order, customer: Customer) -> Order:
    """Store the order as one of this customer's, and return it."""
    order.customer = customer
    order.restaurant.created_at = EVENING
    if order.platform_account:
        order.platform_account.verify_token_hash, order.platform_account.created_at = "", EVENING
    with database.transaction() as session:
        session.add(order)
    return order


def sign_in(client: FlaskClient, database: Database, customer: Customer) -> None:
    """Sign in as the customer."""
    with database.transaction() as session:
        token = start_session(session, session.merge(customer), remember=False, now=EVENING)
    use_session(client, token)


def comparable_text(client: FlaskClient, address: str) -> str:
    """Return the text of the response without its nonce and token, which differ in every response."""
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r'(nonce|data-token)="[^"]+"', "", response.text)


@pytest.mark.parametrize("state", STATES)
def test_an_order_looks_the_same_with_and_without_the_cache_and_alone_and_in_its_page(
    settings: Settings, database: Database, clock: Clock, ada: Customer, state: str
) -> None:
    order = stored(database, STATES[state](clock.now), ada)
    page, region = f"/orders/{order.id}", f"/orders/{order.id}/live"
    first, second = (create_app(settings, database).test_client() for _ in range(2))
    for client in (first, second):
        sign_in(client, database, ada)

    pages = [comparable_text(first, page), comparable_text(first, page)]
    regions = [comparable_text(client, region) for client in (second, second, first)]
    pages.append(comparable_text(second, page))

    assert len(set(pages)) == len(set(regions)) == 1
    assert regions[0] in pages[0]


@pytest.mark.parametrize("state", STATES)
def test_an_order_that_is_loaded_for_viewing_looks_like_the_whole_order(
    app: Flask, client: FlaskClient, database: Database, clock: Clock, ada: Customer, state: str
) -> None:
    order = stored(database, STATES[state](clock.now), ada)
    sign_in(client, database, ada)

    response = client.get(f"/orders/{order.id}/live")

    with app.test_request_context(), database.read_session() as session:
        whole = OrderPage(session.get_one(Order, order.id), clock.now)
        etag = response.headers["ETag"]
        assert response.text == render_template("customer/_live.html", page=whole, formatter=whole.formatter, etag=etag)


@pytest.mark.parametrize("column", ["short_code", "payment", "note", "promised_at", "lines", "restaurant"])
def test_a_field_that_was_not_loaded_is_an_error_and_not_a_blank(
    client: FlaskClient, database: Database, ada: Customer, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    order = an_order(customer=ada)
    stored(database, order, ada)
    sign_in(client, database, ada)

    def load_without_column(transaction: object, viewed_order: Order) -> None:
        load_details(transaction, viewed_order)
        delattr(viewed_order, column)

    with monkeypatch.context() as patches:
        patches.setattr("tracker.web.customer.rendering.load_details", load_without_column)
        responses = [client.get(f"/orders/{order.id}{part}").status_code for part in ("", "/live")]

    assert responses == [500, 500]
    assert client.get(f"/orders/{order.id}").status_code == 200
