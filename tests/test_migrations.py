"""Migrating a database of an older version keeps all of its content."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, Table, insert, select

from tests.builders import EVENING
from tracker.accounts.model import AccessToken, CustomerSession, Scope
from tracker.accounts.queries import session_by_hash
from tracker.database import Database
from tracker.ids import is_id
from tracker.orders.model import Order
from tracker.schema import _config, is_up_to_date, migrate

ROWS = 2
VALID: dict[str, Any] = {"orders.told": {}, "order_events.data": {}, "order_events.kind": "order.placed"}
"""Values of columns that a later migration converts, which tests/test_migration_of_typed_events.py tests."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield a database of revision 0003, which had no widget yet, with rows in every table."""
    new_postgresql: Callable[[], str] = request.getfixturevalue("new_postgresql")
    database = Database(f"sqlite:///{tmp_path}/old.sqlite" if request.param == "sqlite" else new_postgresql())
    with database.migration_transaction() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    with database.transaction() as session:
        for table in tables_of(database):
            if table.name != "alembic_version":
                session.execute(insert(table), [a_row(table, number) for number in range(1, ROWS + 1)])
    yield database
    database.close()


def tables_of(database: Database) -> list[Table]:
    """Return the tables as the database has them, independent of the model classes."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    return metadata.sorted_tables


def a_row(table: Table, number: int) -> dict[str, Any]:
    """Return a row with a value in every column; its foreign keys point to rows of the same number."""
    row = {column.name: a_value(column, number) for column in table.columns}
    return row | {column.name: VALID[str(column)] for column in table.columns if str(column) in VALID}


def a_value(column: Column[Any], number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return a_value(key.column, number)
    match column.type:
        case DateTime():
            return EVENING
        case Boolean():
            return True
        case JSON():
            return [f"{column.name} {number}"]
        case Integer():
            return number
        case LargeBinary():
            return b"{}"
        case _:
            return f"{number}{column.table.name} {column.name}"[: getattr(column.type, "length", None) or 100]


RENAMED_TABLES = {"connections": "platform_accounts", "hand_overs": "sign_in_tickets"}
RENAMED_COLUMNS = {
    "connection_id": "platform_account_id",
    "handover": "fulfilment",
    "who": "actor_name",
    "stamp": "source_version",
}


def rows_of(database: Database, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of the tables in `columns`, with only these columns, by the name of the table."""
    with database.read_session() as session:
        return {
            table.name: sorted(
                (
                    tuple(session_row)
                    for session_row in session.execute(select(*(table.c[n] for n in columns[table.name])))
                ),
                key=str,
            )
            for table in tables_of(database)
            if table.name in columns
        }


def test_migrating_from_revision_0003_keeps_every_row(old: Database) -> None:
    columns = {
        table.name: [column.name for column in table.columns if str(column) not in VALID]
        for table in tables_of(old)
        if table.name != "alembic_version"
    }
    before = rows_of(old, columns)

    migrate(old)

    assert is_up_to_date(old)
    assert {name: len(rows) for name, rows in before.items()} == dict.fromkeys(columns, ROWS)
    renamed = {
        RENAMED_TABLES.get(table, table): [RENAMED_COLUMNS.get(name, name) for name in names]
        for table, names in columns.items()
    }
    assert rows_of(old, renamed) == {RENAMED_TABLES.get(table, table): rows for table, rows in before.items()}


def test_old_tokens_and_sessions_stay_valid(old: Database) -> None:
    migrate(old)

    before_their_end = datetime(2026, 11, 20, 17, 0, tzinfo=EVENING.tzinfo)
    with old.transaction() as session:
        tokens = session.query(AccessToken).all()
        sessions = session.query(CustomerSession).all()
        for browser in sessions:
            browser.ended_at = None
        opened = [session_by_hash(session, browser.hash, now=before_their_end) for browser in sessions]
        watched = list(session.scalars(select(Order.has_onlookers)))
    assert [(token.scopes, token.restaurant_id, token.origin) for token in tokens] == [
        ([Scope.LISTEN], None, None)
    ] * ROWS
    assert all(is_id(token.id) for token in tokens)
    assert len({token.id for token in tokens}) == ROWS
    assert [browser.restaurant_id for browser in sessions] == [None] * ROWS
    assert opened == sessions
    assert watched == [False] * ROWS
