"""The migrations create the tables that the model classes describe, and unique constraints prevent duplicates."""

import re
from pathlib import Path

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


def test_the_migrations_name_constraints_and_indexes_as_the_classes_do(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> None:
    # compare_metadata() does not compare the names of all of them.
    is_sqlite = database.engine.dialect.name == "sqlite"
    made = Database(f"sqlite:///{tmp_path}/made.sqlite" if is_sqlite else request.getfixturevalue("new_postgresql")())
    with made.migration_transaction() as connection:
        METADATA.create_all(connection)

    migrated_names, made_names = _names(database), _names(made)
    made.close()

    assert len(made_names) > 50
    assert {name for name in migrated_names if not name.startswith("alembic_version")} == made_names


def _names(database: Database) -> set[str]:
    """Return the names of all constraints and indexes, as the database itself stores them."""
    with database.engine.connect() as connection:
        if database.engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
            constraints = {name for _, _, sql in rows for name in re.findall(r"CONSTRAINT (\w+)", sql)}
            return constraints | {name for kind, name, _ in rows if kind == "index"}
        pg_constraints = connection.exec_driver_sql(
            "SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace"
        )
        indexes = connection.exec_driver_sql("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
        return {name for (name,) in (*pg_constraints, *indexes)}


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
