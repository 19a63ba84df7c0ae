"""The points at which a child process stops and waits for the driver.

They are before each statement and commit, after each commit, before and after publishing, where it would have to wait
for a lock, and where it would sleep. Between two stop points it runs freely. At each of them the driver may let another
process continue, make the statement fail, or never let this process continue.
"""

import fcntl
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Any, NamedTuple

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.builders import EVENING
from tracker import clock, compiled_statement

_flock = fcntl.flock
_execute = compiled_statement.execute
_ADVISORY_LOCK, _TRY_ADVISORY_LOCK = (
    "pg_advisory_xact_lock",
    "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
)


class InjectedFailure(Exception):
    """The exception with which the driver makes a statement fail."""


class Command(NamedTuple):
    """What the driver tells a child.

    `now` is the time in seconds since the evening began; `steps` is the number of stop points to run through;
    `must_fail` makes the current statement fail; `chores` asks a worker to do its chores first.
    """

    now: float
    steps: int
    must_fail: bool = False
    chores: bool = False
    schedule_is_over: bool = False


class DriverLink:
    """The connection of this process to the driver. In the process that forks the others there is none, and it never
    stops."""

    pipe: Pipe | None = None
    now = EVENING
    steps = 0
    chores = False
    schedule_is_over = False

    @classmethod
    def connect(cls, pipe: Pipe) -> None:
        """Stop at stop points from now on, and wait for locks only there."""
        cls.pipe, cls.steps = pipe, 0
        fcntl.flock = flock_in_steps

    @classmethod
    def set_clock(cls) -> None:
        """Let this process and all its children use the driver's time."""
        clock.now = lambda: cls.now

    @classmethod
    def stop_at(cls, what: str, detail: Any = None) -> None:
        """Report a stop and wait for the driver's command. Raises InjectedFailure if the command says so."""
        assert cls.pipe is not None
        cls.pipe.send((what, detail))
        cls.resume(cls.pipe.recv())

    @classmethod
    def resume(cls, command: Command) -> None:
        """Apply the driver's command."""
        cls.now = EVENING + timedelta(seconds=command.now)
        cls.steps, cls.chores, cls.schedule_is_over = command.steps, command.chores, command.schedule_is_over
        if command.must_fail:
            raise InjectedFailure

    @classmethod
    def send(cls, what: str, detail: Any = None) -> None:
        """Send a report without waiting."""
        if cls.pipe is not None:
            cls.pipe.send((what, detail))


def stop_point(name: str) -> None:
    """Stop here, unless the driver has allowed the process to run through more stop points."""
    if DriverLink.pipe is None:
        return
    DriverLink.steps -= 1
    if DriverLink.steps <= 0:
        DriverLink.stop_at("at", name)


def flock_in_steps(file: Any, operation: int) -> None:
    """Lock like fcntl.flock, but report a stop instead of blocking, as often as it takes."""
    if operation != fcntl.LOCK_EX:
        return _flock(file, operation)
    stop_point("write lock")
    while True:
        try:
            return _flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            DriverLink.stop_at("blocked", "write lock")


def watch_statements() -> None:
    """Add stop points to all statements and commits of every engine of this process and of those that it forks."""
    event.listen(Engine, "before_cursor_execute", _before_statement)
    event.listen(Engine, "after_cursor_execute", _after_statement)
    event.listen(Engine, "commit", lambda _: stop_point("COMMIT"))
    event.listen(Session, "after_commit", lambda _: stop_point("committed"))
    event.listen(Engine, "handle_error", _report_locked_database)
    compiled_statement.execute = _execute_in_steps


def _execute_in_steps(connection: Any, sql: str, values: Any, **how: Any) -> Any:
    """Execute like compiled_statement.execute, which bypasses SQLAlchemy's events."""
    cursor = connection.connection.driver_connection.cursor()
    _before_statement(connection, cursor, sql, values)
    try:
        return _execute(connection, sql, values, **how)
    except OperationalError as error:
        _report_if_locked(error.orig, sql)
        raise
    finally:
        _after_statement(connection, cursor, sql)


def _before_statement(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
    if DriverLink.pipe is None:
        return
    stop_point(statement[:40])
    if statement == "BEGIN IMMEDIATE":
        # A writer has to wait at our write lock. SQLite's own lock has to be free for a process that comes from there.
        _set_busy_timeout(cursor, 0)
    elif _ADVISORY_LOCK in statement:
        for key in parameters:  # one by one: who waits for the first doesn't hold the second
            while not _takes_advisory_lock(cursor, key):
                DriverLink.stop_at("blocked", "advisory lock")


def _takes_advisory_lock(cursor: Any, key: str) -> bool:
    cursor.execute(_TRY_ADVISORY_LOCK, (key,))
    return bool(cursor.fetchone()[0])


def _after_statement(connection: Any, cursor: Any, statement: str, *_: object) -> None:
    if DriverLink.pipe is not None and statement == "BEGIN IMMEDIATE":
        _set_busy_timeout(cursor, 10_000)


def _set_busy_timeout(cursor: Any, milliseconds: int) -> None:
    cursor.connection.execute(f"PRAGMA busy_timeout={milliseconds}")


def _report_locked_database(context: ExceptionContext) -> None:
    _report_if_locked(context.original_exception, context.statement)


def _report_if_locked(original: BaseException | None, statement: str | None) -> None:
    if isinstance(original, sqlite3.OperationalError) and statement == "BEGIN IMMEDIATE":
        DriverLink.send("locked", original.sqlite_errorname)


def stop_around(owner: Any, name: str, before: str, after: str) -> None:
    """Add stop points before and after each call of that function."""
    inner: Callable[..., Any] = getattr(owner, name)

    def stopping(*args: Any, **more: Any) -> Any:
        stop_point(before)
        result = inner(*args, **more)
        stop_point(after)
        return result

    setattr(owner, name, stopping)
