"""Move what platforms reported from `told` to columns, and give the details of each kind of event one shape."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
"""The number of rows in memory at one time, however large the table is."""

_ORDERS = sa.table(
    "orders",
    sa.column("id", sa.String),
    sa.column("told", sa.JSON),
    sa.column("bill_charged", sa.BigInteger),
    sa.column("source_versions", sa.JSON),
    sa.column("is_placed_at_reported", sa.Boolean),
    sa.column("is_promise_own", sa.Boolean),
    sa.column("platform_promised_at", sa.DateTime(timezone=True)),
    sa.column("first_charged_minor", sa.BigInteger),
    sa.column("uncounted_charged_minor", sa.BigInteger),
    sa.column("platform_refunded_minor", sa.BigInteger),
    sa.column("platform_refunded_version", sa.String),
)
_EVENTS = sa.table(
    "order_events", sa.column("id", sa.Integer), sa.column("kind", sa.String), sa.column("data", sa.JSON)
)
_NEW_NAMES = {
    "first": "first_description",
    "details": "description",
    "tip": "tip",
    "rating": "rating",
    "status": "status",
    "step": "step",
    "reason": "reason",
    "order.completed": "completed",
    "order.rejected": "rejected",
    "order.cancelled": "cancelled",
}
"""The key of each source version in `told`, and its key in `source_versions`."""

_SHAPES: dict[str, dict[str, Any]] = {
    "order.completed": {"status": ""},
    "order.rejected": {"reason": None},
    "order.cancelled": {"reason": None, "adjustment": None},
    "order.contents_changed": {"total_from": None, "total_to": None, "lines": []},
    "order.corrected": {"reason": None},
}
"""The kinds whose events had several shapes: the keys of the new shape, with the value for events that lack the key."""


def upgrade() -> None:
    """Bring the tables from revision 0004 to this one, and keep their rows."""
    for column in _columns():
        op.add_column("orders", column)
    _fill_columns(op.get_bind())
    with op.batch_alter_table("orders") as table:
        table.alter_column("first_charged_minor", existing_type=sa.BigInteger(), nullable=False)
        for name in ("is_placed_at_reported", "is_promise_own"):
            table.alter_column(name, existing_type=sa.Boolean(), nullable=False)
        table.alter_column("source_versions", existing_type=sa.JSON(), nullable=False)
        table.drop_column("told")
    _shape_details(op.get_bind())


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("source_versions", sa.JSON(), nullable=True),
        sa.Column("is_placed_at_reported", sa.Boolean(), nullable=True),
        sa.Column("is_promise_own", sa.Boolean(), nullable=True),
        sa.Column("platform_promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_charged_minor", sa.BigInteger(), nullable=True),
        sa.Column("uncounted_charged_minor", sa.BigInteger(), nullable=True),
        sa.Column("platform_refunded_minor", sa.BigInteger(), nullable=True),
        sa.Column("platform_refunded_version", sa.String(length=120), nullable=True),
    ]


def _fill_columns(connection: sa.Connection) -> None:
    names = [column.name for column in _columns()]
    change = sa.update(_ORDERS).where(_ORDERS.c.id == sa.bindparam("its_id"))
    change = change.values({name: sa.bindparam(f"new_{name}") for name in names})
    is_sqlite = connection.dialect.name == "sqlite"
    for rows in _in_chunks(connection, sa.select(_ORDERS.c.id, _ORDERS.c.told, _ORDERS.c.bill_charged)):
        values = [(row.id, _reported(row.told, row.bill_charged, is_sqlite)) for row in rows]
        connection.execute(
            change, [{"its_id": its_id} | {f"new_{name}": new[name] for name in names} for its_id, new in values]
        )


def _reported(told: dict[str, str], charged: int, is_sqlite: bool) -> dict[str, Any]:
    """Return the values of the new columns of an order, by name, from the order's `told` and `bill_charged`."""
    promised = told.get("platform_promise")
    refunded, _, version = told.get("refunded_sum", "").partition(" ")
    return {
        "source_versions": {new: told[old] for old, new in _NEW_NAMES.items() if old in told},
        "is_placed_at_reported": "placed" in told,
        "is_promise_own": promised is not None,
        "platform_promised_at": _moment(promised, is_sqlite) if promised else None,
        "first_charged_minor": int(told.get("first_charged", charged)),
        "uncounted_charged_minor": int(told["uncounted"]) if "uncounted" in told else None,
        "platform_refunded_minor": int(refunded) if refunded else None,
        "platform_refunded_version": version or None,
    }


def _moment(text: str, is_sqlite: bool) -> datetime:
    """Return the time as the database stores it: in UTC, and on SQLite without the zone."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.replace(tzinfo=None) if is_sqlite else moment


def _shape_details(connection: sa.Connection) -> None:
    change = sa.update(_EVENTS).where(_EVENTS.c.id == sa.bindparam("its_id")).values(data=sa.bindparam("new_data"))
    asked = sa.select(_EVENTS.c.id, _EVENTS.c.kind, _EVENTS.c.data).where(_EVENTS.c.kind.in_(_SHAPES))
    for rows in _in_chunks(connection, asked):
        shaped = [
            (row, {key: row.data.get(key, missing) for key, missing in _SHAPES[row.kind].items()}) for row in rows
        ]
        changed = [{"its_id": row.id, "new_data": data} for row, data in shaped if data != row.data]
        if changed:
            connection.execute(change, changed)


def _in_chunks(connection: sa.Connection, asked: sa.Select[Any]) -> Iterator[list[sa.Row[Any]]]:
    """Yield the rows of the query in lists of at most _AT_ONCE, sorted by id."""
    its_id = asked.selected_columns.id
    asked = asked.order_by(its_id).limit(_AT_ONCE)
    rows = list(connection.execute(asked))
    while rows:
        yield rows
        rows = list(connection.execute(asked.where(its_id > rows[-1].id)))
