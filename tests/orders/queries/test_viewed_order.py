"""Orders that are only looked at: the same as those that are kept, for whose they are, and not to be changed."""

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
    """The hash of a new session of the customer's."""
    with database.transaction() as session:
        return hash_secret(start_session(session, session.merge(customer), remember=False, now=EVENING))


def looked_at(database: Database, session_hash: str, order_id: str, **later: float) -> ViewedOrder | None:
    """What this session sees of this order, with all that belongs to it."""
    with database.read_connection() as transaction:
        looked = find_viewed_order(transaction, session_hash, order_id, now=EVENING + timedelta(**later))
        if looked and looked.order:
            load_details(transaction, looked.order)
    return looked


@pytest.fixture
def order(database: Database) -> Order:
    """An order to which everything has happened that leaves a trace, and which is kept."""
    order = an_order(customer=a_customer())
    by_platform.confirm_order(order, at=None, report=report(1), now=EVENING)
    by_platform.change_details(
        order, some_details(zone="Europe/Paris", refunded_minor=900), report=report(2), now=EVENING
    )
    by_platform.refund_order(order, 650, ref="r1", report=report(3), now=EVENING)
    with database.transaction() as session:
        session.add(order)
    return order


def test_an_order_that_is_looked_at_says_what_the_kept_one_says(database: Database, order: Order) -> None:
    looked = looked_at(database, a_session(database, order.customer), order.id)

    seen = looked.order
    plain = ("id", "version", "state", "fulfilment", "placed_at", "promised_at", "confirmed_at", "bill", "note")
    assert [getattr(seen, name) for name in plain] == [getattr(order, name) for name in plain]
    assert (seen.total, seen.refunded, seen.total_as_ordered) == (order.total, order.refunded, order.total_as_ordered)
    assert (seen.timezone.key, seen.restaurant.name) == ("Europe/Paris", order.restaurant.name)
    assert [(line.name, line.options) for line in seen.lines] == [(line.name, line.options) for line in order.lines]
    assert [(event.details, event.at) for event in seen.events] == [(event.details, event.at) for event in order.events]
    assert [refund.minor for refund in seen.refunds] == [650]


@pytest.mark.parametrize("look", [find_viewed_order, find_order_version])
def test_only_whose_order_it_is_sees_it_and_only_until_they_sign_out(
    database: Database, order: Order, look: object
) -> None:
    stranger = a_customer(email="grace@example.com")
    with database.transaction() as session:
        session.add(stranger)
    theirs, a_strangers = a_session(database, order.customer), a_session(database, stranger)

    def sees(session_hash: str, **later: float) -> str:
        with database.autocommit_connection() as connection:
            looked = look(connection, session_hash, order.id, now=EVENING + timedelta(**later))
        return "nobody" if looked is None else "it" if looked.order else "nothing"

    assert [sees(theirs), sees(a_strangers), sees("made up"), sees(theirs, days=400)] == [
        "it",
        "nothing",
        "nobody",
        "nobody",
    ]
    with database.transaction() as session:
        end_session(session.get_one(CustomerSession, theirs), now=EVENING)
    assert sees(theirs) == "nobody"


def test_what_is_looked_at_can_not_be_stored_and_what_was_not_read_is_not_asked_for(
    database: Database, order: Order
) -> None:
    seen = looked_at(database, a_session(database, order.customer), order.id).order

    with pytest.raises(UnmappedInstanceError), database.transaction() as session:
        session.add(seen)
    with pytest.raises(AttributeError):
        _ = seen.customer
