"""Committed events are published: at least once, in the order of each order's events, whatever dies on the way."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from tests.builders import EVENING
from tests.conftest import Clock
from tests.live.orders_that_move import confirmed, delivered, happen, has_status, keep_orders
from tests.site import wait_for
from tracker.database import Database
from tracker.live.outbox import BATCH_SIZE, REFUSED, UNAVAILABLE, Outbox, PublishResult
from tracker.live.pusher import MAX_BATCH, MessageRefused, ServiceUnavailable
from tracker.live.queries import pending_summary
from tracker.live.wire import Message, order_channel
from tracker.orders.model import Order, OrderEvent

TIMEOUT = 10


@dataclass
class RecordingChannels:
    """A Channels client that records messages. It can be unavailable, or refuse the messages of some channels."""

    received: list[Message] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    down_after: int | None = None
    """The number of requests that are taken before the service is unavailable."""
    on_request: Callable[[], None] = lambda: None

    def publish(self, messages: list[Message]) -> None:
        assert 0 < len(messages) <= MAX_BATCH
        self.on_request()
        if self.down_after is not None and len(self.requests) >= self.down_after:
            raise ServiceUnavailable("The service can't be reached.")
        if any(each.channel in self.refused for each in messages):
            raise MessageRefused("The service answered 413: too large.")
        self.requests.append(len(messages))
        self.received.extend(messages)

    def names_received(self, order_id: str) -> list[str]:
        """Return one word for each message on this order's channel."""
        return [
            str(each.data.get("status") or each.data.get("version") or each.name)
            for each in self.received
            if each.channel == order_channel(order_id)
        ]


@pytest.fixture
def channels() -> RecordingChannels:
    return RecordingChannels()


OutboxOn = Callable[..., Outbox]


@pytest.fixture
def outbox_on(channels: RecordingChannels) -> Iterator[OutboxOn]:
    """Return a function that makes an outbox for a database, as another worker would."""
    with ExitStack() as stack:

        def make(database: Database) -> Outbox:
            outbox = Outbox(database, channels)
            stack.callback(outbox.close)
            return outbox

        yield make


@pytest.fixture
def outbox(outbox_on: OutboxOn, database: Database) -> Outbox:
    return outbox_on(database)


def publish_until_done(outbox: Outbox, now: datetime) -> list[PublishResult]:
    passes = [outbox.publish_pending(now)]
    while passes[-1].has_more:
        passes.append(outbox.publish_pending(now))
    return passes


def pending_count(database: Database) -> int:
    with database.read_session() as session:
        return pending_summary(session, EVENING).waiting


def test_every_event_is_published_once_and_in_order(
    database: Database, outbox: Outbox, channels: RecordingChannels, now: datetime
) -> None:
    one, other = keep_orders(database, 2)
    happen(database, one, confirmed, has_status("In the oven"))
    happen(database, other, confirmed)
    happen(database, one, has_status("Out for Delivery", 3), delivered)

    outbox.publish_pending(now)
    outbox.publish_pending(now)

    assert channels.names_received(one) == ["1", "order_confirmation", "In the oven", "Out for Delivery", "Delivered"]
    assert channels.names_received(other) == ["1", "order_confirmation"]
    assert sum(each.name == "new_order" for each in channels.received) == 2
    assert pending_count(database) == 0


def test_publishing_is_no_change_of_the_order(database: Database, outbox: Outbox, now: datetime) -> None:
    (order_id,) = keep_orders(database, 1)

    outbox.publish_pending(now)

    with database.read_session() as session:
        order = session.get_one(Order, order_id)
        assert (order.version, [event.published_at for event in order.events]) == (1, [now])


def test_many_events_leave_in_full_batches(
    database: Database, outbox: Outbox, channels: RecordingChannels, now: datetime
) -> None:
    orders = keep_orders(database, BATCH_SIZE + 20)  # three messages each, which stay together

    passes = publish_until_done(outbox, now)

    assert [(each.published, each.has_more) for each in passes] == [(BATCH_SIZE, True), (20, False)]
    assert Counter(channels.requests) == {MAX_BATCH // 3 * 3: 33 + 6, 1 * 3: 1, 2 * 3: 1}
    assert all(channels.names_received(order_id) == ["1"] for order_id in orders)


def test_with_nothing_to_publish_nothing_is_written(database: Database, outbox_on: OutboxOn, now: datetime) -> None:
    written: list[datetime] = []
    listening = Database(database.url, after_commit=lambda: written.append(now))

    outbox = outbox_on(listening)

    assert outbox.publish_pending(now) == PublishResult()
    assert written == []
    listening.close()


def test_a_message_that_is_refused_holds_up_only_its_own_order(
    database: Database, outbox: Outbox, channels: RecordingChannels, now: datetime
) -> None:
    orders = keep_orders(database, 5)
    for order_id in orders:
        happen(database, order_id, confirmed, has_status("Ready"))
    refused = orders[2]
    channels.refused.add(order_channel(refused))

    result = outbox.publish_pending(now)

    assert (result.published, result.refused, result.has_more) == (12, 1, False)
    for order_id in orders:
        expected = [] if order_id == refused else ["1", "order_confirmation", "Ready"]
        assert channels.names_received(order_id) == expected
    assert pending_count(database) == 3


def test_what_was_refused_is_tried_again_after_ever_longer_pauses_and_then_all_follows_in_order(
    database: Database, outbox: Outbox, channels: RecordingChannels, clock: Clock
) -> None:
    (order_id,) = keep_orders(database, 1)
    happen(database, order_id, confirmed)
    channels.refused.add(order_channel(order_id))

    pauses = []
    for _ in range(11):
        result = outbox.publish_pending(clock.now)
        assert result.refused == 1
        assert result.try_at is not None
        pauses.append(int((result.try_at - clock.now).total_seconds()))
        assert outbox.publish_pending(result.try_at - timedelta(milliseconds=1)) == PublishResult(try_at=result.try_at)
        clock.now = result.try_at
    channels.refused.clear()
    publish_until_done(outbox, clock.now)

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert max(pauses) == REFUSED.longest.total_seconds()
    assert channels.names_received(order_id) == ["1", "order_confirmation"]
    with database.read_session() as session:
        assert session.scalars(select(OrderEvent.problem)).all() == [None, None]


def test_a_refused_message_does_not_delay_later_messages_of_other_orders(
    database: Database, outbox: Outbox, channels: RecordingChannels, clock: Clock
) -> None:
    refused, other, *_ = keep_orders(database, 4)
    channels.refused.add(order_channel(refused))
    outbox.publish_pending(clock.now)
    for minute in range(4):  # two messages each, and fewer than all that is pending of the other orders
        happen(database, other, has_status("Ready", minute))
    requests: list[str] = []
    channels.on_request = lambda: requests.append("one more request")

    outbox.publish_pending(clock.move(seconds=1))

    assert len(requests) == 2  # one with the refused message, and one with all others
    assert channels.names_received(other) == ["1", *["Ready"] * 4]


def test_an_order_whose_event_cannot_be_turned_into_messages_holds_up_only_itself(
    database: Database, outbox: Outbox, channels: RecordingChannels, now: datetime
) -> None:
    odd, sound = keep_orders(database, 2)
    for order_id in (odd, sound):
        happen(database, order_id, has_status("Ready"), confirmed)
    with database.transaction() as session:
        is_status = (OrderEvent.order_id == odd, OrderEvent.number == 2)
        session.execute(update(OrderEvent).where(*is_status).values(data={}))

    outbox.publish_pending(now)

    assert channels.names_received(odd) == ["1"]
    assert channels.names_received(sound) == ["1", "Ready", "order_confirmation"]
    with database.read_session() as session:
        (blocked,) = pending_summary(session, now).blocked
    assert (blocked.order_id, blocked.number) == (odd, 2)
    assert blocked.problem == (
        "It can't be put into words: "
        "ValueError('The details of order.progressed are wrong: status: Field required; step: Field required')"
    )


def test_while_the_service_is_down_no_order_is_blocked_and_when_it_is_back_everything_is_published_in_order(
    database: Database, outbox: Outbox, channels: RecordingChannels, clock: Clock
) -> None:
    orders = keep_orders(database, 12)  # 36 messages: four requests
    happen(database, orders[0], confirmed)
    channels.down_after = 1

    first = outbox.publish_pending(clock.now)
    pauses = [first.try_at - clock.now]
    for _ in range(7):
        assert (
            outbox.publish_pending(clock.now).problem == "The service can't be reached."
        )  # there is no request during the backoff
        clock.now += pauses[-1]
        again = outbox.publish_pending(clock.now)
        pauses.append(again.try_at - clock.now)

    assert first.published == 3
    assert [pause.total_seconds() for pause in pauses] == [0.25, 0.5, 1, 2, 4, 5, 5, 5]
    assert max(pauses) == UNAVAILABLE.longest
    with database.read_session() as session:
        assert pending_summary(session, clock.now).blocked == []

    channels.down_after = None
    recovered = outbox.publish_pending(clock.now + pauses[-1])

    assert (recovered.published, recovered.problem, recovered.try_at) == (10, "", None)
    assert channels.names_received(orders[0]) == ["1", "order_confirmation"]
    assert all(channels.names_received(order_id) == ["1"] for order_id in orders[1:])


def test_a_clock_that_is_set_back_does_not_stop_publishing_for_an_hour(
    database: Database, outbox: Outbox, channels: RecordingChannels, clock: Clock
) -> None:
    (order_id,) = keep_orders(database, 1)
    channels.down_after = 0
    outbox.publish_pending(clock.now)
    channels.down_after = None

    outbox.publish_pending(clock.move(hours=-1))

    assert channels.names_received(order_id) == ["1"]


def test_a_crash_between_publishing_and_recording_it_publishes_again_in_order(
    database: Database, outbox_on: OutboxOn, channels: RecordingChannels, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = keep_orders(database, 1)
    happen(database, order_id, confirmed, has_status("Ready"))
    crashing = outbox_on(database)
    with monkeypatch.context() as crash:
        crash.setattr("tracker.live.outbox._mark", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            crashing.publish_pending(now)
    crashing.close()
    again = outbox_on(database)

    # PostgreSQL gives the lease to the next worker a moment later, when it notices that the connection is closed.
    wait_for(lambda: again.publish_pending(now).published, "the lease of the first outbox")

    assert channels.names_received(order_id) == ["1", "order_confirmation", "Ready"] * 2
    assert pending_count(database) == 0


def test_of_two_workers_only_one_publishes_and_the_other_takes_over_when_it_stops(
    database: Database, outbox_on: OutboxOn, channels: RecordingChannels, clock: Clock
) -> None:
    first, second = outbox_on(database), outbox_on(database)
    (order_id,) = keep_orders(database, 1)
    between: list[PublishResult] = []
    channels.on_request = lambda: between.append(second.publish_pending(clock.now))

    assert first.publish_pending(clock.now).published == 1
    channels.on_request = lambda: None
    happen(database, order_id, confirmed)
    standby = second.publish_pending(clock.now)
    first.close()

    assert [each.published for each in (*between, standby)] == [0, 0]
    assert standby.try_at is not None
    wait_for(lambda: second.publish_pending(standby.try_at).published == 1, "the second worker to get the lease")
    assert channels.names_received(order_id) == ["1", "order_confirmation"]


PUBLISHER = """
import sys
from tracker.database import Database
from tracker.live.lease import lease_on
lease = lease_on(Database(sys.argv[1]))
print(lease.take(), flush=True)
sys.stdin.read()
"""


@pytest.mark.process
def test_when_the_worker_that_publishes_is_killed_the_other_takes_over_at_once(
    database: Database, database_url: str, outbox: Outbox, channels: RecordingChannels, clock: Clock
) -> None:
    (order_id,) = keep_orders(database, 1)
    with subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "True\n"
        assert outbox.publish_pending(clock.now).published == 0
        worker.kill()

    wait_until(lambda: outbox.publish_pending(clock.move(milliseconds=200)).published == 1)

    assert channels.names_received(order_id) == ["1"]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "The condition did not come true."
        time.sleep(0.01)


def test_a_worker_whose_connection_is_cut_publishes_nothing_more_until_it_has_the_lease_again(
    postgresql_url: str, outbox_on: OutboxOn, channels: RecordingChannels, clock: Clock
) -> None:
    database = Database(postgresql_url)
    first, second = outbox_on(database), outbox_on(database)
    orders = keep_orders(database, 6)  # two requests

    def cut_the_publishers_connection() -> None:
        channels.on_request = lambda: None
        with database.engine.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))

    channels.on_request = cut_the_publishers_connection
    cut_off = first.publish_pending(clock.now)

    assert cut_off.published == 3
    assert second.publish_pending(clock.now).published == 3
    assert first.publish_pending(clock.now).published == 0
    assert all(channels.names_received(order_id) == ["1"] for order_id in orders)
    database.close()


def test_the_operator_sees_what_is_pending_for_how_long_and_why(
    database: Database, outbox: Outbox, channels: RecordingChannels, clock: Clock
) -> None:
    refused, sound = keep_orders(database, 2)
    happen(database, refused, confirmed)
    with database.read_session() as session:
        before = pending_summary(session, EVENING + timedelta(minutes=3))
    channels.refused.add(order_channel(refused))

    outbox.publish_pending(clock.now)

    assert (before.waiting, before.oldest, before.blocked) == (3, timedelta(minutes=3), [])
    with database.read_session() as session:
        summary = pending_summary(session, clock.now)
    (blocked,) = summary.blocked
    assert summary.waiting == 2
    assert (blocked.order_id, blocked.number, blocked.tries) == (refused, 1, 1)
    assert blocked.try_at == clock.now + timedelta(seconds=1)
    assert blocked.problem == "The service answered 413: too large."
    assert channels.names_received(sound) == ["1"]


def test_with_nothing_pending_the_summary_is_empty(database: Database) -> None:
    with database.read_session() as session:
        summary = pending_summary(session, EVENING)

    assert (summary.waiting, summary.oldest, summary.blocked) == (0, None, [])
