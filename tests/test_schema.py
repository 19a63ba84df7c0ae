"""The migrations create the tables that the model classes describe, and unique constraints prevent duplicates."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import IntegrityError

from tests.builders import EVENING, a_customer, an_order, report
from tracker.accounts.model import Customer
from tracker.database import Database
from tracker.orders.operations.by_platform import refund_order
from tracker.schema import METADATA, is_up_to_date, migrate
from tracker.upstream.notice import Notice, NoticeState


def test_the_migrations_create_the_tables_of_the_model(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == []
    assert is_up_to_date(database)


def test_migrating_again_keeps_all_rows(database: Database) -> None:
    with database.transaction() as session:
        session.add(a_customer(email="kept@example.com"))

    migrate(database)

    with database.read_session() as session:
        assert [customer.email for customer in session.query(Customer)] == ["kept@example.com"]


def test_an_empty_database_is_not_up_to_date(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.sqlite")

    assert not is_up_to_date(database)

    migrate(database)
    assert is_up_to_date(database)
    database.close()


@pytest.mark.parametrize("table", ["orders", "order_events", "order_lines", "refunds", "notices"])
def test_the_database_itself_refuses_to_store_anything_twice(database: Database, table: str) -> None:
    order = an_order()
    refund_order(order, 250, ref="a", report=report(1), now=EVENING)
    notice_fields = {"source_id": "a", "event_name": "order.created", "received_at": EVENING, "body": b"{}"}
    with database.transaction() as session:
        session.add_all(
            [order, Notice(platform_account=order.platform_account, state=NoticeState.HANDLED, **notice_fields)]
        )

    with pytest.raises(IntegrityError, match=r"(?i)unique"), database.transaction() as session:
        _insert_again(session.connection(), METADATA.tables[table])


def _insert_again(connection: Connection, table: Table) -> None:
    row = connection.execute(select(table)).mappings().first()
    assert row is not None
    new_id = {"id": "0" * 24} if table.name == "orders" else {}
    connection.execute(insert(table).values({key: value for key, value in row.items() if key != "id"} | new_id))
