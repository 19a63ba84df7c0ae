"""Statements that are put into the database's own words once and then go straight to its driver.

SQLAlchemy makes of every execution a context, a cursor and a result, which costs fifteen times what the database itself
does to find one row. What is asked at every notice goes this way; it says exactly what SQLAlchemy would have said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select, Table, insert
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.sql.type_api import TypeEngine

_Values = Mapping[str, Any]
_Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]
_Statement = Select[*tuple[Any, ...]] | Insert

SELECT_ONLY = "select_only"
"""The option of a connection that is for nothing but SELECT."""
_ALL, _ONE = methodcaller("fetchall"), methodcaller("fetchone")


@dataclass(frozen=True, slots=True)
class _DialectSql:
    """The statement as one kind of database takes it, and how values go in and come out."""

    sql: str
    constants: dict[str, Any]
    """Values that stand in the statement itself, as the driver takes them."""
    parameter_order: tuple[str, ...] | None
    """The names of the values by their place, where the driver wants places."""
    bind_converters: tuple[tuple[str, _Convert], ...]
    result_converters: tuple[tuple[int, _Convert], ...]

    def bind(self, values: _Values) -> Any:
        """The values as the driver takes them."""
        bound = {**values, **self.constants}
        for name, convert in self.bind_converters:
            bound[name] = convert(bound[name])
        return bound if self.parameter_order is None else [bound[name] for name in self.parameter_order]

    def convert_row(self, row: _Row) -> _Row:
        """The driver's row with our values in it."""
        if not self.result_converters:
            return row
        read = list(row)
        for place, convert in self.result_converters:
            read[place] = convert(read[place])
        return tuple(read)


class CompiledStatement:
    """A SELECT or INSERT of SQLAlchemy's, executed in the transaction of a connection.

    Values are given by the names of its parameters; rows come as plain tuples, and their values are ours: moments,
    enums, what was JSON. What the database or its driver complains of is raised as the error of SQLAlchemy's that it
    would be there. A value that its type refuses is that type's own error, a statement that can't be prepared a
    ValueError, and a value that is missing a KeyError unless the driver complains of it.
    """

    def __init__(self, statement: _Statement, columns: Iterable[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._by_dialect: dict[str, _DialectSql] = {}

    def all(self, connection: Connection, values: _Values) -> list[_Row]:
        """Every row."""
        statement = self._sql_for(connection.dialect)
        found = execute(connection, statement.sql, statement.bind(values), fetch=_ALL)
        return [statement.convert_row(row) for row in found] if statement.result_converters else found

    def first(self, connection: Connection, values: _Values) -> _Row | None:
        """The first row, if there is one."""
        statement = self._sql_for(connection.dialect)
        row = execute(connection, statement.sql, statement.bind(values), fetch=_ONE)
        return None if row is None else statement.convert_row(row)

    def run(self, connection: Connection, *values: _Values) -> None:
        """Add a row with each of these values."""
        statement = self._sql_for(connection.dialect)
        if len(values) == 1:
            execute(connection, statement.sql, statement.bind(values[0]))
        elif values:
            execute(connection, statement.sql, [statement.bind(each) for each in values], many=True)

    def _sql_for(self, dialect: Dialect) -> _DialectSql:
        return self._by_dialect.get(dialect.name) or self._compile(dialect)

    def _compile(self, dialect: Dialect) -> _DialectSql:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        columns = self._statement.selected_columns if isinstance(self._statement, Select) else ()
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        _reject_unsupported_binds(binds)
        converters = _bind_converters(
            ((name, bind.type.dialect_impl(dialect)) for name, bind in binds.items()), dialect
        )
        constants = {name: bind.value for name, bind in binds.items() if not bind.required}
        statement = self._by_dialect[dialect.name] = _DialectSql(
            sql=str(compiled),
            constants={name: converters.get(name, _identity)(value) for name, value in constants.items()},
            parameter_order=tuple(compiled.positiontup) if compiled.positional else None,
            bind_converters=tuple((name, convert) for name, convert in converters.items() if name not in constants),
            result_converters=_result_converters((column.type.dialect_impl(dialect) for column in columns), dialect),
        )
        return statement


def compiled_insert(table: Table, columns: Iterable[str]) -> CompiledStatement:
    """A new row of the table, with values for these columns."""
    return CompiledStatement(insert(table).inline(), columns)


def execute(
    connection: Connection, sql: str, values: Any, *, many: bool = False, fetch: Callable[[Any], Any] | None = None
) -> Any:
    """Hand the statement to the driver, and `take` what is wanted of its cursor: here alone SQLAlchemy is passed by."""
    require_select(connection, sql)
    driver: Any = connection.connection.driver_connection
    try:
        if many:
            return driver.cursor().executemany(sql, values)
        cursor = driver.execute(sql, values)
        return cursor if fetch is None else fetch(cursor)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _as_sqlalchemy_error(problem, sql, connection.dialect) from None


def require_select(connection: Connection, sql: str) -> None:
    """Raise `InvalidRequestError` for anything but SELECT on a connection that is for nothing else."""
    if not sql.startswith("SELECT") and connection.get_execution_options().get(SELECT_ONLY):
        raise InvalidRequestError("This connection is read-only: it is for a SELECT.")


def redact_values(problem: BaseException) -> str | None:
    """Take the values out of a complaint of PostgreSQL's and return what is left of it; None if it isn't one.

    "DETAIL: Key (email)=(ada@example.com) already exists." is what it adds, and errors are logged.
    """
    sentence: str | None = getattr(getattr(problem, "diag", None), "message_primary", None)
    if sentence:
        problem.args = (sentence,)
    return sentence


def _as_sqlalchemy_error(problem: Exception, sql: str, dialect: Dialect) -> BaseException:
    redact_values(problem)
    base: type[Exception] = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, None, problem, base, hide_parameters=True, dialect=dialect)


def _reject_unsupported_binds(binds: Mapping[str, Any]) -> None:
    """IN, whose words change with its values, and defaults, which SQLAlchemy works out for each execution."""
    for name, bind in binds.items():
        if bind.expanding or bind.literal_execute or (not bind.required and bind.value is None):
            raise ValueError(f"{name} can't be in a prepared statement: it is a list, or SQLAlchemy would fill it in.")


def _bind_converters(kinds: Iterable[tuple[str, TypeEngine[Any]]], dialect: Dialect) -> dict[str, _Convert]:
    made = ((name, kind.bind_processor(dialect)) for name, kind in kinds)
    return {name: convert for name, convert in made if convert is not None}


def _identity(value: Any) -> Any:
    return value


def _result_converters(kinds: Iterable[TypeEngine[Any]], dialect: Dialect) -> tuple[tuple[int, _Convert], ...]:
    made: Sequence[_Convert | None] = [kind.result_processor(dialect, None) for kind in kinds]
    return tuple((place, convert) for place, convert in enumerate(made) if convert is not None)
