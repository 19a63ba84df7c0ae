"""Where a child process stops and waits for the driver: before each statement and commit, after each commit, before
and after sending, when it would have to wait for somebody, and when it would sleep. Between two points it runs free.

At any of them the driver may let another process go on, have the statement fail, or never let this one go on at all.
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
_IN_TURN, _IN_TURN_NOW = "pg_advisory_xact_lock", "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


class Stumble(Exception):
    """What the driver has a statement fail with."""


class Order(NamedTuple):
    """What the driver says to a child: what time it is (seconds of the evening), for how many points to run on, whether
    to fail here, whether to do chores first, whether the schedule is over."""

    now: float
    steps: int
    stumbles: bool = False
    chores: bool = False
    rests: bool = False


class Leash:
    """This process's line to the driver. Without one, in the process that forks the others, points are nothing."""

    pipe: Pipe | None = None
    now = EVENING
    steps = 0
    chores = False
    rests = False

    @classmethod
    def tie(cls, pipe: Pipe) -> None:
        """From now on this process stops at its points. Its clock is the driver's, too."""
        cls.pipe, cls.steps = pipe, 0
        fcntl.flock = flock_in_steps

    @classmethod
    def set_clock(cls) -> None:
        """Let everything here have the driver's time, from now on and in all children."""
        clock.now = lambda: cls.now

    @classmethod
    def report(cls, what: str, detail: Any = None) -> None:
        """Say where we are and wait to be let on. Raises Stumble if the driver wants that."""
        assert cls.pipe is not None
        cls.pipe.send((what, detail))
        cls.let_on(cls.pipe.recv())

    @classmethod
    def let_on(cls, order: Order) -> None:
        """Do as the driver says."""
        cls.now = EVENING + timedelta(seconds=order.now)
        cls.steps, cls.chores, cls.rests = order.steps, order.chores, order.rests
        if order.stumbles:
            raise Stumble

    @classmethod
    def tell(cls, what: str, detail: Any = None) -> None:
        """Say something without waiting."""
        if cls.pipe is not None:
            cls.pipe.send((what, detail))


def point(name: str) -> None:
    """A point: run on if the driver said so, else stop here."""
    if Leash.pipe is None:
        return
    Leash.steps -= 1
    if Leash.steps <= 0:
        Leash.report("at", name)


def flock_in_steps(file: Any, operation: int) -> None:
    """Like fcntl.flock, but who would have to wait stops at a point instead, as often as it takes."""
    if operation != fcntl.LOCK_EX:
        return _flock(file, operation)
    point("write lock")
    while True:
        try:
            return _flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            Leash.report("blocked", "write lock")


def watch_statements() -> None:
    """Make points of all statements and commits of every engine of this process and of those it forks."""
    event.listen(Engine, "before_cursor_execute", _before_statement)
    event.listen(Engine, "after_cursor_execute", _after_statement)
    event.listen(Engine, "commit", lambda _: point("COMMIT"))
    event.listen(Session, "after_commit", lambda _: point("committed"))
    event.listen(Engine, "handle_error", _tell_of_locked_database)
    compiled_statement.execute = _execute_in_steps


def _execute_in_steps(connection: Any, sql: str, values: Any, **how: Any) -> Any:
    """Like compiled_statement.execute, which passes by all that listens to an engine."""
    cursor = connection.connection.driver_connection.cursor()
    _before_statement(connection, cursor, sql, values)
    try:
        return _execute(connection, sql, values, **how)
    except OperationalError as error:
        _tell_if_locked(error.orig, sql)
        raise
    finally:
        _after_statement(connection, cursor, sql)


def _before_statement(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
    if Leash.pipe is None:
        return
    point(statement[:40])
    if statement == "BEGIN IMMEDIATE":
        # Whoever must wait to write has to wait at the write lock; SQLite's own lock is to be free for who comes from
        # there.
        _set_patience(cursor, 0)
    elif _IN_TURN in statement:
        for key in parameters:  # one after the other: who waits for the first doesn't have the second yet
            while not _gets(cursor, key):
                Leash.report("blocked", "turn")


def _gets(cursor: Any, key: str) -> bool:
    cursor.execute(_IN_TURN_NOW, (key,))
    return bool(cursor.fetchone()[0])


def _after_statement(connection: Any, cursor: Any, statement: str, *_: object) -> None:
    if Leash.pipe is not None and statement == "BEGIN IMMEDIATE":
        _set_patience(cursor, 10_000)


def _set_patience(cursor: Any, milliseconds: int) -> None:
    cursor.connection.execute(f"PRAGMA busy_timeout={milliseconds}")


def _tell_of_locked_database(context: ExceptionContext) -> None:
    _tell_if_locked(context.original_exception, context.statement)


def _tell_if_locked(original: BaseException | None, statement: str | None) -> None:
    if isinstance(original, sqlite3.OperationalError) and statement == "BEGIN IMMEDIATE":
        Leash.tell("locked", original.sqlite_errorname)


def stop_around(owner: Any, name: str, before: str, after: str) -> None:
    """Make points before and after each call of that function."""
    inner: Callable[..., Any] = getattr(owner, name)

    def stopping(*args: Any, **more: Any) -> Any:
        point(before)
        result = inner(*args, **more)
        point(after)
        return result

    setattr(owner, name, stopping)
