"""Sending the events of one pass in as few requests as can be, so that one message nobody will have harms only its own
order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracker.live.lease import Lease
from tracker.live.pusher import BATCH, Channels, MessageRefused
from tracker.live.wire import Message, messages_of
from tracker.orders.model import OrderEvent


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


@dataclass(slots=True)
class Delivery:
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

    def _send_batch(self, batch: list[_Letter]) -> None:
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
