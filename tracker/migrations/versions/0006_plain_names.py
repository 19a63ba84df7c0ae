"""Rename tables and columns to the names that the code and the API use."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = {"connections": "platform_accounts", "hand_overs": "sign_in_tickets"}
_COLUMNS = (
    ("notices", "connection_id", "platform_account_id"),
    ("order_events", "who", "actor_name"),
    ("orders", "connection_id", "platform_account_id"),
    ("orders", "handover", "fulfilment"),
    ("platform_customers", "connection_id", "platform_account_id"),
    ("refunds", "stamp", "source_version"),
)
"""The renamed columns as (table, old name, new name). SQLite and PostgreSQL rename them without rewriting rows."""
_NOT_NULL = {
    "orders_handover_not_null": "orders_fulfilment_not_null",
    "refunds_stamp_not_null": "refunds_source_version_not_null",
}
"""The constraints that PostgreSQL 18 and newer name by themselves for columns that must not be null."""


def upgrade() -> None:
    """Rename tables and columns, then the indexes and constraints whose names contain an old one."""
    for old, new in _TABLES.items():
        op.rename_table(old, new)
    for table, old, new in _COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    if op.get_bind().dialect.name == "postgresql":
        _rename_on_postgresql()
    else:
        _rename_on_sqlite()


def _new_name(name: str) -> str:
    """Return the name of an index or a constraint with the old names of tables and columns replaced by the new ones."""
    for old, new in (*_TABLES.items(), ("connection_id", "platform_account_id"), *_NOT_NULL.items()):
        name = name.replace(old, new)
    return name


def _rename_on_postgresql() -> None:
    connection = op.get_bind()
    constraints = connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0"
    )
    for table, name in constraints.all():
        if _new_name(name) != name:
            op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT "{name}" TO "{_new_name(name)}"')
    for (name,) in connection.exec_driver_sql(
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
    ).all():
        if _new_name(name) != name:
            op.execute(f'ALTER INDEX "{name}" RENAME TO "{_new_name(name)}"')


def _rename_on_sqlite() -> None:
    """Recreate each index under its new name, and edit the names of constraints in the SQL of their tables.

    SQLite can rename neither. Its documentation advises to edit a table's SQL if the change does not affect the stored
    rows (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"). Copying a table
    instead would take minutes with millions of orders.
    """
    connection = op.get_bind()
    for kind, name, sql in connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all():
        if kind == "index" and sql is not None and _new_name(name) != name:
            op.execute(f"DROP INDEX {name}")
            op.execute(sql.replace(name, _new_name(name), 1))
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for name, sql in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all():
        if _new_name(sql) != sql:
            connection.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE name = ?", (_new_name(sql), name))
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    if connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok":
        raise RuntimeError("The renamed tables are not sound; nothing was changed.")
