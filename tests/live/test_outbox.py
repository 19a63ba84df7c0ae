"""What is committed is told to the world: at least once, in each order's own order, whatever dies on the way."""

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

PATIENCE = 10


@dataclass
class Town:
    """Everybody who listens. The service between may be down, or not take what is said on some channels."""

    heard: list[Message] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    poisoned: set[str] = field(default_factory=set)
    down_after: int | None = None
    """So many requests from the start are taken, and no more."""
    on_request: Callable[[], None] = lambda: None

    def publish(self, messages: list[Message]) -> None:
        assert 0 < len(messages) <= MAX_BATCH
        self.on_request()
        if self.down_after is not None and len(self.requests) >= self.down_after:
            raise ServiceUnavailable("The service can't be reached.")
        if any(each.channel in self.poisoned for each in messages):
            raise MessageRefused("The service answered 413: too large.")
        self.requests.append(len(messages))
        self.heard.extend(messages)

    def heard_of(self, order_id: str) -> list[str]:
        """What was said on this order's channel, each in a word."""
        return [
            str(each.data.get("status") or each.data.get("version") or each.name)
            for each in self.heard
            if each.channel == order_channel(order_id)
        ]


@pytest.fixture
def town() -> Town:
    return Town()


OutboxOn = Callable[..., Outbox]


@pytest.fixture
def outbox_on(town: Town) -> Iterator[OutboxOn]:
    """Makes an outbox for a database, as another worker would."""
    with ExitStack() as at_the_end:

        def make(database: Database) -> Outbox:
            outbox = Outbox(database, town)
            at_the_end.callback(outbox.close)
            return outbox

        yield make


@pytest.fixture
def outbox(outbox_on: OutboxOn, database: Database) -> Outbox:
    return outbox_on(database)


def until_nothing_waits(outbox: Outbox, now: datetime) -> list[PublishResult]:
    passes = [outbox.publish_pending(now)]
    while passes[-1].has_more:
        passes.append(outbox.publish_pending(now))
    return passes


def waiting(database: Database) -> int:
    with database.read_session() as session:
        return pending_summary(session, EVENING).waiting


def test_everything_is_told_once_and_in_its_order(
    database: Database, outbox: Outbox, town: Town, now: datetime
) -> None:
    one, other = keep_orders(database, 2)
    happen(database, one, confirmed, has_status("In the oven"))
    happen(database, other, confirmed)
    happen(database, one, has_status("Out for Delivery", 3), delivered)

    outbox.publish_pending(now)
    outbox.publish_pending(now)

    assert town.heard_of(one) == ["1", "order_confirmation", "In the oven", "Out for Delivery", "Delivered"]
    assert town.heard_of(other) == ["1", "order_confirmation"]
    assert sum(each.name == "new_order" for each in town.heard) == 2
    assert waiting(database) == 0


def test_publishing_is_no_change_of_the_order(database: Database, outbox: Outbox, now: datetime) -> None:
    (order_id,) = keep_orders(database, 1)

    outbox.publish_pending(now)

    with database.read_session() as session:
        order = session.get_one(Order, order_id)
        assert (order.version, [event.published_at for event in order.events]) == (1, [now])


def test_many_events_leave_in_full_batches(database: Database, outbox: Outbox, town: Town, now: datetime) -> None:
    orders = keep_orders(database, BATCH_SIZE + 20)  # three messages each, which stay together

    passes = until_nothing_waits(outbox, now)

    assert [(each.published, each.has_more) for each in passes] == [(BATCH_SIZE, True), (20, False)]
    assert Counter(town.requests) == {MAX_BATCH // 3 * 3: 33 + 6, 1 * 3: 1, 2 * 3: 1}
    assert all(town.heard_of(order_id) == ["1"] for order_id in orders)


def test_with_nothing_to_tell_nothing_is_written(database: Database, outbox_on: OutboxOn, now: datetime) -> None:
    written: list[datetime] = []
    listening = Database(database.url, after_commit=lambda: written.append(now))

    outbox = outbox_on(listening)

    assert outbox.publish_pending(now) == PublishResult()
    assert written == []
    listening.close()


def test_a_message_that_is_refused_holds_up_only_its_own_order(
    database: Database, outbox: Outbox, town: Town, now: datetime
) -> None:
    orders = keep_orders(database, 5)
    for order_id in orders:
        happen(database, order_id, confirmed, has_status("Ready"))
    poisoned = orders[2]
    town.poisoned.add(order_channel(poisoned))

    passed = outbox.publish_pending(now)

    assert (passed.published, passed.refused, passed.has_more) == (12, 1, False)
    for order_id in orders:
        expected = [] if order_id == poisoned else ["1", "order_confirmation", "Ready"]
        assert town.heard_of(order_id) == expected
    assert waiting(database) == 3


def test_what_was_refused_is_tried_again_after_ever_longer_pauses_and_then_all_follows_in_order(
    database: Database, outbox: Outbox, town: Town, clock: Clock
) -> None:
    (order_id,) = keep_orders(database, 1)
    happen(database, order_id, confirmed)
    town.poisoned.add(order_channel(order_id))

    pauses = []
    for _ in range(11):
        passed = outbox.publish_pending(clock.now)
        assert passed.refused == 1
        assert passed.try_at is not None
        pauses.append(int((passed.try_at - clock.now).total_seconds()))
        assert outbox.publish_pending(passed.try_at - timedelta(milliseconds=1)) == PublishResult(try_at=passed.try_at)
        clock.now = passed.try_at
    town.poisoned.clear()
    until_nothing_waits(outbox, clock.now)

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert max(pauses) == REFUSED.longest.total_seconds()
    assert town.heard_of(order_id) == ["1", "order_confirmation"]
    with database.read_session() as session:
        assert session.scalars(select(OrderEvent.problem)).all() == [None, None]


def test_what_was_refused_once_does_not_have_the_news_of_others_refused_again(
    database: Database, outbox: Outbox, town: Town, clock: Clock
) -> None:
    poisoned, other, *_ = keep_orders(database, 4)
    town.poisoned.add(order_channel(poisoned))
    outbox.publish_pending(clock.now)
    for minute in range(4):  # of two messages each, and not all that is left to say of the others
        happen(database, other, has_status("Ready", minute))
    asked: list[str] = []
    town.on_request = lambda: asked.append("one more request")

    outbox.publish_pending(clock.move(seconds=1))

    assert len(asked) == 2  # the poisoned one, and all others
    assert town.heard_of(other) == ["1", *["Ready"] * 4]


def test_an_order_that_cannot_be_put_into_words_holds_up_only_itself(
    database: Database, outbox: Outbox, town: Town, now: datetime
) -> None:
    odd, sound = keep_orders(database, 2)
    for order_id in (odd, sound):
        happen(database, order_id, has_status("Ready"), confirmed)
    with database.transaction() as session:
        is_status = (OrderEvent.order_id == odd, OrderEvent.number == 2)
        session.execute(update(OrderEvent).where(*is_status).values(data={}))

    outbox.publish_pending(now)

    assert town.heard_of(odd) == ["1"]
    assert town.heard_of(sound) == ["1", "Ready", "order_confirmation"]
    with database.read_session() as session:
        (blocked,) = pending_summary(session, now).blocked
    assert (blocked.order_id, blocked.number) == (odd, 2)
    assert blocked.problem == (
        "It can't be put into words: "
        "ValueError('The details of order.progressed are wrong: status: Field required; step: Field required')"
    )


def test_while_the_service_is_down_nobody_is_blamed_and_when_it_is_back_all_is_told_in_order(
    database: Database, outbox: Outbox, town: Town, clock: Clock
) -> None:
    orders = keep_orders(database, 12)  # 36 messages: four requests
    happen(database, orders[0], confirmed)
    town.down_after = 1

    first = outbox.publish_pending(clock.now)
    pauses = [first.try_at - clock.now]
    for _ in range(7):
        assert outbox.publish_pending(clock.now).problem == "The service can't be reached."  # left in peace
        clock.now += pauses[-1]
        again = outbox.publish_pending(clock.now)
        pauses.append(again.try_at - clock.now)

    assert first.published == 3
    assert [pause.total_seconds() for pause in pauses] == [0.25, 0.5, 1, 2, 4, 5, 5, 5]
    assert max(pauses) == UNAVAILABLE.longest
    with database.read_session() as session:
        assert pending_summary(session, clock.now).blocked == []

    town.down_after = None
    back = outbox.publish_pending(clock.now + pauses[-1])

    assert (back.published, back.problem, back.try_at) == (10, "", None)
    assert town.heard_of(orders[0]) == ["1", "order_confirmation"]
    assert all(town.heard_of(order_id) == ["1"] for order_id in orders[1:])


def test_a_clock_that_is_set_back_does_not_silence_us_for_an_hour(
    database: Database, outbox: Outbox, town: Town, clock: Clock
) -> None:
    (order_id,) = keep_orders(database, 1)
    town.down_after = 0
    outbox.publish_pending(clock.now)
    town.down_after = None

    outbox.publish_pending(clock.move(hours=-1))

    assert town.heard_of(order_id) == ["1"]


def test_a_crash_between_telling_and_writing_it_down_tells_it_again_in_order(
    database: Database, outbox_on: OutboxOn, town: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
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

    # PostgreSQL gives the lease to the next one when it notices that the connection has been closed, a moment later.
    wait_for(lambda: again.publish_pending(now).published, "the lease that the first one had")

    assert town.heard_of(order_id) == ["1", "order_confirmation", "Ready"] * 2
    assert waiting(database) == 0


def test_of_two_workers_only_one_speaks_and_the_other_follows_when_it_stops(
    database: Database, outbox_on: OutboxOn, town: Town, clock: Clock
) -> None:
    first, second = outbox_on(database), outbox_on(database)
    (order_id,) = keep_orders(database, 1)
    between: list[PublishResult] = []
    town.on_request = lambda: between.append(second.publish_pending(clock.now))

    assert first.publish_pending(clock.now).published == 1
    town.on_request = lambda: None
    happen(database, order_id, confirmed)
    standby = second.publish_pending(clock.now)
    first.close()

    assert [each.published for each in (*between, standby)] == [0, 0]
    assert standby.try_at is not None
    wait_for(lambda: second.publish_pending(standby.try_at).published == 1, "the other's turn")
    assert town.heard_of(order_id) == ["1", "order_confirmation"]


PUBLISHER = """
import sys
from tracker.database import Database
from tracker.live.lease import lease_on
lease = lease_on(Database(sys.argv[1]))
print(lease.take(), flush=True)
sys.stdin.read()
"""


@pytest.mark.process
def test_when_the_worker_that_speaks_is_killed_the_other_takes_over_at_once(
    database: Database, database_url: str, outbox: Outbox, town: Town, clock: Clock
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

    assert town.heard_of(order_id) == ["1"]


def wait_until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < deadline, "It did not come true."
        time.sleep(0.01)


def test_a_worker_whose_connection_is_cut_says_nothing_more_until_it_is_its_turn_again(
    postgresql_url: str, outbox_on: OutboxOn, town: Town, clock: Clock
) -> None:
    database = Database(postgresql_url)
    first, second = outbox_on(database), outbox_on(database)
    orders = keep_orders(database, 6)  # two requests

    def cut_the_publishers_connection() -> None:
        town.on_request = lambda: None
        with database.engine.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))

    town.on_request = cut_the_publishers_connection
    cut_off = first.publish_pending(clock.now)

    assert cut_off.published == 3
    assert second.publish_pending(clock.now).published == 3
    assert first.publish_pending(clock.now).published == 0
    assert all(town.heard_of(order_id) == ["1"] for order_id in orders)
    database.close()


def test_who_looks_after_it_sees_what_waits_for_how_long_and_why(
    database: Database, outbox: Outbox, town: Town, clock: Clock
) -> None:
    poisoned, sound = keep_orders(database, 2)
    happen(database, poisoned, confirmed)
    with database.read_session() as session:
        before = pending_summary(session, EVENING + timedelta(minutes=3))
    town.poisoned.add(order_channel(poisoned))

    outbox.publish_pending(clock.now)

    assert (before.waiting, before.oldest, before.blocked) == (3, timedelta(minutes=3), [])
    with database.read_session() as session:
        summary = pending_summary(session, clock.now)
    (blocked,) = summary.blocked
    assert summary.waiting == 2
    assert (blocked.order_id, blocked.number, blocked.tries) == (poisoned, 1, 1)
    assert blocked.try_at == clock.now + timedelta(seconds=1)
    assert blocked.problem == "The service answered 413: too large."
    assert town.heard_of(sound) == ["1"]


def test_with_nothing_waiting_there_is_nothing_to_see(database: Database) -> None:
    with database.read_session() as session:
        summary = pending_summary(session, EVENING)

    assert (summary.waiting, summary.oldest, summary.blocked) == (0, None, [])
