"""The outbox: tells the world what is committed. Each event at least once, those of one order in their order.

A crash between sending and marking sends again: a message may come twice, but none is left out and none overtakes
another of its order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from tracker.database import Database
from tracker.live.lease import Lease, lease_on
from tracker.live.pusher import BATCH, Channels, MessageRefused, ServiceUnavailable
from tracker.live.reading import events_due, next_retry
from tracker.live.wire import Message, messages_of
from tracker.orders.model import OrderEvent

CHUNK = 100
"""Events that one pass takes on: what a crash may send twice."""
LONGEST_PAUSE = timedelta(minutes=5)
LONGEST_SILENCE = timedelta(seconds=5)
STANDBY_LOOK = timedelta(milliseconds=200)
"""How soon another worker notices that the one who publishes is gone."""


@dataclass(frozen=True, slots=True)
class Pass:
    """How one pass went, and when the next is worth the while if nobody rings before."""

    published: int = 0
    refused: int = 0
    more_waits: bool = False
    """The next pass has work to do at once."""
    try_at: datetime | None = None
    """Until then nothing happens by itself."""
    problem: str = ""
    """Why the service could not be reached, if it couldn't."""


class Outbox:
    """Publishes what is pending in this database through these channels, whenever it is this process's turn."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._channels = channels
        self._lease = lease_on(database)
        self._silence = timedelta(0)
        self._silent_until: datetime | None = None
        self._problem = ""

    def publish_pending(self, now: datetime) -> Pass:
        """One pass: send up to CHUNK events that are due, and write down what became of each.

        Does nothing while another process publishes, or while a service that just failed is left in peace.
        """
        if self._silent_until is not None and now < self._silent_until:
            return Pass(try_at=self._silent_until, problem=self._problem)
        if not self._lease.take():
            return Pass(try_at=now + STANDBY_LOOK)
        with self._database.reading() as session:
            events = events_due(session, now, limit=CHUNK)
            retry_at = next_retry(session, now)
        if not events:
            return Pass(try_at=retry_at)
        return self._pass_over(events, retry_at, now)

    def close(self) -> None:
        """Let another process publish."""
        self._lease.release()

    def _pass_over(self, events: Sequence[OrderEvent], retry_at: datetime | None, now: datetime) -> Pass:
        delivery = _Delivery(self._channels, self._lease)
        try:
            delivery.send(events)
            self._silence, self._silent_until, self._problem = timedelta(0), None, ""
        except ServiceUnavailable as unavailable:
            self._silence = min(self._silence * 2 or timedelta(milliseconds=250), LONGEST_SILENCE)
            self._silent_until, self._problem = now + self._silence, str(unavailable)
        if delivery.sent or delivery.refused:
            with self._database.writing() as session:
                _mark(session, delivery, now)
        return Pass(
            published=len(delivery.sent),
            refused=len(delivery.refused),
            more_waits=len(events) == CHUNK and self._silent_until is None,
            try_at=self._silent_until or _earliest(retry_at, delivery, now),
            problem=self._problem,
        )


@dataclass(slots=True)
class _Delivery:
    """Sends the events of one pass, and keeps what became of them."""

    channels: Channels
    lease: Lease
    sent: list[int] = field(default_factory=list)
    refused: list[tuple[OrderEvent, str]] = field(default_factory=list)
    held_up: set[str] = field(default_factory=set)
    """Orders of which nothing more is sent: an event was refused, and the later ones wait for it."""

    def send(self, events: Sequence[OrderEvent]) -> None:
        """Raises ServiceUnavailable; what was sent until then is in `sent`."""
        for batch in _batches([_letter(event) for event in events]):
            if not self.lease.holds():
                return  # somebody else publishes now, and what we read is no longer what is pending
            self._send_batch(batch)

    def _send_batch(self, batch: list["_Letter"]) -> None:
        letters = [letter for letter in batch if letter.event.order_id not in self.held_up]
        if not letters:
            return
        try:
            self.channels.publish([message for letter in letters for message in letter.in_words()])
            self.sent.extend(letter.event.id for letter in letters)
        except MessageRefused as refusal:
            if len(letters) == 1:
                self._refuse(letters[0].event, str(refusal))
                return
            for letter in letters:
                self._send_batch([letter])

    def _refuse(self, event: OrderEvent, problem: str) -> None:
        self.refused.append((event, problem))
        self.held_up.add(event.order_id)


@dataclass(frozen=True, slots=True)
class _Letter:
    event: OrderEvent
    messages: list[Message]
    problem: str = ""

    @property
    def goes_alone(self) -> bool:
        """What was refused before, or will be, so as not to have others refused with it."""
        return bool(self.problem or self.event.tries)

    def in_words(self) -> list[Message]:
        if self.problem:
            raise MessageRefused(self.problem)
        return self.messages


def _letter(event: OrderEvent) -> _Letter:
    try:
        return _Letter(event, messages_of(event))
    except Exception as problem:  # whatever is wrong with one order must not silence all the others
        return _Letter(event, [], f"It can't be put into words: {problem!r}")


def _batches(letters: list[_Letter]) -> Iterator[list[_Letter]]:
    batch: list[_Letter] = []
    for letter in letters:
        is_full = sum(len(each.messages) for each in (*batch, letter)) > BATCH
        if batch and (is_full or letter.goes_alone or batch[-1].goes_alone):
            yield batch
            batch = []
        batch.append(letter)
    if batch:
        yield batch


# Made once, like the questions of reading.py. The session they run in holds no event that would have to follow.
_UNSYNCHRONISED = {"synchronize_session": False}
_PUBLISHED = (
    update(OrderEvent)
    .where(OrderEvent.id.in_(bindparam("ids", expanding=True)))
    .values(published_at=bindparam("now"), try_at=None, problem=None)
)


def _mark(session: Session, delivery: _Delivery, now: datetime) -> None:
    if delivery.sent:
        published = {"ids": delivery.sent, "now": now}
        session.execute(_PUBLISHED, published, execution_options=_UNSYNCHRONISED)
    for event, problem in delivery.refused:
        again = {"tries": event.tries + 1, "try_at": now + _pause(event.tries), "problem": problem[:300]}
        refused = update(OrderEvent).where(OrderEvent.id == event.id).values(again)
        session.execute(refused, execution_options=_UNSYNCHRONISED)


def _pause(tries_before: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(tries_before, 20)), LONGEST_PAUSE)


def _earliest(retry_at: datetime | None, delivery: _Delivery, now: datetime) -> datetime | None:
    moments = [now + _pause(event.tries) for event, _ in delivery.refused]
    return min([*moments, *([retry_at] if retry_at else [])], default=None)
