"""The clock's round, on both databases: what is due ends though nobody looks, each order by itself, and once."""

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


def keep_asked(database: Database, *rules: IfUnanswered) -> list[Order]:
    """Orders of one customer at a restaurant of each of these rules, all of them adjusted when they were placed."""
    customer = a_customer()
    orders = [an_own_order(a_restaurant(if_unanswered=rule), customer=customer) for rule in rules]
    for order in orders:
        an_adjustment(order)
    with database.transaction() as session:
        session.add_all(orders)
    return orders


def now_of(database: Database, order: Order) -> tuple[OrderState, AdjustmentState, int]:
    with database.read_session() as session:
        kept = load_order_for_update(session, order.id)
        return kept.state, kept.adjustments[-1].state, kept.version


def test_what_is_due_happens_as_each_restaurant_has_said(database: Database) -> None:
    ahead, over = keep_asked(database, IfUnanswered.GO_AHEAD, IfUnanswered.CANCEL)

    assert lapse_due_adjustments(database, now=OVER - timedelta(seconds=1)) == 0
    assert lapse_due_adjustments(database, now=OVER) == 2
    assert lapse_due_adjustments(database, now=OVER) == 0

    assert now_of(database, ahead) == (OrderState.CONFIRMED, AdjustmentState.LAPSED, 3)
    assert now_of(database, over) == (OrderState.CANCELLED, AdjustmentState.LAPSED, 3)


def test_what_is_agreed_by_nobodys_answer_is_kept_line_by_line_and_cent_by_cent(database: Database) -> None:
    (order,) = keep_asked(database, IfUnanswered.GO_AHEAD)

    lapse_due_adjustments(database, now=OVER)

    with database.read_session() as session:
        kept = load_order_for_update(session, order.id)
        assert [(line.ref, line.quantity, line.is_left_out) for line in kept.lines] == [
            ("pizza", 2, False),
            ("dolce", 0, True),
        ]
        assert (kept.total.minor, kept.total_as_ordered.minor) == (2800, 3450)
        assert kept.adjustments[0].ended_at == OVER
        assert isinstance(kept.events[-1].details, AdjustmentAccepted)
        assert kept.events[-1].details.total_to == 2800


def test_two_clocks_that_come_round_together_end_each_order_once(database: Database) -> None:
    orders = keep_asked(database, *[IfUnanswered.CANCEL] * 6)

    with ThreadPoolExecutor(2) as both:
        counts = list(both.map(lambda _: lapse_due_adjustments(database, now=OVER), range(2)))

    assert sum(counts) == len(orders)
    assert {now_of(database, order) for order in orders} == {(OrderState.CANCELLED, AdjustmentState.LAPSED, 3)}


def test_more_is_due_than_one_round_takes_and_the_next_takes_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_asked(database, *[IfUnanswered.CANCEL] * 5)
    monkeypatch.setattr(deadlines, "BATCH_SIZE", 3)

    assert [lapse_due_adjustments(database, now=OVER) for _ in range(3)] == [3, 2, 0]


def test_whoever_opens_an_order_to_change_it_finds_it_as_the_clock_would_have_left_it(database: Database) -> None:
    for_customer, for_restaurant = keep_asked(database, IfUnanswered.GO_AHEAD, IfUnanswered.CANCEL)

    def accepts(session: Session) -> str:
        order = find_order_for_customer(
            session, for_customer.customer_id or "", for_customer.id, only_restaurant_id=None, now=OVER
        )
        assert order is not None
        with pytest.raises(TooLate) as refusal:
            by_customer.accept_adjustment(order, 1, now=OVER)
        return refusal.value.sentence

    def looks(session: Session) -> OrderState:
        order = find_order_for_restaurant(session, for_restaurant.restaurant_id, for_restaurant.id, now=OVER)
        assert order is not None
        return order.state

    assert (
        database.run_in_transaction(accepts) == "There was no answer in time, so the order went ahead with the change."
    )
    assert database.run_in_transaction(looks) is OrderState.CANCELLED
    assert now_of(database, for_customer) == (OrderState.CONFIRMED, AdjustmentState.LAPSED, 3)
    assert lapse_due_adjustments(database, now=OVER) == 0


def test_nobody_finds_what_is_somebody_elses_and_nothing_happens_to_it(database: Database) -> None:
    order, other = keep_asked(database, IfUnanswered.CANCEL, IfUnanswered.CANCEL)
    stranger = new_id(EVENING)

    def ask(session: Session) -> list[Order | None]:
        return [
            find_order_for_customer(session, stranger, order.id, only_restaurant_id=None, now=OVER),
            find_order_for_restaurant(session, other.restaurant_id, order.id, now=OVER),
            find_order_for_restaurant(session, order.restaurant_id, "nonsense", now=OVER),
            find_order_for_restaurant(session, order.restaurant_id, stranger, now=OVER),
        ]

    assert database.run_in_transaction(ask) == [None] * 4
    assert now_of(database, order) == (OrderState.ADJUSTED, AdjustmentState.OPEN, 2)


def test_an_order_that_fails_keeps_no_other_waiting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = keep_asked(database, IfUnanswered.CANCEL, IfUnanswered.CANCEL)
    lapse = deadlines.lapse_adjustment  # type: ignore[attr-defined]

    def fail_for_one(order: Order, *, now: datetime) -> OrderEvent | None:
        if order.id == broken.id:
            raise RuntimeError("something of this order is not as it should be")
        return lapse(order, now=now)

    monkeypatch.setattr(deadlines, "lapse_adjustment", fail_for_one)
    ended = lapse_due_adjustments(database, now=OVER)

    assert ended == 1
    assert now_of(database, sound)[0] is OrderState.CANCELLED
    assert now_of(database, broken)[0] is OrderState.ADJUSTED
