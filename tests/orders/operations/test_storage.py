"""A new order as rows: what is written down is all that the operations made of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from tests.builders import EVENING, a_customer, a_platform_account, an_order, report, some_details
from tracker.database import Base, Database
from tracker.orders.model import Order
from tracker.orders.operations import by_platform
from tracker.orders.operations.storage import insert_order, load_order_for_update
from tracker.orders.snapshot import order_snapshot


def an_eventful_order(database: Database) -> Order:
    """Of a restaurant and a customer whom the database knows; itself not in it yet."""
    platform_account, customer = a_platform_account(), a_customer()
    with database.transaction() as session:
        session.add_all([platform_account, customer])
    order = an_order(platform_account=platform_account, customer=customer, details=some_details(refunded_minor=50))
    order.customer_id = customer.id
    by_platform.confirm_order(order, at=EVENING, report=report(1, "b"), now=EVENING)
    by_platform.refund_order(order, 150, ref="r", report=report(2, "c"), now=EVENING)
    return order


def test_a_new_order_is_kept_with_all_that_belongs_to_it(database: Database) -> None:
    order = an_eventful_order(database)

    with database.transaction() as session:
        insert_order(session.connection(), order)

    with database.transaction() as session:
        kept = load_order_for_update(session, order.id)
        assert order_snapshot(kept) == order_snapshot(order)
        assert (kept.version, kept.source_versions) == (3, order.source_versions)
        assert kept.restaurant.id == order.restaurant.id
        assert [event.published_at for event in kept.events] == [None] * 3


def every_row(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table, without the numbers that the database gives by itself."""
    with database.read_session() as session:
        return {table.name: rows(session, table) for table in Base.metadata.sorted_tables}


def rows(session: Session, table: Table) -> list[dict[str, Any]]:
    found = session.execute(select(table).order_by(*table.primary_key)).mappings().all()
    given = table.autoincrement_column
    return [{name: value for name, value in row.items() if given is None or name != given.name} for row in found]


def test_a_new_order_becomes_the_very_rows_that_sqlalchemy_would_make_of_it(database: Database) -> None:
    order = an_eventful_order(database)
    before = every_row(database)
    with database.transaction() as session:
        insert_order(session.connection(), order)
    ours = every_row(database)

    with database.transaction() as session:
        session.delete(load_order_for_update(session, order.id))
    without_it = every_row(database)
    with database.transaction() as session:
        session.add(order)

    assert without_it == before
    assert {name for name in ours if ours[name] != before[name]} == {"orders", "order_lines", "refunds", "order_events"}
    assert every_row(database) == ours


def test_a_kept_order_goes_on_as_if_it_had_always_been_there(database: Database) -> None:
    order = an_eventful_order(database)
    with database.transaction() as session:
        insert_order(session.connection(), order)

    with database.transaction() as session:
        kept = load_order_for_update(session, order.id)
        by_platform.change_tip(kept, 500, report=report(3, "d"), now=EVENING + timedelta(minutes=3))

    with database.transaction() as session:
        assert load_order_for_update(session, order.id).bill.tip == 500


def test_an_order_that_a_session_would_store_is_not_stored_twice(database: Database) -> None:
    order = an_eventful_order(database)

    with database.transaction() as session:
        session.add(order)
        with pytest.raises(ValueError, match="once more"):
            insert_order(session.connection(), order)
        session.expunge(order)
