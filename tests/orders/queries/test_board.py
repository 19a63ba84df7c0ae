"""The queries of a restaurant's board use indexes, so that they stay cheap with any number of past orders."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from tests.builders import EVENING, a_restaurant, an_own_order
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.by_restaurant import confirm_order, reject_order
from tracker.orders.queries.board import find_board_versions, load_board_orders, load_order_for_restaurant
from tracker.orders.states import OrderState


def plans_of(database: Database) -> list[str]:
    """Return the database's query plan for each query of `find_board_versions`."""
    statements: list[tuple[str, Any]] = []
    with database.read_session() as session:
        connection = session.connection()

        def record(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            statements.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", record)
        find_board_versions(session, "5" * 24, now=EVENING)
        event.remove(connection, "before_cursor_execute", record)
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plans = [connection.exec_driver_sql(f"{explain} {sql}", parameters).all() for sql, parameters in statements]
    return [" ".join(str(row[-1]) for row in plan) for plan in plans]


def store_many_orders(database: Database) -> None:
    """Store 2,000 orders that ended a month ago and 20 live ones, and have the database take its statistics.

    On an empty table PostgreSQL chooses between two indexes by what earlier tests have left in them.
    """
    orders = Order.metadata.tables["orders"]
    order = an_own_order()
    order.customer_id, order.customer = None, None
    with database.transaction() as session:
        session.add(order)
        session.flush()
        row = dict(session.execute(select(orders)).mappings().one())
        ended = {"state": OrderState.COMPLETED, "ended_at": EVENING - timedelta(days=30)}
        rows = [row | {"id": f"{number:024x}"} | (ended if number >= 20 else {}) for number in range(2020)]
        session.execute(insert(orders), rows)
        session.execute(text("ANALYZE"))


def test_only_live_and_recently_ended_orders_are_scanned(database: Database) -> None:
    store_many_orders(database)

    plans = plans_of(database)

    assert ["ix_orders_live" in plan for plan in plans] == [True, True, False, True]
    assert "ix_orders_restaurant_id_ended_at" in plans[2]
    assert not any(re.search(r"\bSCAN orders\b|Seq Scan", plan) for plan in plans)


def test_a_full_board_has_the_longest_waiting_and_the_last_confirmed_orders(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.orders.queries.board.MAX_ORDERS_PER_SECTION", 2)
    restaurant = a_restaurant()
    with database.transaction() as session:
        session.add(restaurant)
        for minute in range(9):
            order = an_own_order(restaurant, short_code=f"N{minute}", placed_at=EVENING + timedelta(minutes=minute))
            order.customer_id, order.customer = None, None
            session.add(order)
            if 3 <= minute < 6:
                confirm_order(order, None, actor_name="API", now=EVENING + timedelta(minutes=minute))
            elif minute >= 6:
                reject_order(order, None, actor_name="API", now=EVENING + timedelta(minutes=minute))

    with database.read_session() as session:
        versions = find_board_versions(session, restaurant.id, now=EVENING + timedelta(minutes=10))
        shown = load_board_orders(session, versions)
        of_another_restaurant = load_order_for_restaurant(session, "6" * 24, shown.live[0].id)

    assert [order.short_code for order in shown.live] == ["N0", "N1", "N5", "N4"]
    assert [order.short_code for order in shown.ended] == ["N8", "N7"]
    assert set(shown.final_events) == {order.id for order in shown.ended}
    assert shown.more == 2
    assert of_another_restaurant is None
