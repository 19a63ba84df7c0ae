"""The worker's task on both databases: due adjustments lapse once each, without any visitor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.builders import EVENING, a_customer, a_restaurant, an_adjustment, an_own_order
from tracker.accounts.model import IfUnanswered
from tracker.database import Database
from tracker.ids import new_id
from tracker.orders.event_details import AdjustmentAccepted
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_customer, deadlines
from tracker.orders.operations.deadlines import lapse_due_adjustments
from tracker.orders.operations.storage import find_order_for_customer, find_order_for_restaurant, load_order_for_update
from tracker.orders.refusals import TooLate
from tracker.orders.states import AdjustmentState, OrderState

OVER = EVENING + timedelta(minutes=10, seconds=1)


def store_adjusted_orders(database: Database, *rules: IfUnanswered) -> list[Order]:
    """Store adjusted orders of one customer, one at a restaurant with each of these rules."""
    customer = a_customer()
    orders = [an_own_order(a_restaurant(if_unanswered=rule), customer=customer) for rule in rules]
    for order in orders:
        an_adjustment(order)
    with database.transaction() as session:
        session.add_all(orders)
    return orders


def states_of(database: Database, order: Order) -> tuple[OrderState, AdjustmentState, int]:
    with database.read_session() as session:
        stored = load_order_for_update(session, order.id)
        return stored.state, stored.adjustments[-1].state, stored.version


def test_due_adjustments_lapse_by_the_rule_of_each_restaurant(database: Database) -> None:
    going_ahead, cancelled = store_adjusted_orders(database, IfUnanswered.GO_AHEAD, IfUnanswered.CANCEL)

    assert lapse_due_adjustments(database, now=OVER - timedelta(seconds=1)) == 0
    assert lapse_due_adjustments(database, now=OVER) == 2
    assert lapse_due_adjustments(database, now=OVER) == 0

    assert states_of(database, going_ahead) == (OrderState.CONFIRMED, AdjustmentState.LAPSED, 3)
    assert states_of(database, cancelled) == (OrderState.CANCELLED, AdjustmentState.LAPSED, 3)


def test_an_order_that_goes_ahead_unanswered_is_stored_with_all_lines_and_amounts(database: Database) -> None:
    (order,) = store_adjusted_orders(database, IfUnanswered.GO_AHEAD)

    lapse_due_adjustments(database, now=OVER)

    with database.read_session() as session:
        stored = load_order_for_update(session, order.id)
        assert [(line.ref, line.quantity, line.is_left_out) for line in stored.lines] == [
            ("pizza", 2, False),
            ("dolce", 0, True),
        ]
        assert (stored.total.minor, stored.total_as_ordered.minor) == (2800, 3450)
        assert stored.adjustments[0].ended_at == OVER
        assert isinstance(stored.events[-1].details, AdjustmentAccepted)
        assert stored.events[-1].details.total_to == 2800


def test_two_workers_at_the_same_time_lapse_each_adjustment_once(database: Database) -> None:
    orders = store_adjusted_orders(database, *[IfUnanswered.CANCEL] * 6)

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: lapse_due_adjustments(database, now=OVER), range(2)))

    assert sum(counts) == len(orders)
    assert {states_of(database, order) for order in orders} == {(OrderState.CANCELLED, AdjustmentState.LAPSED, 3)}


def test_more_adjustments_than_one_batch_are_lapsed_by_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_adjusted_orders(database, *[IfUnanswered.CANCEL] * 5)
    monkeypatch.setattr(deadlines, "BATCH_SIZE", 3)

    assert [lapse_due_adjustments(database, now=OVER) for _ in range(3)] == [3, 2, 0]


def test_an_order_loaded_to_be_changed_has_lapsed_already_if_it_was_due(database: Database) -> None:
    for_customer, for_restaurant = store_adjusted_orders(database, IfUnanswered.GO_AHEAD, IfUnanswered.CANCEL)

    def accept(session: Session) -> str:
        order = find_order_for_customer(
            session, for_customer.customer_id or "", for_customer.id, only_restaurant_id=None, now=OVER
        )
        assert order is not None
        with pytest.raises(TooLate) as refusal:
            by_customer.accept_adjustment(order, 1, now=OVER)
        return refusal.value.sentence

    def read_state(session: Session) -> OrderState:
        order = find_order_for_restaurant(session, for_restaurant.restaurant_id, for_restaurant.id, now=OVER)
        assert order is not None
        return order.state

    assert (
        database.run_in_transaction(accept) == "There was no answer in time, so the order went ahead with the change."
    )
    assert database.run_in_transaction(read_state) is OrderState.CANCELLED
    assert states_of(database, for_customer) == (OrderState.CONFIRMED, AdjustmentState.LAPSED, 3)
    assert lapse_due_adjustments(database, now=OVER) == 0


def test_nobody_finds_the_order_of_another_and_it_does_not_lapse_then(database: Database) -> None:
    order, other = store_adjusted_orders(database, IfUnanswered.CANCEL, IfUnanswered.CANCEL)
    stranger = new_id(EVENING)

    def find_orders(session: Session) -> list[Order | None]:
        return [
            find_order_for_customer(session, stranger, order.id, only_restaurant_id=None, now=OVER),
            find_order_for_restaurant(session, other.restaurant_id, order.id, now=OVER),
            find_order_for_restaurant(session, order.restaurant_id, "nonsense", now=OVER),
            find_order_for_restaurant(session, order.restaurant_id, stranger, now=OVER),
        ]

    assert database.run_in_transaction(find_orders) == [None] * 4
    assert states_of(database, order) == (OrderState.ADJUSTED, AdjustmentState.OPEN, 2)


def test_an_order_that_fails_does_not_hold_up_the_others(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = store_adjusted_orders(database, IfUnanswered.CANCEL, IfUnanswered.CANCEL)
    lapse = deadlines.lapse_adjustment  # type: ignore[attr-defined]

    def fail_for_one(order: Order, *, now: datetime) -> OrderEvent | None:
        if order.id == broken.id:
            raise RuntimeError("something of this order is not as it should be")
        return lapse(order, now=now)

    monkeypatch.setattr(deadlines, "lapse_adjustment", fail_for_one)
    ended = lapse_due_adjustments(database, now=OVER)

    assert ended == 1
    assert states_of(database, sound)[0] is OrderState.CANCELLED
    assert states_of(database, broken)[0] is OrderState.ADJUSTED
