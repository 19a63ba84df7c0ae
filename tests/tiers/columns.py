"""Change the values of any columns of any tables, because a page shows a value if a change of it changes the page.

A path names a column by its table and its name, and a value in a JSON column also by its keys, such as
order_events.data.reason.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, Enum, Integer, LargeBinary, String, Table, select, update

from tests.event_samples import SAMPLES
from tracker.database import Database, UtcDateTime
from tracker.ids import is_id
from tracker.orders.progress import Step
from tracker.orders.source_versions import SourceVersions
from tracker.schema import METADATA

VALID = {
    "restaurants.zone": ("Asia/Tokyo",),
    "orders.zone": ("Asia/Tokyo",),
    "restaurants.locale": ("de-DE",),
    "restaurants.currency": ("USD",),
    "orders.currency": ("USD",),
    "restaurants.colour": ("#123456",),
    "orders.statuses.step": tuple(Step),
    "restaurants.statuses.delivery.step": tuple(Step),
    "order_events.data.step": tuple(Step),
    "orders.platform_refunded_version": ("0", "9"),
}
"""Other valid values of columns that do not accept any text."""
LATER = timedelta(minutes=17)
FAR = 1000
"""The change of a number that must stay unique."""

Row = dict[str, Any]
_JSON = JSON | SourceVersions


def tables() -> list[Table]:
    return list(METADATA.sorted_tables)


def is_name(column: Column[Any]) -> bool:
    """Return whether rows are referred to or found by this column. Its values are then searched for, not changed."""
    referenced = {key.column for table in tables() for key in table.foreign_keys}
    is_found_by_it = column.name.endswith("hash") or str(column) == "share_links.id"
    return bool(column.foreign_keys) or column in referenced or is_found_by_it


class StoredRows:
    """The rows of a database, whose values can be changed for a while and restored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.read_session() as session:
            self._rows: dict[str, list[Row]] = {
                table.name: [dict(row) for row in session.execute(select(table)).mappings()] for table in tables()
            }
        self.without_rows = [name for name, rows in self._rows.items() if not rows]

    @property
    def columns(self) -> set[str]:
        """Return all columns except foreign keys."""
        pairs = ((table, column) for table in tables() for column in table.columns)
        return {f"{table.name}.{column.name}" for table, column in pairs if not column.foreign_keys}

    @property
    def paths(self) -> set[str]:
        """Return the path of every value that can be changed."""
        found = set()
        for table in tables():
            for column in table.columns:
                values = [row[column.name] for row in self._rows[table.name]]
                if not is_name(column) or _is_nullable_reference(column):
                    found |= {path for value in values for path in _paths(f"{table.name}.{column.name}", column, value)}
        return found

    def texts(self, paths: Collection[str]) -> dict[str, set[str]]:
        """Return the texts at each of these paths that has any."""
        found: dict[str, set[str]] = {}
        for table in tables():
            for column in table.columns:
                path = f"{table.name}.{column.name}"
                for row in self._rows[table.name]:
                    leaves = _words(path, row[column.name]) if isinstance(column.type, _JSON | String) else ()
                    for leaf, words in leaves:
                        if leaf in paths and leaf not in VALID and not isinstance(column.type, Enum):
                            found.setdefault(leaf, set()).add(words)
        return found

    def names(self) -> dict[str, set[str]]:
        """Return the values of each column for which is_name() is true, except foreign keys."""
        return {
            f"{table.name}.{column.name}": {row[column.name] for row in self._rows[table.name] if row[column.name]}
            for table in tables()
            for column in table.columns
            if is_name(column) and not column.foreign_keys
        }

    def attempts(self, paths: Collection[str]) -> range:
        """Return the numbers of the attempts after which each of these paths has had each of its other values."""
        kinds = {f"{table.name}.{column.name}": column.type for table in tables() for column in table.columns}
        enums = [kinds[path].enum_class for path in paths if isinstance(kinds.get(path), Enum)]  # type: ignore[attr-defined]
        choices = [*(len(enum) for enum in enums if enum), *(len(VALID[path]) for path in paths if path in VALID)]
        return range(max([1, *choices]))

    @contextmanager
    def changed(self, paths: Collection[str], attempt: int = 0) -> Iterator[None]:
        """Change the values at all of these paths until the end of the block; `attempt` chooses among other values."""
        changed = [*self._changed_rows(paths, attempt)]
        self._write((table, old, new) for table, old, new in changed)
        try:
            yield
        finally:
            self._write((table, new, old) for table, old, new in changed)

    def _changed_rows(self, paths: Collection[str], attempt: int) -> Iterator[tuple[Table, Row, Row]]:
        for table in tables():
            if not any(path.startswith(f"{table.name}.") for path in paths):
                continue
            for row in self._rows[table.name]:
                new = {
                    column.name: _changed(f"{table.name}.{column.name}", column, row[column.name], paths, attempt)
                    for column in table.columns
                }
                if "order_events.kind" in paths and table.name == "order_events":
                    new["data"] = SAMPLES[new["kind"]].stored()  # each kind has its own details
                if new != row:
                    yield table, row, new

    def _write(self, changes: Iterator[tuple[Table, Row, Row]]) -> None:
        with self._database.transaction() as session:
            for table, old, new in changes:
                has_key = [column == old[column.name] for column in table.primary_key.columns]
                assert session.execute(update(table).where(*has_key).values(new)).rowcount == 1  # type: ignore[attr-defined]


def _is_nullable_reference(column: Column[Any]) -> bool:
    return bool(column.foreign_keys and column.nullable)


def _paths(path: str, column: Column[Any], value: object) -> Iterator[str]:
    if not isinstance(column.type, _JSON):
        yield path
    elif value:
        yield from _leaves(path, value)


def _leaves(path: str, value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _leaves(f"{path}.{key}", inner)
        case list():
            for inner in value:
                yield from _leaves(path, inner)
        case _:
            yield path


def _words(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _words(f"{path}.{key}", inner)
        case list():
            for inner in value:
                yield from _words(path, inner)
        case str() if not _is_moment(value):
            yield path, value


def _changed(path: str, column: Column[Any], value: Any, paths: Collection[str], attempt: int) -> Any:
    if isinstance(column.type, _JSON):
        return _with_other_leaves(path, value, paths, attempt)
    if path not in paths:
        return value
    if _is_nullable_reference(column):
        return None
    if path in VALID:
        return _another(VALID[path], value, attempt)
    return _other_value(column, value, attempt)


def _with_other_leaves(path: str, value: Any, paths: Collection[str], attempt: int) -> Any:
    match value:
        case dict():
            return {key: _with_other_leaves(f"{path}.{key}", inner, paths, attempt) for key, inner in value.items()}
        case list():
            return [_with_other_leaves(path, inner, paths, attempt) for inner in value]
        case _ if path not in paths or value is None:
            return value
        case str() if path in VALID:
            return _another(VALID[path], value, attempt)
        case _:
            return _other_plain(value)


def _other_value(column: Column[Any], value: Any, attempt: int) -> Any:
    kind = column.type
    if isinstance(kind, Enum) and kind.enum_class:
        return _another(tuple(kind.enum_class), value, attempt)
    if value is not None:
        is_single = column.primary_key or column.name == "number"
        return value + FAR if isinstance(kind, Integer) and is_single else _other_plain(value)
    if isinstance(kind, DateTime | UtcDateTime):
        return datetime(2026, 11, 20, 18, 17, tzinfo=UTC)
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, LargeBinary):
        return b"new"
    return 3 if isinstance(kind, Integer) else "new"


def _other_plain(value: Any) -> Any:
    others: dict[type, Callable[[Any], Any]] = {
        bool: lambda it: not it,
        int: lambda it: it + 1,
        datetime: lambda it: it + LATER,
        bytes: lambda it: it + b" ",
        str: _other_text,
    }
    return others[type(value)](value)


def _other_text(text: str) -> str:
    if text.isdecimal():
        return str(int(text) + 1)
    if is_id(text):
        return text[:-1] + ("1" if text[-1] == "0" else "0")
    return (datetime.fromisoformat(text) + LATER).isoformat() if _is_moment(text) else f"{text}q"


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _another(choices: Collection[Any], value: Any, attempt: int) -> Any:
    others = [choice for choice in choices if choice != value]
    return others[attempt % len(others)] if others else value
