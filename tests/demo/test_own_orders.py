"""The demo restaurant's own orders: it adjusts and rejects some, and goes by what customers and staff do."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import pytest

from tests.conftest import Clock
from tracker.database import Database
from tracker.demo.own_orders import OwnKitchen, own_stories, seed_own_orders
from tracker.demo.world import make_accounts
from tracker.orders.event_details import Adjusted, Rejected
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.operations.deadlines import lapse_due_adjustments
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.states import Actor, AdjustmentState, OrderEventKind, OrderState

LONG_ENOUGH = 12


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Yield a SQLite database, as the demo has."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def kitchen(database: Database, now: datetime) -> OwnKitchen:
    world = make_accounts(database, shop="http://localhost:8001", now=now)
    return OwnKitchen(database, world.restaurant_id, world.customer_id)


@pytest.fixture
def waiting(kitchen: OwnKitchen, now: datetime) -> str:
    """Return the order that waits for its customer's answer when the demo starts."""
    return seed_own_orders(kitchen, now=now)


def all_orders(database: Database) -> list[Order]:
    """Return every order with its relations, the oldest first."""
    with database.read_session() as session:
        ids = [order.id for order in session.query(Order).order_by(Order.placed_at)]
        orders = [load_order_for_update(session, order_id) for order_id in ids]
        assert all(order.restaurant and order.adjustments is not None for order in orders)  # they are loaded now
        return orders


def newest(database: Database) -> Order:
    return all_orders(database)[-1]


def story_of(kitchen: OwnKitchen, waiting: str, nth: int, clock: Clock) -> Iterator[str]:
    """Return the story of the nth own order after the waiting one, once it is placed and answered."""
    clock.move(minutes=1)
    story = next(islice(own_stories(kitchen, waiting), nth, None))
    assert next(story) == "placed"
    next(story, None)
    return story


def test_of_the_past_one_order_was_agreed_to_and_eaten_and_one_was_rejected_with_a_reason(
    database: Database, waiting: str, now: datetime
) -> None:
    eaten, rejected, adjusted = all_orders(database)

    assert (eaten.state, eaten.adjustments[0].state) == (OrderState.COMPLETED, AdjustmentState.ACCEPTED)
    assert [line.name for line in eaten.lines if line.is_removed] == ["San Pellegrino 0.75 l"]
    assert (rejected.state, rejected.reason) == (OrderState.REJECTED, "We are too busy right now.")
    assert (adjusted.id, adjusted.state, adjusted.adjustments[0].state) == (
        waiting,
        OrderState.ADJUSTED,
        AdjustmentState.OPEN,
    )
    assert all(event.at <= now for order in (eaten, rejected, adjusted) for event in order.events)


def test_the_clock_finds_nothing_to_end_in_the_past(database: Database, waiting: str, now: datetime) -> None:
    assert lapse_due_adjustments(database, now=now) == 0


def test_the_kitchen_waits_for_an_answer_and_makes_the_order_when_it_is_yes(
    database: Database, kitchen: OwnKitchen, waiting: str, clock: Clock
) -> None:
    story = next(own_stories(kitchen, waiting))
    assert [next(story) for _ in range(3)] == [OrderState.ADJUSTED] * 3

    with database.transaction() as session:
        by_customer.accept_adjustment(load_order_for_update(session, waiting), 1, now=clock.move(minutes=1))
    rest = list(islice(story, LONG_ENOUGH))

    assert rest == [OrderState.CONFIRMED, OrderState.CONFIRMED]
    assert newest(database).state is OrderState.COMPLETED


def test_without_an_answer_the_default_follows_and_the_kitchen_leaves_the_order_alone(
    database: Database, kitchen: OwnKitchen, waiting: str, clock: Clock
) -> None:
    story = next(own_stories(kitchen, waiting))
    clock.move(minutes=16)

    assert list(islice(story, LONG_ENOUGH)) == []

    ended = newest(database)
    assert (ended.state, ended.events[-1].by) == (OrderState.CANCELLED, Actor.CLOCK)


def test_of_new_orders_one_is_rejected_and_the_others_are_adjusted_in_different_ways(
    database: Database, kitchen: OwnKitchen, waiting: str, clock: Clock
) -> None:
    seen = []
    for nth in range(1, 6):
        story_of(kitchen, waiting, nth, clock)
        seen.append(order := newest(database))
        assert isinstance(order.events[-1].details, Rejected | Adjusted)
        assert order.events[-1].details.reason

    assert [order.state for order in seen] == [OrderState.REJECTED, *[OrderState.ADJUSTED] * 4]
    changes = [order.adjustments[0] for order in seen[1:]]
    what = [(bool(change.minutes), bool(change.lines), bool(change.options)) for change in changes]
    assert what == [(True, False, False), (False, True, False), (False, False, False), (False, False, True)]
    assert seen[3].is_advance
    assert changes[2].promised_at == (seen[3].requested_for or clock.now) + timedelta(days=1)


def test_what_somebody_does_in_the_console_meanwhile_is_not_undone(
    database: Database, kitchen: OwnKitchen, waiting: str, clock: Clock
) -> None:
    story = story_of(kitchen, waiting, 2, clock)
    order_id = newest(database).id

    with database.transaction() as session:
        by_restaurant.reject_order(
            load_order_for_update(session, order_id), "No.", actor_name=None, now=clock.move(minutes=1)
        )
    rest = list(islice(story, LONG_ENOUGH))

    assert rest == []
    assert newest(database).events[-1].kind is OrderEventKind.REJECTED
