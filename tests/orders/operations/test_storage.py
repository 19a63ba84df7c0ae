"""Inserting a new order: its rows contain everything that the operations have set."""

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
    """Return an order that is not stored yet, of a restaurant and a customer who are."""
    platform_account, customer = a_platform_account(), a_customer()
    with database.transaction() as session:
        session.add_all([platform_account, customer])
    order = an_order(platform_account=platform_account, customer=customer, details=some_details(refunded_minor=50))
    order.customer_id = customer.id
    by_platform.confirm_order(order, at=EVENING, report=report(1, "b"), now=EVENING)
    by_platform.refund_order(order, 150, ref="r", report=report(2, "c"), now=EVENING)
    return order


def test_a_new_order_is_stored_with_all_its_collections(database: Database) -> None:
    order = an_eventful_order(database)

    with database.transaction() as session:
        insert_order(session.connection(), order)

    with database.transaction() as session:
        stored = load_order_for_update(session, order.id)
        assert order_snapshot(stored) == order_snapshot(order)
        assert (stored.version, stored.source_versions) == (3, order.source_versions)
        assert stored.restaurant.id == order.restaurant.id
        assert [event.published_at for event in stored.events] == [None] * 3


def every_row(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table, without generated ids."""
    with database.read_session() as session:
        return {table.name: rows(session, table) for table in Base.metadata.sorted_tables}


def rows(session: Session, table: Table) -> list[dict[str, Any]]:
    found = session.execute(select(table).order_by(*table.primary_key)).mappings().all()
    generated = table.autoincrement_column
    return [
        {name: value for name, value in row.items() if generated is None or name != generated.name} for row in found
    ]


def test_a_new_order_becomes_the_same_rows_as_with_the_orm(database: Database) -> None:
    order = an_eventful_order(database)
    before = every_row(database)
    with database.transaction() as session:
        insert_order(session.connection(), order)
    inserted = every_row(database)

    with database.transaction() as session:
        session.delete(load_order_for_update(session, order.id))
    after_deletion = every_row(database)
    with database.transaction() as session:
        session.add(order)

    assert after_deletion == before
    assert {name for name in inserted if inserted[name] != before[name]} == {
        "orders",
        "order_lines",
        "refunds",
        "order_events",
    }
    assert every_row(database) == inserted


def test_an_inserted_order_can_be_changed_afterwards(database: Database) -> None:
    order = an_eventful_order(database)
    with database.transaction() as session:
        insert_order(session.connection(), order)

    with database.transaction() as session:
        stored = load_order_for_update(session, order.id)
        by_platform.change_tip(stored, 500, report=report(3, "d"), now=EVENING + timedelta(minutes=3))

    with database.transaction() as session:
        assert load_order_for_update(session, order.id).bill.tip == 500


def test_an_order_that_is_in_a_session_is_not_inserted(database: Database) -> None:
    order = an_eventful_order(database)

    with database.transaction() as session:
        session.add(order)
        with pytest.raises(ValueError, match="a second time"):
            insert_order(session.connection(), order)
        session.expunge(order)
