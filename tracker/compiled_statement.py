"""Statements that are compiled to SQL once and then executed directly on the database driver.

SQLAlchemy creates a context, a cursor and a result for every execution, which costs fifteen times what the database
needs to find one row. Statements that are executed for every notice bypass that. The SQL is the same that SQLAlchemy
would have sent.
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
"""The execution option of a connection on which only SELECT is allowed."""
_ALL, _ONE = methodcaller("fetchall"), methodcaller("fetchone")


@dataclass(frozen=True, slots=True)
class _DialectSql:
    """The SQL of a statement in one dialect, and the conversions of its parameters and result columns."""

    sql: str
    constants: dict[str, Any]
    """Values of the parameters that the statement itself fixes, converted for the driver."""
    parameter_order: tuple[str, ...] | None
    """The names of the parameters in their order, if the driver takes positional parameters; otherwise None."""
    bind_converters: tuple[tuple[str, _Convert], ...]
    result_converters: tuple[tuple[int, _Convert], ...]

    def bind(self, values: _Values) -> Any:
        """Return the values in the form that the driver takes: a list if parameters are positional, else a dict."""
        bound = {**values, **self.constants}
        for name, convert in self.bind_converters:
            bound[name] = convert(bound[name])
        return bound if self.parameter_order is None else [bound[name] for name in self.parameter_order]

    def convert_row(self, row: _Row) -> _Row:
        """Return the driver's row with its values converted to Python types."""
        if not self.result_converters:
            return row
        converted = list(row)
        for index, convert in self.result_converters:
            converted[index] = convert(converted[index])
        return tuple(converted)


class CompiledStatement:
    """A SQLAlchemy SELECT or INSERT that is compiled once per dialect and executed in a connection's transaction.

    Values are given by the names of the parameters. Rows are plain tuples whose values have the columns' Python types:
    aware datetimes, enums, decoded JSON. Errors of the database and of its driver are raised as the SQLAlchemy errors
    that wrap them (`sqlalchemy.exc.DBAPIError`). A value that its column type rejects raises that type's own error.
    A statement that can't be compiled ahead raises ValueError at its first execution. A missing value raises KeyError,
    or the driver's error if the driver detects it.
    """

    def __init__(self, statement: _Statement, columns: Iterable[str] | None = None) -> None:
        self._statement = statement
        self._columns = None if columns is None else list(columns)
        self._by_dialect: dict[str, _DialectSql] = {}

    def all(self, connection: Connection, values: _Values) -> list[_Row]:
        """Return all rows."""
        statement = self._sql_for(connection.dialect)
        rows = execute(connection, statement.sql, statement.bind(values), fetch=_ALL)
        return [statement.convert_row(row) for row in rows] if statement.result_converters else rows

    def first(self, connection: Connection, values: _Values) -> _Row | None:
        """Return the first row. Return None if there is no row."""
        statement = self._sql_for(connection.dialect)
        row = execute(connection, statement.sql, statement.bind(values), fetch=_ONE)
        return None if row is None else statement.convert_row(row)

    def run(self, connection: Connection, *values: _Values) -> None:
        """Execute an INSERT once for each mapping of values."""
        statement = self._sql_for(connection.dialect)
        if len(values) == 1:
            execute(connection, statement.sql, statement.bind(values[0]))
        elif values:
            execute(connection, statement.sql, [statement.bind(row) for row in values], many=True)

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
    """Return an INSERT of a row into the table, with values for these columns."""
    return CompiledStatement(insert(table).inline(), columns)


def execute(
    connection: Connection, sql: str, values: Any, *, many: bool = False, fetch: Callable[[Any], Any] | None = None
) -> Any:
    """Execute the SQL on the driver and return `fetch(cursor)`, or the cursor if no `fetch` is given.

    This is the only place that bypasses SQLAlchemy. `values` are in the driver's form; with `many` they are a list of
    such values. Errors of the driver are raised as SQLAlchemy's, without the values.
    """
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
    """Raise `InvalidRequestError` if the SQL is no SELECT and the connection allows only SELECT."""
    if not sql.startswith("SELECT") and connection.get_execution_options().get(SELECT_ONLY):
        raise InvalidRequestError("This connection is read-only: only SELECT is allowed.")


def redact_values(problem: BaseException) -> str | None:
    """Reduce an error of PostgreSQL's to its primary message and return that. Return None if it is another error.

    PostgreSQL adds values to its errors, such as "DETAIL: Key (email)=(ada@example.com) already exists.". Errors are
    logged, and people's data must not be.
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
    """Raise ValueError for parameters whose SQL or value SQLAlchemy determines at each execution.

    These are the lists of IN, whose SQL depends on their length, and the defaults of columns.
    """
    for name, bind in binds.items():
        if bind.expanding or bind.literal_execute or (not bind.required and bind.value is None):
            raise ValueError(
                f"{name} can't be in a prepared statement: it is a list, or a default that SQLAlchemy would fill in."
            )


def _bind_converters(kinds: Iterable[tuple[str, TypeEngine[Any]]], dialect: Dialect) -> dict[str, _Convert]:
    converters = ((name, kind.bind_processor(dialect)) for name, kind in kinds)
    return {name: convert for name, convert in converters if convert is not None}


def _identity(value: Any) -> Any:
    return value


def _result_converters(kinds: Iterable[TypeEngine[Any]], dialect: Dialect) -> tuple[tuple[int, _Convert], ...]:
    converters: Sequence[_Convert | None] = [kind.result_processor(dialect, None) for kind in kinds]
    return tuple((index, convert) for index, convert in enumerate(converters) if convert is not None)
