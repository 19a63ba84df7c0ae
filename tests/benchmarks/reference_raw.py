"""One interface to the two raw drivers of the reference, which hides their differences."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy.engine import make_url


class Raw:
    """One open connection to SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        parts = make_url(url)
        if self.is_sqlite:
            self.connection: Any = sqlite3.connect(str(parts.database), timeout=10, isolation_level=None)
            self.connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            text = parts.set(drivername="postgresql").render_as_string(hide_password=False)
            self.connection = psycopg.connect(text, autocommit=True, row_factory=psycopg.rows.dict_row)
        self.cursor = self.connection.cursor()

    def all(self, sql: str, *values: object) -> list[Any]:
        return list(self.run(sql, *values).fetchall())

    def one(self, sql: str, *values: object) -> Any:
        return self.run(sql, *values).fetchone()

    def run(self, sql: str, *values: object) -> Any:
        return self.cursor.execute(sql if self.is_sqlite else sql.replace("?", "%s"), values)

    def insert(self, table: str, *rows: dict[str, object], returning: str = "") -> Any:
        names = ", ".join(rows[0])
        marks = ", ".join("?" * len(rows[0]))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) {returning}"  # noqa: S608  our own names
        if len(rows) == 1:
            return self.run(sql, *rows[0].values())
        sql = sql if self.is_sqlite else sql.replace("?", "%s")
        return self.cursor.executemany(sql, [tuple(row.values()) for row in rows])

    def begin(self, *, to_write: bool) -> None:
        if self.is_sqlite:
            self.run("BEGIN IMMEDIATE" if to_write else "BEGIN")
        else:
            self.run("BEGIN" if to_write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def moment(self, at: datetime | None) -> object:
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ") if at and self.is_sqlite else at

    def read_moment(self, at: Any) -> datetime:
        return datetime.fromisoformat(at).replace(tzinfo=UTC) if self.is_sqlite else at

    def read_json(self, text: Any) -> Any:
        return json.loads(text) if self.is_sqlite else text
