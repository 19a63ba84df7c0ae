"""Two hands at one order: what the second has not seen it cannot undo."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm.exc import StaleDataError

from tests.builders import EVENING, told
from tests.live.orders_that_move import confirmed, happen, keep_orders
from tracker.database import Database
from tracker.orders.by_upstream import rate_order
from tracker.orders.model import Order
from tracker.orders.states import OrderState


def rates_it(order: Order) -> None:
    rate_order(order, 1, told=told(2), now=EVENING)


def changes_it_without_a_word(order: Order) -> None:
    order.rating = 1


@pytest.mark.parametrize("act", [rates_it, changes_it_without_a_word])
def test_of_two_hands_at_the_same_moment_the_second_is_refused_not_overwritten(
    database: Database, act: Callable[[Order], None]
) -> None:
    (order_id,) = keep_orders(database, 1)
    with database.reading() as session:
        seen = session.get_one(Order, order_id)
    happen(database, order_id, confirmed)

    with pytest.raises(StaleDataError), database.writing() as session:
        act(session.merge(seen, load=False))

    with database.reading() as session:
        order = session.get_one(Order, order_id)
        assert (order.state, order.version, order.rating) == (OrderState.CONFIRMED, 2, None)
