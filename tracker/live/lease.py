"""The lease: only the process that holds it publishes, because two could send the messages of an order out of order.

A process holds the lease while it lives. When it dies, the operating system or PostgreSQL releases the lock.
"""

import fcntl
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from tracker.database import Database


class Lease(Protocol):
    """The right to publish."""

    def take(self) -> bool:
        """Take the lease if it is free. Return whether this process holds it."""

    def holds(self) -> bool:
        """Return whether this process has held the lease without interruption since `take` returned True."""

    def release(self) -> None:
        """Release the lease, so that another process can take it."""


def lease_on(database: Database) -> Lease:
    """Return the lease of this database."""
    if database.is_sqlite:
        return _FileLease(Path(f"{database.url.database}-publisher"))
    return _PostgresLease(database.engine)


class _FileLease:
    """A lock on a file beside the database. A process can't lose it while it lives."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._is_held = False

    def take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._is_held = True
        return True

    def holds(self) -> bool:
        return self._is_held

    def release(self) -> None:
        self._is_held = False
        self._file.close()


class _PostgresLease:
    """An advisory lock on a connection that is used for nothing else. Losing the connection is losing the lock."""

    # A machine that loses its power does not close its connection. With these settings the server notices after 15
    # seconds and releases the lock.
    _SET_KEEPALIVE = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2"
    _LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('tracker publisher', 0))")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._is_held = False

    def take(self) -> bool:
        if self.holds():
            return True
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.detach()
            self._connection.exec_driver_sql(self._SET_KEEPALIVE)
        try:
            self._is_held = bool(self._connection.scalar(self._LOCK))
        except DBAPIError:
            self.release()
        return self._is_held

    def holds(self) -> bool:
        if not self._is_held or self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            self.release()
        return self._is_held

    def release(self) -> None:
        connection, self._connection, self._is_held = self._connection, None, False
        if connection is not None:
            connection.close()
