"""A new order as rows: what is written down is all that the operations made of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from tests.builders import EVENING, a_connection, a_customer, an_order, some_details, told
from tracker.database import Base, Database
from tracker.orders.model import Order
from tracker.orders.operations import by_platform as by_upstream
from tracker.orders.operations.storage import order_to_change, store_new
from tracker.orders.snapshot import as_shown


def an_eventful_order(database: Database) -> Order:
    """Of a restaurant and a customer whom the database knows; itself not in it yet."""
    connection, customer = a_connection(), a_customer()
    with database.writing() as session:
        session.add_all([connection, customer])
    order = an_order(connection=connection, customer=customer, details=some_details(refunded_minor=50))
    order.customer_id = customer.id
    by_upstream.confirm_order(order, at=EVENING, told=told(1, "b"), now=EVENING)
    by_upstream.refund_order(order, 150, ref="r", told=told(2, "c"), now=EVENING)
    return order


def test_a_new_order_is_kept_with_all_that_belongs_to_it(database: Database) -> None:
    order = an_eventful_order(database)

    with database.writing() as session:
        store_new(session.connection(), order)

    with database.writing() as session:
        kept = order_to_change(session, order.id)
        assert as_shown(kept) == as_shown(order)
        assert (kept.version, kept.source_versions) == (3, order.source_versions)
        assert kept.restaurant.id == order.restaurant.id
        assert [event.published_at for event in kept.events] == [None] * 3


def every_row(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table, without the numbers that the database gives by itself."""
    with database.reading() as session:
        return {table.name: rows(session, table) for table in Base.metadata.sorted_tables}


def rows(session: Session, table: Table) -> list[dict[str, Any]]:
    found = session.execute(select(table).order_by(*table.primary_key)).mappings().all()
    given = table.autoincrement_column
    return [{name: value for name, value in row.items() if given is None or name != given.name} for row in found]


def test_a_new_order_becomes_the_very_rows_that_sqlalchemy_would_make_of_it(database: Database) -> None:
    order = an_eventful_order(database)
    before = every_row(database)
    with database.writing() as session:
        store_new(session.connection(), order)
    ours = every_row(database)

    with database.writing() as session:
        session.delete(order_to_change(session, order.id))
    without_it = every_row(database)
    with database.writing() as session:
        session.add(order)

    assert without_it == before
    assert {name for name in ours if ours[name] != before[name]} == {"orders", "order_lines", "refunds", "order_events"}
    assert every_row(database) == ours


def test_a_kept_order_goes_on_as_if_it_had_always_been_there(database: Database) -> None:
    order = an_eventful_order(database)
    with database.writing() as session:
        store_new(session.connection(), order)

    with database.writing() as session:
        kept = order_to_change(session, order.id)
        by_upstream.change_tip(kept, 500, told=told(3, "d"), now=EVENING + timedelta(minutes=3))

    with database.writing() as session:
        assert order_to_change(session, order.id).bill.tip == 500


def test_an_order_that_a_session_would_store_is_not_stored_twice(database: Database) -> None:
    order = an_eventful_order(database)

    with database.writing() as session:
        session.add(order)
        with pytest.raises(ValueError, match="once more"):
            store_new(session.connection(), order)
        session.expunge(order)
