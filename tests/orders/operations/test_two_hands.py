"""Two hands at one order: what the second has not seen it cannot undo."""

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


def rates_it(order: Order) -> None:
    rate_order(order, 1, report=report(2), now=EVENING)


def changes_it_without_a_word(order: Order) -> None:
    order.rating = 1


@pytest.mark.parametrize("act", [rates_it, changes_it_without_a_word])
def test_of_two_hands_at_the_same_moment_the_second_is_refused_not_overwritten(
    database: Database, act: Callable[[Order], None]
) -> None:
    (order_id,) = keep_orders(database, 1)
    with database.read_session() as session:
        seen = session.get_one(Order, order_id)
    happen(database, order_id, confirmed)

    with pytest.raises(StaleDataError), database.transaction() as session:
        act(session.merge(seen, load=False))

    with database.read_session() as session:
        order = session.get_one(Order, order_id)
        assert (order.state, order.version, order.rating) == (OrderState.CONFIRMED, 2, None)


def test_who_comes_second_sees_all_of_what_the_first_did_or_nothing_of_it(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    (order_id,) = keep_orders(database, 1)
    with database.read_session() as session:
        restaurant_id = session.get_one(Order, order_id).restaurant_id

    def looked_at(session: Session) -> tuple[int, list[int]]:
        order = find_order_for_restaurant(session, restaurant_id, order_id, now=EVENING)
        assert order is not None
        return order.version, [event.number for event in order.events]

    def somebody_waits() -> bool:
        with database.read_session() as session:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            return bool(session.scalar(text(waiting)))

    with ThreadPoolExecutor(1) as second_hand:
        with database.transaction() as session:
            first = find_order_for_restaurant(session, restaurant_id, order_id, now=EVENING)
            second = second_hand.submit(database.run_in_transaction, looked_at)
            wait_for(somebody_waits, "the second to wait for the first")
            confirmed(first)

        assert second.result() == (2, [1, 2])
    assert database.run_in_transaction(looked_at) == (2, [1, 2])
    with database.read_session() as session:
        assert looked_at(session) == (2, [1, 2])
    database.close()
