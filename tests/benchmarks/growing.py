"""A great many orders, copied within the database from the one of a world: a million would take hours to tell."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from tests.benchmarks.world import World
from tracker import clock
from tracker.accounts.model import Customer
from tracker.accounts.sign_in import start_session
from tracker.database import Database
from tracker.schema import METADATA

EACH_CUSTOMER = 20
"""Orders of one customer: a page of the list, full."""
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :many)"
OURS_IS = {"notices": "t.platform_order_id = '1234'", "orders": "t.id = :order"}


def grow(world: World, orders: int) -> None:
    """Copy the world's order with all that belongs to it until there are so many, of as many customers as need be.

    A customer's orders are spread over all of them, as in life. Of what their notices said only the beginning is there:
    nobody reads it again, and the whole would be twenty kilobytes an order.
    """
    database = Database(world.url)
    customers = max(1, orders // EACH_CUSTOMER)
    with database.engine.execution_options(writing=True).begin() as connection:
        at_customer = f"n.i % {customers}"
        _copy(connection, "customers", {"id": _id("n.i"), "email": "NULL"}, many=customers, customer=world.customer_id)
        numbered = {"platform_order_id": "CAST(100000000 + n.i AS TEXT)"}
        changed = numbered | {"id": _id("n.i"), "customer_id": _id(at_customer)}
        _copy(connection, "orders", changed, many=orders, order=world.order_id)
        _copy(connection, "order_lines", {"order_id": _id("n.i")}, many=orders, order=world.order_id)
        published = {"order_id": _id("n.i"), "published_at": "t.recorded_at"}
        _copy(connection, "order_events", published, many=orders, order=world.order_id)
        shortened = {"source_id": "t.id || ' ' || n.i", "body": "substr(t.body, 1, 200)"}
        _copy(connection, "notices", numbered | shortened, many=orders)
    if not database.is_sqlite:
        with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.close()


def visitors(world: World, orders: int, many: int) -> list[tuple[str, str]]:
    """So many customers from all over the grown world: the token of each one's session, and an order of theirs."""
    database, customers = Database(world.url), max(1, orders // EACH_CUSTOMER)
    numbers = [number * customers // many for number in range(many)]
    with database.transaction() as session:
        found = [session.get_one(Customer, f"6{number:023d}") for number in numbers]
        tokens = [start_session(session, customer, remember=True, now=clock.now()) for customer in found]
    database.close()
    return [(token, f"6{number:023d}") for token, number in zip(tokens, numbers, strict=True)]


def _copy(connection: Connection, table: str, changed: dict[str, str], **values: Any) -> None:
    columns = [each.name for each in METADATA.tables[table].columns if each.name != "id" or "id" in changed]
    names = ", ".join(f'"{column}"' for column in columns)
    chosen = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    where = OURS_IS.get(table, "t.id = :customer" if "customer" in values else "t.order_id = :order")
    sql = f"INSERT INTO {table} ({names}) {NUMBERS} SELECT {chosen} FROM n, {table} t WHERE {where}"  # noqa: S608  our own
    connection.execute(text(sql), values)


def _id(number: str) -> str:
    """An identifier made of a number, as both databases can put it together; 6 as its first digit is ours alone."""
    return f"'6' || substr('00000000000000000000000', 1, 23 - length(CAST({number} AS TEXT))) || CAST({number} AS TEXT)"
