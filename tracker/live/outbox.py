"""The outbox: publish committed events, each at least once, and those of one order in the order they happened.

After a crash between sending an event and marking it as published, the event is sent again. So a message may arrive
twice, but none is lost and none overtakes an earlier one of its order.
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
"""The most events that one pass sends, and so the most that are sent twice after a crash."""
REFUSED = DoublingBackoff(first=timedelta(seconds=1), longest=timedelta(minutes=5))
"""Pauses between the tries of an event that the service refuses. Events of other orders do not wait for it."""
UNAVAILABLE = DoublingBackoff(first=timedelta(milliseconds=250), longest=timedelta(seconds=5))
"""Pauses without publishing while the service can't be reached."""
STANDBY_POLL_INTERVAL = timedelta(milliseconds=200)
"""How often a worker on standby tries to take the lease of the worker that publishes."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """The result of one pass, and when to run the next if no notification comes before that."""

    published: int = 0
    refused: int = 0
    has_more: bool = False
    """Whether the next pass should run at once, because this one reached BATCH_SIZE."""
    try_at: datetime | None = None
    """When the next retry is due, or None if there is none."""
    problem: str = ""
    """Why the service could not be reached; empty if it could."""


class Outbox:
    """Publish the pending events of this database with this client, while this process holds the lease."""

    def __init__(self, database: Database, channels: ChannelsClient) -> None:
        self._database = database
        self._channels = channels
        self._lease = lease_on(database)
        self._failures = 0
        self._service_retry_at: datetime | None = None
        self._problem = ""

    def publish_pending(self, now: datetime) -> PublishResult:
        """Run one pass: send at most BATCH_SIZE due events, and mark each as published or refused.

        Nothing is sent while another process holds the lease, or during the backoff after the service failed.
        """
        # If the clock was set back, the backoff must not grow from seconds to hours.
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
        """Release the lease, so that another process can publish."""
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


# The statements are built once, like those of queries.py. No session in which they run has loaded an event, so there
# is nothing to synchronise.
_WITHOUT_SYNCHRONISATION = {"synchronize_session": False}
_LOCK_EVENTS = (
    select(OrderEvent.id)
    .where(OrderEvent.id.in_(bindparam("ids", expanding=True)))
    .order_by(OrderEvent.id)
    .with_for_update()
)
_MARK_PUBLISHED = (
    update(OrderEvent)
    .where(OrderEvent.id.in_(bindparam("ids", expanding=True)))
    .values(published_at=bindparam("now"), try_at=None, problem=None)
)


def _mark(session: Session, delivery: Delivery, now: datetime) -> None:
    if delivery.sent:
        # Rows are locked in the same order as everywhere else, because two transactions that lock the same events in
        # different orders would deadlock.
        session.execute(_LOCK_EVENTS, {"ids": delivery.sent})
        parameters = {"ids": delivery.sent, "now": now}
        session.execute(_MARK_PUBLISHED, parameters, execution_options=_WITHOUT_SYNCHRONISATION)
    for event, problem in delivery.refused:
        values = {"tries": event.tries + 1, "try_at": _next_try(event, now), "problem": problem[:300]}
        mark_refused = update(OrderEvent).where(OrderEvent.id == event.id).values(values)
        session.execute(mark_refused, execution_options=_WITHOUT_SYNCHRONISATION)


def _next_try(refused: OrderEvent, now: datetime) -> datetime:
    return now + REFUSED.pause_after(refused.tries + 1)


def _earliest(retry_at: datetime | None, delivery: Delivery, now: datetime) -> datetime | None:
    times = [_next_try(event, now) for event, _ in delivery.refused]
    return min([*times, *([retry_at] if retry_at else [])], default=None)
