"""The database: one way to read, one way to write, and the one commit.

SQLite lets one writer in at a time and is unfair about who comes next, so its writers come through a write lock of our
own.
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
    """A point in time: goes in with any zone, comes out in UTC. A time without a zone is refused."""

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
    """What every mapped class descends from. A StrEnum is kept as its value, without a constraint: words get added."""

    metadata = MetaData(naming_convention=_NAMING_CONVENTION)
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        StrEnum: Enum(StrEnum, native_enum=False, length=30, values_callable=_enum_values),
    }

    def __init__(self, **values: Any) -> None:
        """A new row with these values; the rest of it is empty."""
        # What a row held before it is changed is remembered value by value. A new one held nothing: as its values are
        # plain, they go where they belong at once, in a tenth of the time.
        plain = _plain_columns(type(self))
        for name in values.keys() - plain:
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}.")
            setattr(self, name, values.pop(name))
        self.__dict__.update(values)


@cache
def _plain_columns(kind: type[Base]) -> frozenset[str]:
    """The columns of which nobody wants to hear when they are set."""
    return frozenset(each.key for each in inspect(kind).column_attrs if not getattr(kind, each.key).dispatch.set)


T = TypeVar("T")
_MAX_ATTEMPTS = 3
"""How often work is done that others get in the way of: a deadlock, or a row that was new to both."""


class Database:
    """One database, SQLite or PostgreSQL, opened by its URL.

    `after_commit` is called after every successful write: it wakes the processes that wait for new events.
    """

    def __init__(self, url: str | URL, *, after_commit: Callable[[], None] = lambda: None, pool_size: int = 5):
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._after_commit = after_commit
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url, pool_size)
        self._write_lock = WriteLock(Path(f"{self.url.database}-write-lock")) if self.is_sqlite else None
        self._write_engine = self.engine.execution_options(writing=True)
        # SQLite's have connections of their own: to change what a connection may do makes it forget every statement.
        self._read_engine = (
            _sqlite_engine(self.url, query_only="ON")
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        self._autocommit_engine = self._read_engine if self.is_sqlite else _make_autocommit_engine(self.engine)

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """A session on one consistent state of the data, in which nothing can be changed."""
        with Session(self._read_engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def read_connection(self) -> Iterator[Connection]:
        """The same for prepared statements, without a session."""
        with self._read_engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def autocommit_connection(self) -> Iterator[Connection]:
        """The same for a single SELECT: it is consistent by itself, and the way to the database is gone once."""
        with self._autocommit_engine.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes become true together at the end of the block, or not at all."""
        with (
            self._write_lock or nullcontext(),
            Session(self._write_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        self._after_commit()

    def run_in_transaction(self, work: Callable[[Session], T]) -> T:
        """Do the work in one writing transaction. If somebody else's got in its way, all of it is done again."""
        for _ in range(_MAX_ATTEMPTS - 1):
            with suppress(OperationalError, IntegrityError, StaleDataError), self.transaction() as session:
                return work(session)
        with self.transaction() as session:
            return work(session)

    @contextmanager
    def migration_transaction(self) -> Iterator[Connection]:
        """One transaction for a migration; nobody else writes (SQLite) or migrates (PostgreSQL) meanwhile.

        SQLite checks foreign keys at the end only: to change a table it is made anew, and dropping the old one would
        take along what points to it.
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
        """Give every connection back. The database can be used again; it opens new ones."""
        self.engine.dispose()
        self._read_engine.dispose()


def advisory_lock(session: Session, *keys: str) -> None:
    """Until the end of this transaction, nobody else who names one of the same keys gets past this line.

    On SQLite the write lock has already done that.
    """
    if session.get_bind().dialect.name == "postgresql":
        locks = ", ".join(["pg_advisory_xact_lock(hashtextextended(%s, 0))"] * len(keys))
        compiled_statement.execute(session.connection(), f"SELECT {locks}", keys)


def can_write(session: Session) -> bool:
    """Whether this session may change anything, and so may lock a row."""
    return bool(session.get_bind().get_execution_options().get("writing"))


def _sqlite_engine(url: URL, **pragmas: str) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("A SQLite database of Tracker is a file; give its path.")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # Parameters are hidden from errors, for errors are logged and parameters are people's data.
    engine = create_engine(url, connect_args={"timeout": 10}, hide_parameters=True)
    event.listen(engine, "connect", partial(_configure_sqlite, _PRAGMAS | pragmas))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(pragmas: dict[str, str], connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and is always deferred
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin_sqlite(connection: Connection) -> None:
    # A read that turns into a write fails at once when somebody wrote in between, whatever the timeout says, and it has
    # not taken the write lock: so what reads can't write.
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
    # Without a transaction there is none to be read-only, and what a statement changed would be true at once.
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
