"""Orders read in order to show them: equal to the stored ones, visible only to their customer, and read-only."""

from datetime import timedelta

import pytest
from sqlalchemy.orm.exc import UnmappedInstanceError

from tests.builders import EVENING, a_customer, an_order, report, some_details
from tracker.accounts.model import Customer, CustomerSession
from tracker.accounts.sign_in import end_session, start_session
from tracker.accounts.tokens import hash_secret
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations import by_platform
from tracker.orders.queries.viewed_order import ViewedOrder, find_order_version, find_viewed_order, load_details


def a_session(database: Database, customer: Customer) -> str:
    """Start a session of the customer and return its hash."""
    with database.transaction() as session:
        return hash_secret(start_session(session, session.merge(customer), remember=False, now=EVENING))


def viewed_order(database: Database, session_hash: str, order_id: str, **later: float) -> ViewedOrder | None:
    """Return what this session sees of this order, with its details."""
    with database.read_connection() as transaction:
        viewed = find_viewed_order(transaction, session_hash, order_id, now=EVENING + timedelta(**later))
        if viewed and viewed.order:
            load_details(transaction, viewed.order)
    return viewed


@pytest.fixture
def order(database: Database) -> Order:
    """A stored order with events, corrections and refunds."""
    order = an_order(customer=a_customer())
    by_platform.confirm_order(order, at=None, report=report(1), now=EVENING)
    by_platform.change_details(
        order, some_details(zone="Europe/Paris", refunded_minor=900), report=report(2), now=EVENING
    )
    by_platform.refund_order(order, 650, ref="r1", report=report(3), now=EVENING)
    with database.transaction() as session:
        session.add(order)
    return order


def test_a_viewed_order_equals_the_stored_one(database: Database, order: Order) -> None:
    viewed = viewed_order(database, a_session(database, order.customer), order.id)

    seen = viewed.order
    plain = ("id", "version", "state", "fulfilment", "placed_at", "promised_at", "confirmed_at", "bill", "note")
    assert [getattr(seen, name) for name in plain] == [getattr(order, name) for name in plain]
    assert (seen.total, seen.refunded, seen.total_as_ordered) == (order.total, order.refunded, order.total_as_ordered)
    assert (seen.timezone.key, seen.restaurant.name) == ("Europe/Paris", order.restaurant.name)
    assert [(line.name, line.options) for line in seen.lines] == [(line.name, line.options) for line in order.lines]
    assert [(event.details, event.at) for event in seen.events] == [(event.details, event.at) for event in order.events]
    assert [refund.minor for refund in seen.refunds] == [650]


@pytest.mark.parametrize("find", [find_viewed_order, find_order_version])
def test_only_its_customer_sees_an_order_and_only_until_they_sign_out(
    database: Database, order: Order, find: object
) -> None:
    stranger = a_customer(email="grace@example.com")
    with database.transaction() as session:
        session.add(stranger)
    customers_session, strangers_session = a_session(database, order.customer), a_session(database, stranger)

    def result_for(session_hash: str, **later: float) -> str:
        with database.autocommit_connection() as connection:
            viewed = find(connection, session_hash, order.id, now=EVENING + timedelta(**later))
        return "signed out" if viewed is None else "order" if viewed.order else "no order"

    assert [
        result_for(customers_session),
        result_for(strangers_session),
        result_for("made up"),
        result_for(customers_session, days=400),
    ] == [
        "order",
        "no order",
        "signed out",
        "signed out",
    ]
    with database.transaction() as session:
        end_session(session.get_one(CustomerSession, customers_session), now=EVENING)
    assert result_for(customers_session) == "signed out"


def test_a_viewed_order_cannot_be_stored_and_does_not_load_more_from_the_database(
    database: Database, order: Order
) -> None:
    seen = viewed_order(database, a_session(database, order.customer), order.id).order

    with pytest.raises(UnmappedInstanceError), database.transaction() as session:
        session.add(seen)
    with pytest.raises(AttributeError):
        _ = seen.customer
