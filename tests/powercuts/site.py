"""The product on one database, its webhook, and all rows that it then holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event, select

from tests.builders import EVENING, VERIFY_TOKEN, a_platform_account, a_restaurant
from tracker.accounts.model import PlatformAccount
from tracker.application import create_app
from tracker.config import DEMO_SECRET, read_settings
from tracker.database import Database
from tracker.schema import METADATA
from tracker.upstream.notice import Notice

RESTAURANT, PLATFORM_ACCOUNT = "1" * 24, "2" * 24
State = dict[str, list[str]]


@contextmanager
def fixed_clock() -> Iterator[None]:
    """Stop the clock at the tests' evening, so that stored rows do not depend on the time of the run."""
    with patch("tracker.clock.now", lambda: EVENING):
        yield


@contextmanager
def a_site(url: str, synchronous: str = "FULL", checkpoint_pages: int = 1000) -> Iterator[tuple[Database, Flask]]:
    """Yield a database and an application on it."""
    database = Database(url)
    if (synchronous, checkpoint_pages) != ("FULL", 1000):

        @event.listens_for(database.engine, "connect")
        def _change(connection: Any, _: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")
            connection.execute(f"PRAGMA wal_autocheckpoint={checkpoint_pages}")

    settings = read_settings(
        environment="development",
        secret_key="a secret key for tests that is long enough",
        channels_secret=DEMO_SECRET,
        base_url="http://localhost",
        data_dir=Path(str(database.url.database)).parent,
    )
    try:
        yield database, create_app(settings, database)
    finally:
        database.close()


def add_restaurant(database: Database) -> None:
    """Store the restaurant and its platform account, if they are not stored yet."""
    with database.transaction() as session:
        if session.get(PlatformAccount, PLATFORM_ACCOUNT) is None:
            session.add(a_platform_account(a_restaurant(id=RESTAURANT), id=PLATFORM_ACCOUNT))


def deliver(app: Flask, body: bytes) -> None:
    """Post the notice as the platform does. Raises AssertionError if it is not answered with 2xx."""
    address, headers = f"/webhooks/flipdish/{PLATFORM_ACCOUNT}", {"X-Verify-Token": VERIFY_TOKEN}
    response = app.test_client().post(address, data=body, headers=headers, content_type="application/json")
    assert 200 <= response.status_code < 300, response.text


def notice_ids(database: Database) -> list[str]:
    """Return the ids of the stored notices, in the order in which they were stored."""
    with database.read_session() as session:
        return list(session.scalars(select(Notice.source_id).order_by(Notice.id)))


def all_rows(database: Database) -> State:
    """Return all rows of all tables, with names in place of the ids that differ from one run to the next."""
    with database.read_session() as session:
        tables = {table.name: session.execute(select(table)).mappings().all() for table in METADATA.sorted_tables}
    names = {
        **{row["id"]: f"order {row['platform_order_id']}" for row in tables["orders"]},
        **{row["id"]: f"customer {row['email']}" for row in tables["customers"]},
        **{row["ref"]: f"line {row['id']}" for row in tables["order_lines"]},
    }
    return {
        table: sorted(
            repr([names.get(cell, cell) if isinstance(cell, str) else cell for cell in row.values()]) for row in rows
        )
        for table, rows in tables.items()
    }
