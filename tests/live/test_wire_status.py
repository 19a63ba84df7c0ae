"""The messages to onlookers, by a share link or in a widget: that they should refetch, and no more."""

from datetime import datetime
from itertools import product
from typing import Any

import pytest

from tests.builders import an_order
from tests.event_samples import SAMPLES
from tests.live.orders_that_move import an_event, confirmed, delivered, happen, has_status, keep_orders
from tracker.database import Database
from tracker.live.outbox import Outbox
from tracker.live.queries import events_due
from tracker.live.wire import Message, messages_of, order_of_channel, order_of_status_channel, status_channel
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.share_links import enable_status_channel
from tracker.orders.states import Actor, OrderEventKind

WHATEVER_HAPPENS = pytest.mark.parametrize(
    ("kind", "by", "came_late"),
    [*product(OrderEventKind, [Actor.RESTAURANT], [False]), *product([OrderEventKind.CONFIRMED], Actor, [True])],
    ids=str,
)
"""Every kind of event by the restaurant, and a late confirmation by each actor."""


def happened(kind: OrderEventKind, *, is_watched: bool, **more: Any) -> OrderEvent:
    """Return a new event of an order with or without onlookers."""
    order = an_order()
    order.has_onlookers = is_watched
    return an_event(SAMPLES[kind], order=order, **more)


@WHATEVER_HAPPENS
def test_whatever_happens_onlookers_receive_the_version_and_nothing_of_what_it_was(
    kind: OrderEventKind, by: Actor, came_late: bool
) -> None:
    event = happened(kind, is_watched=True, by=by, came_late=came_late)

    messages = [each for each in messages_of(event) if each.channel == status_channel(event.order.id)]

    assert messages == [Message(f"private-s-{event.order.id}", "order_changed", {"version": 2})]


@WHATEVER_HAPPENS
def test_an_order_without_onlookers_has_no_messages_for_them(kind: OrderEventKind, by: Actor, came_late: bool) -> None:
    event = happened(kind, is_watched=False, by=by, came_late=came_late)

    assert {each.channel for each in messages_of(event)} == {
        f"private-o-{event.order.id}",
        f"presence-r-{event.order.restaurant_id}",
    }


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_customer_and_restaurant_receive_the_same_with_and_without_onlookers(kind: OrderEventKind) -> None:
    alone, watched = happened(kind, is_watched=False), happened(kind, is_watched=True)

    received = [each for each in messages_of(watched) if each.channel != status_channel(watched.order.id)]

    assert [(each.name, each.data | {"order_id": ""}) for each in received] == [
        (each.name, each.data | {"order_id": ""}) for each in messages_of(alone)
    ]


@pytest.mark.parametrize(
    ("channel", "order_id"),
    [
        ("private-s-52a7289e96ba1c6209000003", "52a7289e96ba1c6209000003"),
        ("private-s-52A7289E96BA1C6209000003", None),
        ("private-s-52a7289e96ba1c62090000030", None),
        ("private-s-52a7289e96ba1c6209000003\n", None),
        ("private-s-52a7289e96ba1c620900000٣", None),
        ("private-o-52a7289e96ba1c6209000003", None),
        ("presence-s-52a7289e96ba1c6209000003", None),
    ],
)
def test_only_the_exact_name_is_an_orders_status_channel(channel: str, order_id: str | None) -> None:
    assert order_of_status_channel(channel) == order_id
    assert order_of_channel(channel) == ("52a7289e96ba1c6209000003" if channel.startswith("private-o") else None)


class _RecordedMessages(list[Message]):
    """A Channels client that records all messages in one list."""

    def publish(self, messages: list[Message]) -> None:
        self.extend(messages)


def let_others_look(database: Database, order_id: str) -> None:
    with database.transaction() as session:
        enable_status_channel(session, order_id)


def test_of_an_order_that_is_shared_onlookers_hear_everything_and_of_another_they_hear_nothing(
    database: Database, now: datetime
) -> None:
    shared, private = keep_orders(database, 2)
    let_others_look(database, shared)
    for order_id in (shared, private):
        happen(database, order_id, confirmed, has_status("Bob has your pizza"), delivered)

    received = _RecordedMessages()
    outbox = Outbox(database, received)
    outbox.publish_pending(now)
    outbox.close()

    status_messages = [each for each in received if each.channel.startswith("private-s-")]
    assert status_messages == [
        Message(f"private-s-{shared}", "order_changed", {"version": version}) for version in (1, 2, 3, 4)
    ]
    assert len([each for each in received if each.channel == f"private-o-{private}"]) == 4


def test_what_the_outbox_reads_of_an_order_is_all_that_its_messages_need(database: Database, now: datetime) -> None:
    orders = keep_orders(database, 2)
    let_others_look(database, orders[0])
    for order_id in orders:
        happen(database, order_id, confirmed, has_status("In the oven"), delivered)

    with database.read_session() as session:
        events = events_due(session, now, limit=100)

    messages = [messages_of(event) for event in events]
    assert len(messages) == 8
    # The terms stand for the orders' own channels, for onlookers, and for two new orders.
    assert sum(len(each) for each in messages) == 8 * 2 + 4 + 2


def test_to_admit_onlookers_publishes_nothing_and_does_not_change_the_order(database: Database, now: datetime) -> None:
    (order_id,) = keep_orders(database, 1)

    for _ in range(2):
        let_others_look(database, order_id)

    with database.read_session() as session:
        order = session.get_one(Order, order_id)
        assert (order.has_onlookers, order.version, len(order.events)) == (True, 1, 1)
        assert len(events_due(session, now, limit=100)) == 1
