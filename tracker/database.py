"""The database: sessions and connections for reading, and the only place that commits.

SQLite allows one writer at a time and does not serve waiting writers in order. Writers therefore queue on WriteLock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, create_engine, event, inspect, text
from sqlalchemy.engine import URL, Connection, ExceptionContext, make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from tracker import compiled_statement
from tracker.write_lock import WriteLock

_NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, stored from any zone and read in UTC. A time without a zone raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone was about to be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _enum_values(enum: type[StrEnum]) -> list[str]:
    return [word.value for word in enum]


_PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON"}


class Base(DeclarativeBase):
    """The base of all mapped classes. A StrEnum is stored as its value, without a constraint, as members get added."""

    metadata = MetaData(naming_convention=_NAMING_CONVENTION)
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        StrEnum: Enum(StrEnum, native_enum=False, length=30, values_callable=_enum_values),
    }

    def __init__(self, **values: Any) -> None:
        """Create an instance with these values; its other attributes are unset. Raises TypeError for other names."""
        # SQLAlchemy records the previous value of each attribute that is set. A new instance has no previous values,
        # so plain values are written to its __dict__ directly, which takes a tenth of the time.
        plain = _plain_columns(type(self))
        for name in values.keys() - plain:
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}.")
            setattr(self, name, values.pop(name))
        self.__dict__.update(values)


@cache
def _plain_columns(kind: type[Base]) -> frozenset[str]:
    """Return the names of the columns that have no listener for changes."""
    return frozenset(attr.key for attr in inspect(kind).column_attrs if not getattr(kind, attr.key).dispatch.set)


T = TypeVar("T")
_MAX_ATTEMPTS = 3
"""How often work is attempted that conflicts with another transaction: a deadlock, or two inserts of the same row."""


class Database:
    """One database, SQLite or PostgreSQL, opened by its URL.

    `after_commit` is called after every committed transaction; it wakes the worker, which waits for new events.
    """

    def __init__(self, url: str | URL, *, after_commit: Callable[[], None] = lambda: None, pool_size: int = 5):
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._after_commit = after_commit
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url, pool_size)
        self._write_lock = WriteLock(Path(f"{self.url.database}-write-lock")) if self.is_sqlite else None
        self._write_engine = self.engine.execution_options(writing=True)
        # Reads on SQLite have connections of their own: setting query_only discards a connection's prepared statements.
        self._read_engine = (
            _sqlite_engine(self.url, query_only="ON")
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        self._autocommit_engine = self._read_engine if self.is_sqlite else _make_autocommit_engine(self.engine)

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """Open a read-only session on one consistent state of the data."""
        with Session(self._read_engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def read_connection(self) -> Iterator[Connection]:
        """Open a read-only connection on one consistent state of the data, for compiled statements."""
        with self._read_engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def autocommit_connection(self) -> Iterator[Connection]:
        """Open a read-only connection for one SELECT, which is consistent by itself.

        On PostgreSQL it is in autocommit mode, which saves the round trips of BEGIN and COMMIT.
        """
        with self._autocommit_engine.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session whose changes are committed together at the end of the block; an exception undoes them all."""
        with (
            self._write_lock or nullcontext(),
            Session(self._write_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        self._after_commit()

    def run_in_transaction(self, work: Callable[[Session], T]) -> T:
        """Call `work` in a transaction and return its result. Repeat it if it conflicts with another transaction.

        `work` may be called _MAX_ATTEMPTS times; the last attempt raises its error.
        """
        for _ in range(_MAX_ATTEMPTS - 1):
            with suppress(OperationalError, IntegrityError, StaleDataError), self.transaction() as session:
                return work(session)
        with self.transaction() as session:
            return work(session)

    @contextmanager
    def migration_transaction(self) -> Iterator[Connection]:
        """Open the transaction of a migration. It excludes other writers (SQLite) or migrations (PostgreSQL).

        On SQLite foreign keys are checked only at the end: Alembic changes a table by copying it, and dropping the old
        table would otherwise delete the rows that refer to it.
        """
        if not self.is_sqlite:
            with self._write_engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('migration', 0))"))
                yield connection
            return
        engine = _sqlite_engine(self.url, foreign_keys="OFF")
        try:
            with self._write_lock or nullcontext(), engine.execution_options(writing=True).begin() as connection:
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("The migration would leave rows that point to nothing; nothing was changed.")
        finally:
            engine.dispose()

    def close(self) -> None:
        """Close all connections. The database can be used again; it opens new ones."""
        self.engine.dispose()
        self._read_engine.dispose()


def advisory_lock(session: Session, *keys: str) -> None:
    """Lock these keys until the end of the transaction; wait while another transaction holds one of them.

    On SQLite nothing needs to be done, because the write lock already excludes other transactions.
    """
    if session.get_bind().dialect.name == "postgresql":
        locks = ", ".join(["pg_advisory_xact_lock(hashtextextended(%s, 0))"] * len(keys))
        compiled_statement.execute(session.connection(), f"SELECT {locks}", keys)


def can_write(session: Session) -> bool:
    """Return whether this session may change data, and therefore lock rows."""
    return bool(session.get_bind().get_execution_options().get("writing"))


def _sqlite_engine(url: URL, **pragmas: str) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("A SQLite database of Tracker is a file; give its path.")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # Errors are logged, and parameters are people's data: errors must not contain them.
    engine = create_engine(url, connect_args={"timeout": 10}, hide_parameters=True)
    event.listen(engine, "connect", partial(_configure_sqlite, _PRAGMAS | pragmas))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(pragmas: dict[str, str], connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver would BEGIN too late, and always deferred
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin_sqlite(connection: Connection) -> None:
    # A read transaction that begins to write fails at once if another one has written meanwhile, whatever the timeout
    # is, and it does not hold the write lock. So a read transaction is not allowed to write.
    writing = connection.get_execution_options().get("writing", False)
    if connection.info.get("writing") is not writing:
        compiled_statement.execute(connection, f"PRAGMA query_only={'OFF' if writing else 'ON'}", ())
        connection.info["writing"] = writing
    compiled_statement.execute(connection, "BEGIN IMMEDIATE" if writing else "BEGIN", ())


def _postgresql_engine(url: URL, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True)
    event.listen(engine, "handle_error", _redact_values)
    return engine


def _make_autocommit_engine(engine: Engine) -> Engine:
    # Without a transaction PostgreSQL can't be told that it is read-only, and every change would be committed at once.
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT", **{compiled_statement.SELECT_ONLY: True})
    event.listen(autocommit, "before_cursor_execute", _require_select)
    return autocommit


def _require_select(connection: Connection, _: object, sql: str, *__: object) -> None:
    compiled_statement.require_select(connection, sql)


def _redact_values(context: ExceptionContext) -> None:
    original = context.original_exception
    sentence = compiled_statement.redact_values(original)
    if sentence and context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(original).__name__}) {sentence}",)
