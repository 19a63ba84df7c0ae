"""Copy the order of a world many times within the database, because a million notices would take hours."""

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
"""The number of orders of one customer, which fills a page of the list."""
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :many)"
ORIGINAL = {"notices": "t.platform_order_id = '1234'", "orders": "t.id = :order"}


def grow(world: World, orders: int) -> None:
    """Copy the world's order, with its lines, events and notices, until there are so many orders.

    A customer's orders are spread over all orders, as in real use. Only the beginning of each notice is copied: nobody
    reads it again, and the whole would be twenty kilobytes an order.
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
    """Return so many customers, evenly spread over the grown world, as a session token and an order of each."""
    database, customers = Database(world.url), max(1, orders // EACH_CUSTOMER)
    numbers = [number * customers // many for number in range(many)]
    with database.transaction() as session:
        customers_found = [session.get_one(Customer, f"6{number:023d}") for number in numbers]
        tokens = [start_session(session, customer, remember=True, now=clock.now()) for customer in customers_found]
    database.close()
    return [(token, f"6{number:023d}") for token, number in zip(tokens, numbers, strict=True)]


def _copy(connection: Connection, table: str, changed: dict[str, str], **values: Any) -> None:
    columns = [column.name for column in METADATA.tables[table].columns if column.name != "id" or "id" in changed]
    names = ", ".join(f'"{column}"' for column in columns)
    expressions = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    where = ORIGINAL.get(table, "t.id = :customer" if "customer" in values else "t.order_id = :order")
    sql = f"INSERT INTO {table} ({names}) {NUMBERS} SELECT {expressions} FROM n, {table} t WHERE {where}"  # noqa: S608  our own
    connection.execute(text(sql), values)


def _id(number: str) -> str:
    """Return SQL of both databases for an identifier made from a number. Only copies begin with the digit 6."""
    return f"'6' || substr('00000000000000000000000', 1, 23 - length(CAST({number} AS TEXT))) || CAST({number} AS TEXT)"
