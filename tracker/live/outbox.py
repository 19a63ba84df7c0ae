"""The outbox: tells the world what is committed. Each event at least once, those of one order in their order.

A crash between sending and marking sends again: a message may come twice, but none is left out and none overtakes
another of its order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from tracker.backoff import DoublingBackoff
from tracker.database import Database
from tracker.live.delivery import Delivery
from tracker.live.lease import lease_on
from tracker.live.pusher import ChannelsClient, ServiceUnavailable
from tracker.live.queries import events_due, is_anything_pending, next_retry
from tracker.orders.model import OrderEvent

BATCH_SIZE = 100
"""Events that one pass takes on: what a crash may send twice."""
REFUSED = DoublingBackoff(first=timedelta(seconds=1), longest=timedelta(minutes=5))
"""Pauses between the tries of an event that the service refuses; other orders' events do not wait for it."""
UNAVAILABLE = DoublingBackoff(first=timedelta(milliseconds=250), longest=timedelta(seconds=5))
"""Pauses in which nothing is published, while the service can't be reached."""
STANDBY_POLL_INTERVAL = timedelta(milliseconds=200)
"""How soon another worker notices that the one who publishes is gone."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """How one pass went, and when the next is worth the while if nobody rings before."""

    published: int = 0
    refused: int = 0
    has_more: bool = False
    """The next pass has work to do at once."""
    try_at: datetime | None = None
    """Until then nothing happens by itself."""
    problem: str = ""
    """Why the service could not be reached, if it couldn't."""


class Outbox:
    """Publishes what is pending in this database through these channels, whenever it is this process's turn."""

    def __init__(self, database: Database, channels: ChannelsClient) -> None:
        self._database = database
        self._channels = channels
        self._lease = lease_on(database)
        self._failures = 0
        self._service_retry_at: datetime | None = None
        self._problem = ""

    def publish_pending(self, now: datetime) -> PublishResult:
        """One pass: send up to BATCH_SIZE events that are due, and write down what became of each.

        Does nothing while another process publishes, or while a service that just failed is left in peace.
        """
        # A clock that was set back must not make a pause of seconds one of hours.
        if self._service_retry_at is not None and timedelta(0) < self._service_retry_at - now <= UNAVAILABLE.longest:
            return PublishResult(try_at=self._service_retry_at, problem=self._problem)
        if not self._lease.take():
            return PublishResult(try_at=now + STANDBY_POLL_INTERVAL)
        with self._database.autocommit_connection() as connection:
            if not is_anything_pending(connection):
                return PublishResult()
        with self._database.read_session() as session:
            events = events_due(session, now, limit=BATCH_SIZE)
            retry_at = next_retry(session, now)
        if not events:
            return PublishResult(try_at=retry_at)
        return self._publish_events(events, retry_at, now)

    def close(self) -> None:
        """Let another process publish."""
        self._lease.release()

    def _publish_events(self, events: Sequence[OrderEvent], retry_at: datetime | None, now: datetime) -> PublishResult:
        delivery = Delivery(self._channels, self._lease)
        try:
            delivery.send(events)
            self._failures, self._service_retry_at, self._problem = 0, None, ""
        except ServiceUnavailable as unavailable:
            self._failures += 1
            self._service_retry_at, self._problem = now + UNAVAILABLE.pause_after(self._failures), str(unavailable)
        if delivery.sent or delivery.refused:
            with self._database.transaction() as session:
                _mark(session, delivery, now)
        return PublishResult(
            published=len(delivery.sent),
            refused=len(delivery.refused),
            has_more=len(events) == BATCH_SIZE and self._service_retry_at is None,
            try_at=self._service_retry_at or _earliest(retry_at, delivery, now),
            problem=self._problem,
        )


# Made once, like the questions of reading.py. The session they run in holds no event that would have to follow.
_WITHOUT_SYNCHRONISATION = {"synchronize_session": False}
_LOCKED = (
    select(OrderEvent.id)
    .where(OrderEvent.id.in_(bindparam("ids", expanding=True)))
    .order_by(OrderEvent.id)
    .with_for_update()
)
_PUBLISHED = (
    update(OrderEvent)
    .where(OrderEvent.id.in_(bindparam("ids", expanding=True)))
    .values(published_at=bindparam("now"), try_at=None, problem=None)
)


def _mark(session: Session, delivery: Delivery, now: datetime) -> None:
    if delivery.sent:
        # The same order as everybody's who changes several events of one order, or two would wait for each other.
        session.execute(_LOCKED, {"ids": delivery.sent})
        published = {"ids": delivery.sent, "now": now}
        session.execute(_PUBLISHED, published, execution_options=_WITHOUT_SYNCHRONISATION)
    for event, problem in delivery.refused:
        again = {"tries": event.tries + 1, "try_at": _next_try(event, now), "problem": problem[:300]}
        refused = update(OrderEvent).where(OrderEvent.id == event.id).values(again)
        session.execute(refused, execution_options=_WITHOUT_SYNCHRONISATION)


def _next_try(refused: OrderEvent, now: datetime) -> datetime:
    return now + REFUSED.pause_after(refused.tries + 1)


def _earliest(retry_at: datetime | None, delivery: Delivery, now: datetime) -> datetime | None:
    times = [_next_try(event, now) for event, _ in delivery.refused]
    return min([*times, *([retry_at] if retry_at else [])], default=None)
