"""Send the events of one pass in as few requests as possible, so that a refused message blocks only its own order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracker.live.lease import Lease
from tracker.live.pusher import MAX_BATCH, ChannelsClient, MessageRefused
from tracker.live.wire import Message, messages_of
from tracker.orders.model import OrderEvent


@dataclass(frozen=True, slots=True)
class _EventMessages:
    event: OrderEvent
    messages: list[Message]
    problem: str = ""

    @property
    def is_sent_alone(self) -> bool:
        """Whether the event was refused before or can't be sent. Other events in its batch would be refused with it."""
        return bool(self.problem or self.event.tries)

    def get_messages(self) -> list[Message]:
        if self.problem:
            raise MessageRefused(self.problem)
        return self.messages


def _event_messages(event: OrderEvent) -> _EventMessages:
    try:
        return _EventMessages(event, messages_of(event))
    except Exception as problem:  # a fault in one order must not keep the events of all others from being published
        return _EventMessages(event, [], f"It can't be put into words: {problem!r}")


def _batches(entries: list[_EventMessages]) -> Iterator[list[_EventMessages]]:
    batch: list[_EventMessages] = []
    for entry in entries:
        is_full = sum(len(member.messages) for member in (*batch, entry)) > MAX_BATCH
        if batch and (is_full or entry.is_sent_alone or batch[-1].is_sent_alone):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


@dataclass(slots=True)
class Delivery:
    """Send the events of one pass, and record which were sent and which were refused."""

    channels: ChannelsClient
    lease: Lease
    sent: list[int] = field(default_factory=list)
    refused: list[tuple[OrderEvent, str]] = field(default_factory=list)
    blocked_orders: set[str] = field(default_factory=set)
    """Orders for which this pass sends no more events, because one was refused and later ones wait for it."""

    def send(self, events: Sequence[OrderEvent]) -> None:
        """Send the events in order. Raises ServiceUnavailable; `sent` then lists the events sent before that."""
        for batch in _batches([_event_messages(event) for event in events]):
            if not self.lease.holds():
                return  # another process publishes now and may already have sent the events that we read
            self._send_batch(batch)

    def _send_batch(self, batch: list[_EventMessages]) -> None:
        entries = [entry for entry in batch if entry.event.order_id not in self.blocked_orders]
        if not entries:
            return
        try:
            self.channels.publish([message for entry in entries for message in entry.get_messages()])
            self.sent.extend(entry.event.id for entry in entries)
        except MessageRefused as refusal:
            if len(entries) == 1:
                self._mark_refused(entries[0].event, str(refusal))
                return
            for entry in entries:
                self._send_batch([entry])

    def _mark_refused(self, event: OrderEvent, problem: str) -> None:
        self.refused.append((event, problem))
        self.blocked_orders.add(event.order_id)
