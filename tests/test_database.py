"""The guarantees of read sessions, transactions, locks and migrations on both databases."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path

import pytest
import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, String, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import InternalError as RefusedByPostgres
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.builders import EVENING, a_customer, a_platform_account
from tests.site import wait_for
from tracker.accounts.model import Customer, PlatformAccount, Restaurant, RestaurantSecret
from tracker.config import ROOT
from tracker.database import Database, advisory_lock
from tracker.schema import is_up_to_date, migrate

WRITER = """
import os, sys, threading
from sqlalchemy import text
from tracker.database import Database, advisory_lock

url, threads, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = Database(url)

def write():
    for _ in range(times):
        with database.transaction() as session:
            advisory_lock(session, "counter")
            number = session.scalar(text("SELECT number FROM counter"))
            session.execute(text("UPDATE counter SET number = :number"), {"number": number + 1})
            session.execute(text(f"INSERT INTO turns VALUES ({number}, {os.getpid()})"))

writers = [threading.Thread(target=write) for _ in range(threads)]
with database.read_session():
    print("ready", flush=True)
sys.stdin.readline()
for writer in writers:
    writer.start()
for writer in writers:
    writer.join()
"""
HOLDER = """
import sys, time
from tracker.database import Database

with Database(sys.argv[1]).transaction():
    print("inside", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without any table; the test runs once with each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    new_database: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return new_database()


def names(database: Database) -> list[str | None]:
    with database.read_session() as session:
        return list(session.scalars(select(Customer.name).order_by(Customer.name)))


def add_and_fail(database: Database) -> None:
    with database.transaction() as session:
        session.add(a_customer(name="Ben", email="ben@example.com"))
        session.flush()
        raise ZeroDivisionError


def migrate_and_fail(database: Database) -> None:
    with database.migration_transaction() as connection:
        connection.execute(text("CREATE TABLE half (a INTEGER)"))
        raise ZeroDivisionError


def start_program(program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_every_connection_to_sqlite_syncs_what_it_commits_and_checks_foreign_keys(sqlite: Database) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys")

    with sqlite.read_session() as first, sqlite.read_session() as second, sqlite.transaction() as writer:
        values = [[session.scalar(text(f"PRAGMA {name}")) for name in pragmas] for session in (first, second, writer)]

    full = 2
    assert values == [["wal", full, 1]] * 3


def test_a_row_that_points_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(RestaurantSecret(hash="", restaurant_id="0" * 24, created_at=EVENING))


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.transaction() as session:
        session.add(a_customer(created_at=datetime(2026, 11, 20, 18, 0)))  # noqa: DTZ001  the point of the test


def test_a_time_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    in_tokyo = datetime(2026, 11, 21, 3, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))

    with database.transaction() as session:
        session.add(a_customer(created_at=in_tokyo))

    with database.read_session() as session:
        created_at = session.scalars(select(Customer.created_at)).one()
    assert created_at == in_tokyo
    assert created_at.tzinfo is UTC


def test_what_fails_halfway_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        add_and_fail(database)

    assert names(database) == []


def conflict(kind: type[Exception]) -> Exception:
    return kind("", None, Exception()) if issubclass(kind, DBAPIError) else kind()


@pytest.mark.parametrize("kind", [OperationalError, IntegrityError, StaleDataError])
def test_work_that_meets_a_conflict_is_done_again_from_the_beginning(database: Database, kind: type[Exception]) -> None:
    tries: list[list[str | None]] = []

    def work(session: Session) -> str:
        tries.append(names(database))
        session.add(a_customer(name=f"Ada, try {len(tries)}"))
        session.flush()
        if len(tries) < 3:
            raise conflict(kind)
        return "done"

    assert database.run_in_transaction(work) == "done"

    assert tries == [[], [], []]
    assert names(database) == ["Ada, try 3"]


@pytest.mark.parametrize(("kind", "expected_tries"), [(StaleDataError, 3), (ZeroDivisionError, 1)])
def test_work_that_keeps_failing_is_given_up_and_leaves_nothing(
    database: Database, kind: type[Exception], expected_tries: int
) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(len(tries))
        session.add(a_customer())
        session.flush()
        raise conflict(kind)

    with pytest.raises(kind):
        database.run_in_transaction(work)

    assert len(tries) == expected_tries
    assert names(database) == []


def test_the_notifier_is_called_after_each_commit_and_only_then(database_url: str) -> None:
    names_at_each_call: list[list[str | None]] = []
    database = Database(database_url, after_commit=lambda: names_at_each_call.append(names(database)))

    with database.transaction() as session:
        session.add(a_customer(name="Ada"))
    with pytest.raises(ZeroDivisionError):
        add_and_fail(database)
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(a_customer(name="Cy"))
    with database.read_session() as session:
        session.scalars(select(Customer)).all()

    assert names_at_each_call == [["Ada"]]
    database.close()


def test_a_read_session_cannot_change_anything(database: Database) -> None:
    refused = pytest.raises((OperationalError, RefusedByPostgres), match=r"read.?only")
    with database.read_session() as session, refused:
        session.execute(sqlalchemy.insert(Customer).values(id="0" * 24, created_at=EVENING))

    assert names(database) == []


def test_a_read_session_sees_one_moment_however_long_it_lasts(database: Database) -> None:
    with database.read_session() as session:
        before = session.scalars(select(Customer.id)).all()
        with database.transaction() as writer:
            writer.add(a_customer())
        after = session.scalars(select(Customer.id)).all()

    assert before == after == []
    assert len(names(database)) == 1


def test_an_error_of_the_database_shows_no_values(database: Database) -> None:
    with database.transaction() as session:
        session.add(a_customer(email="ada@example.com"))

    with pytest.raises(IntegrityError) as refused, database.transaction() as session:
        session.add(a_customer(email="ada@example.com"))

    error_text = f"{refused.value} {refused.value.args} {refused.value.orig!r}"
    assert "unique" in error_text.lower()
    assert "ada@" not in error_text


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_ever(sqlite: Database) -> None:
    with sqlite.transaction(), pytest.raises(RuntimeError, match="wait for itself"), sqlite.transaction():
        pass

    with sqlite.transaction() as session:
        session.add(a_customer())
    assert len(names(sqlite)) == 1


@pytest.mark.process
def test_a_transaction_that_reads_first_can_still_write_although_another_program_tries_to(sqlite: Database) -> None:
    with closing(sqlite3.connect(str(sqlite.url.database), timeout=0)) as operator, sqlite.transaction() as session:
        assert session.scalars(select(Customer)).all() == []
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            operator.execute("CREATE TABLE passing_by (a INTEGER)")
        session.add(a_customer())

    assert len(names(sqlite)) == 1


@pytest.fixture
def turns(database: Database) -> Iterator[list[int]]:
    """Let two processes with four writers each write twenty times per writer; yield the process id of each write."""
    write = database.engine.execution_options(writing=True).begin
    with write() as connection:
        connection.execute(text("CREATE TABLE counter (number INTEGER)"))
        connection.execute(text("CREATE TABLE turns (number INTEGER, process INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    writers = [start_program(WRITER, database.url.render_as_string(hide_password=False), "4", "20") for _ in range(2)]
    assert [writer.stdout and writer.stdout.readline() for writer in writers] == ["ready\n"] * 2
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    with database.engine.connect() as connection:
        yield list(connection.scalars(text("SELECT process FROM turns ORDER BY number")))
    with write() as connection:
        connection.execute(text("DROP TABLE counter"))
        connection.execute(text("DROP TABLE turns"))


def test_writers_of_several_processes_lose_no_update(database: Database, turns: list[int]) -> None:
    with database.engine.connect() as connection:
        final_number = connection.scalar(text("SELECT number FROM counter"))

    assert final_number == len(turns) == 2 * 4 * 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_process_keeps_the_others_from_writing(turns: list[int]) -> None:
    first_to_end = next(process for process in turns if process != turns[-1])
    while_both_wrote = turns[turns.index(turns[-1]) : len(turns) - turns[::-1].index(first_to_end)]

    longest = max(len(list(run)) for _, run in groupby(while_both_wrote))
    assert longest <= 20


@pytest.mark.process
def test_the_lock_of_a_killed_writer_is_released(sqlite: Database) -> None:
    with start_program(HOLDER, str(sqlite.url)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "inside\n"
        writer_thread = threading.Thread(target=_add_a_customer, args=[sqlite])
        writer_thread.start()
        assert names(sqlite) == []

        os.kill(holder.pid, signal.SIGKILL)
        writer_thread.join(timeout=10)

    assert not writer_thread.is_alive()
    assert len(names(sqlite)) == 1


def _add_a_customer(database: Database) -> None:
    with database.transaction() as session:
        session.add(a_customer())


def test_on_postgresql_a_second_lock_of_the_same_name_waits_for_the_first(postgresql: Database) -> None:
    order: list[str] = []

    def follow() -> None:
        with postgresql.transaction() as session:
            advisory_lock(session, "order 1")
            order.append("second")

    with postgresql.transaction() as session:
        advisory_lock(session, "order 1")
        follower = threading.Thread(target=follow)
        follower.start()
        wait_for(lambda: _waiting_locks(postgresql) == 1, "somebody to wait")
        order.append("first")
    follower.join(timeout=10)

    assert order == ["first", "second"]


def test_on_postgresql_locks_of_different_names_do_not_wait_for_each_other(postgresql: Database) -> None:
    with postgresql.transaction() as session:
        advisory_lock(session, "order 1")
        with postgresql.transaction() as other:
            advisory_lock(other, "order 2")
            assert _waiting_locks(postgresql) == 0


def _waiting_locks(database: Database) -> int:
    with database.read_session() as session:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return int(session.scalar(text(query)) or 0)


def test_a_fresh_database_that_two_processes_migrate_at_once_is_complete(fresh_url: str) -> None:
    databases = [Database(fresh_url) for _ in range(2)]
    problems: list[Exception] = []

    def bring_up_to_date(database: Database) -> None:
        try:
            migrate(database)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=bring_up_to_date, args=[database]) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert problems == []
    assert is_up_to_date(databases[0])
    for database in databases:
        database.close()


def test_a_table_that_a_migration_rebuilds_keeps_its_rows_and_references(database_url: str, database: Database) -> None:
    with database.transaction() as session:
        session.add(a_platform_account())

    with database.migration_transaction() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("restaurants", recreate="auto") as table:
            table.alter_column("name", type_=String(300), existing_type=String(200))
            table.add_column(Column("tables", Integer, nullable=True))

    with database.read_session() as session:
        assert session.scalar(text("SELECT count(*) FROM restaurants")) == 1
        assert session.scalars(select(PlatformAccount)).one().restaurant.name == "Bella Napoli"
        assert session.scalar(text("SELECT max(tables) FROM restaurants")) is None
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(sqlalchemy.delete(Restaurant))
    with database.migration_transaction() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("restaurants", recreate="auto") as table:
            table.drop_column("tables")
            table.alter_column("name", type_=String(200), existing_type=String(300))


def test_a_migration_that_would_leave_rows_pointing_to_nothing_changes_nothing(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        session.add(a_platform_account())

    with pytest.raises(RuntimeError, match="point to nothing"), sqlite.migration_transaction() as connection:
        connection.execute(text("DELETE FROM restaurants"))

    with sqlite.read_session() as session:
        assert session.scalars(select(PlatformAccount)).one().restaurant.name == "Bella Napoli"


def test_a_migration_that_fails_changes_nothing(fresh_url: str) -> None:
    database = Database(fresh_url)

    with pytest.raises(ZeroDivisionError):
        migrate_and_fail(database)

    with database.engine.connect() as connection:
        assert "half" not in sqlalchemy.inspect(connection).get_table_names()
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused_because_processes_cannot_share_it(url: str) -> None:
    with pytest.raises(ValueError, match="is a file"):
        Database(url)


def test_a_sqlite_file_is_opened_only_when_it_is_needed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a folder that is not there' / 'new.sqlite'}")

    assert not (tmp_path / "a folder that is not there" / "new.sqlite").exists()
    assert not is_up_to_date(database)
    assert sqlite3.sqlite_version_info >= (3, 35)
    database.close()
