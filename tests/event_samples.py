"""Realistic details of every kind of event, for tests that go through all kinds."""

from datetime import timedelta
from typing import Any

from tests.builders import EVENING
from tracker.orders.event_details import (
    Adjusted,
    AdjustmentAccepted,
    Cancelled,
    Completed,
    Confirmed,
    ContentsChanged,
    Corrected,
    EventDetails,
    LineChange,
    Placed,
    Progressed,
    PromiseMoved,
    Rated,
    Refunded,
    Rejected,
    TimeToAnswerExtended,
    TipChanged,
    read_details,
)
from tracker.orders.progress import Step
from tracker.orders.states import OrderEventKind

_LINES = (LineChange(name="Tiramisu", before=1, after=0),)
_ALL: tuple[EventDetails, ...] = (
    Placed(),
    Confirmed(),
    Adjusted(
        adjustment=1, is_advance=False, minutes=45, promised_at=EVENING, lines=("d1",), options=(), reason="Closed"
    ),
    TimeToAnswerExtended(adjustment=1, answer_by=EVENING + timedelta(minutes=20)),
    AdjustmentAccepted(adjustment=1, lines=_LINES, total_from=3450, total_to=2800),
    Progressed(status="Ready", step=Step.READY),
    Completed(status="Delivered"),
    Rejected(reason="Closed"),
    Cancelled(reason="There was no answer.", adjustment=1),
    PromiseMoved(before=EVENING, after=EVENING + timedelta(minutes=15)),
    ContentsChanged(total_from=3450, total_to=2800, lines=_LINES),
    Refunded(minor=250),
    TipChanged(minor=500, minor_before=200),
    Rated(rating=5),
    Corrected(reason="Closed"),
)
SAMPLES: dict[OrderEventKind, EventDetails] = {details.kind: details for details in _ALL}


def a_sample(kind: OrderEventKind, **changes: Any) -> EventDetails:
    """Return sample details of this kind with these changes. Changes of fields that the kind lacks are ignored."""
    stored = SAMPLES[kind].stored()
    return read_details(kind, stored | {name: value for name, value in changes.items() if name in stored})
