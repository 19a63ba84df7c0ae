"""The details of an event have exactly one shape for each kind of event, and any other shape is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from tests.builders import EVENING, an_order
from tests.event_samples import SAMPLES
from tracker.orders.event_details import (
    DETAILS_OF_KIND,
    Cancelled,
    EventDetails,
    PromiseMoved,
    Refunded,
    StoredDetails,
    TipChanged,
    read_details,
)
from tracker.orders.events import record_event
from tracker.orders.states import Actor, OrderEventKind

WITH_FIELDS = [kind for kind in OrderEventKind if SAMPLES[kind].stored()]
FIELDS = [(kind, name) for kind in WITH_FIELDS for name in SAMPLES[kind].stored()]
WRONG_TYPE: dict[type, Any] = {str: 7, int: "7", bool: "true", list: "dolce", dict: [], type(None): []}


def test_each_kind_of_event_has_its_own_type() -> None:
    assert DETAILS_OF_KIND.keys() == set(OrderEventKind)
    assert len(set(DETAILS_OF_KIND.values())) == len(OrderEventKind)
    assert {kind: type(details) for kind, details in SAMPLES.items()} == DETAILS_OF_KIND


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_details_are_read_as_they_were_stored(kind: OrderEventKind) -> None:
    assert read_details(kind, SAMPLES[kind].stored()) == SAMPLES[kind]


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_a_field_that_the_kind_does_not_have_is_refused(kind: OrderEventKind) -> None:
    with pytest.raises(ValueError, match=rf"The details of {kind} are wrong: made_up: Extra inputs"):
        read_details(kind, SAMPLES[kind].stored() | {"made_up": 1})


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_field_that_is_missing_is_refused(kind: OrderEventKind, name: str) -> None:
    stored = {other: value for other, value in SAMPLES[kind].stored().items() if other != name}

    with pytest.raises(ValueError, match=rf"The details of {kind} are wrong: {name}: Field required"):
        read_details(kind, stored)


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_field_of_another_type_is_refused(kind: OrderEventKind, name: str) -> None:
    stored = SAMPLES[kind].stored()

    with pytest.raises(ValueError, match=rf"The details of {kind} are wrong: {name}"):
        read_details(kind, stored | {name: WRONG_TYPE[type(stored[name])]})


@pytest.mark.parametrize(
    ("kind", "stored", "problem"),
    [
        (OrderEventKind.PROGRESSED, {"status": "Ready", "step": "eaten"}, "step"),
        (OrderEventKind.PROMISE_MOVED, {"from": None, "to": "2026-11-20T19:00:00"}, "to"),
        (OrderEventKind.PROMISE_MOVED, {"from": None, "to": "soon"}, "to"),
        (OrderEventKind.PROMISE_MOVED, {"before": None, "after": None}, "from"),
        (OrderEventKind.REFUNDED, {"minor": True}, "minor"),
        (OrderEventKind.REFUNDED, {"minor": 2.5}, "minor"),
        (OrderEventKind.RATED, {"rating": "5"}, "rating"),
        (
            OrderEventKind.CONTENTS_CHANGED,
            {"total_from": 1, "total_to": 2, "lines": [{"name": "Tiramisu", "from": 1}]},
            "lines.0.to",
        ),
    ],
)
def test_a_value_of_a_similar_type_is_refused(kind: OrderEventKind, stored: StoredDetails, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_details(kind, stored)


def test_an_error_names_the_field_but_not_its_value() -> None:
    with pytest.raises(ValueError, match="reason: Input should be a valid string") as refused:
        read_details(OrderEventKind.CANCELLED, {"reason": ["Ada is ill"], "adjustment": None})

    assert "Ada" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Refunded, {"minor": "250"}),
        (Refunded, {}),
        (Refunded, {"minor": 250, "currency": "EUR"}),
        (Cancelled, {"reason": None}),
    ],
)
def test_wrong_details_cannot_be_created(kind: type[EventDetails], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind(**fields)


def test_details_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Refunded(minor=250).minor = 300  # type: ignore[misc]


def test_a_moment_in_any_zone_is_stored_in_utc() -> None:
    in_dublin = datetime(2026, 7, 1, 20, 0, tzinfo=timezone(timedelta(hours=1)))

    details = PromiseMoved(before=None, after=in_dublin)

    assert details.after == datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
    assert details.stored() == {"from": None, "to": "2026-07-01T19:00:00+00:00"}


def test_the_details_of_an_event_determine_its_kind() -> None:
    event = record_event(
        an_order(), TipChanged(minor=500, minor_before=200), by=Actor.CUSTOMER, at=EVENING, now=EVENING
    )

    assert (event.kind, event.data) == (OrderEventKind.TIP_CHANGED, {"minor": 500, "from": 200})
    assert event.details == TipChanged(minor=500, minor_before=200)

    event.details = Refunded(minor=250)

    assert (event.kind, event.data, event.details) == (OrderEventKind.REFUNDED, {"minor": 250}, Refunded(minor=250))
