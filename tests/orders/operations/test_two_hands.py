"""Two simultaneous changes of one order: the second cannot undo a change that it has not seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.builders import EVENING, report
from tests.live.orders_that_move import confirmed, happen, keep_orders
from tests.site import wait_for
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.by_platform import rate_order
from tracker.orders.operations.storage import find_order_for_restaurant
from tracker.orders.states import OrderState


def rate(order: Order) -> None:
    rate_order(order, 1, report=report(2), now=EVENING)


def change_without_an_event(order: Order) -> None:
    order.rating = 1


@pytest.mark.parametrize("change", [rate, change_without_an_event])
def test_of_two_simultaneous_changes_the_second_is_refused(database: Database, change: Callable[[Order], None]) -> None:
    (order_id,) = keep_orders(database, 1)
    with database.read_session() as session:
        seen = session.get_one(Order, order_id)
    happen(database, order_id, confirmed)

    with pytest.raises(StaleDataError), database.transaction() as session:
        change(session.merge(seen, load=False))

    with database.read_session() as session:
        order = session.get_one(Order, order_id)
        assert (order.state, order.version, order.rating) == (OrderState.CONFIRMED, 2, None)


def test_the_second_of_two_requests_sees_all_changes_of_the_first(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    (order_id,) = keep_orders(database, 1)
    with database.read_session() as session:
        restaurant_id = session.get_one(Order, order_id).restaurant_id

    def read_order(session: Session) -> tuple[int, list[int]]:
        order = find_order_for_restaurant(session, restaurant_id, order_id, now=EVENING)
        assert order is not None
        return order.version, [event.number for event in order.events]

    def is_waiting_for_a_lock() -> bool:
        with database.read_session() as session:
            query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            return bool(session.scalar(text(query)))

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            first = find_order_for_restaurant(session, restaurant_id, order_id, now=EVENING)
            second = pool.submit(database.run_in_transaction, read_order)
            wait_for(is_waiting_for_a_lock, "the second to wait for the first")
            confirmed(first)

        assert second.result() == (2, [1, 2])
    assert database.run_in_transaction(read_order) == (2, [1, 2])
    with database.read_session() as session:
        assert read_order(session) == (2, [1, 2])
    database.close()
