"""The events of an order in the API: each is as documented, with amounts in major units."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from tests.builders import EVENING, an_order, some_details
from tests.event_samples import SAMPLES, a_sample
from tracker.orders.event_details import ContentsChanged, EventDetails
from tracker.orders.events import record_event
from tracker.orders.states import Actor, OrderEventKind
from tracker.web.api.schemas.event_out import event_shown

LINES = [{"name": "Tiramisu", "from": 1, "to": 0}]
DETAILS: dict[OrderEventKind, dict[str, Any]] = {
    OrderEventKind.PLACED: {},
    OrderEventKind.CONFIRMED: {},
    OrderEventKind.ADJUSTED: {
        **{"adjustment": 1, "is_advance": False, "minutes": 45, "promised_at": "2026-11-20T18:00:00Z"},
        **{"lines": ["d1"], "options": [], "reason": "Closed"},
    },
    OrderEventKind.TIME_TO_ANSWER_EXTENDED: {"adjustment": 1, "answer_by": "2026-11-20T18:20:00Z"},
    OrderEventKind.ADJUSTMENT_ACCEPTED: {"adjustment": 1, "lines": LINES, "total_from": "34.50", "total_to": "28.00"},
    OrderEventKind.PROGRESSED: {"status": "Ready", "step": "ready"},
    OrderEventKind.COMPLETED: {"status": "Delivered"},
    OrderEventKind.REJECTED: {"reason": "Closed"},
    OrderEventKind.CANCELLED: {"reason": "There was no answer.", "adjustment": 1},
    OrderEventKind.PROMISE_MOVED: {"from": "2026-11-20T18:00:00Z", "to": "2026-11-20T18:15:00Z"},
    OrderEventKind.CONTENTS_CHANGED: {"total_from": "34.50", "total_to": "28.00", "lines": LINES},
    OrderEventKind.REFUNDED: {"amount": "2.50"},
    OrderEventKind.TIP_CHANGED: {"from": "2.00", "to": "5.00"},
    OrderEventKind.RATED: {"rating": 5},
    OrderEventKind.CORRECTED: {"reason": "Closed"},
}


def response_for(details: EventDetails, currency: str = "EUR") -> dict[str, Any]:
    """Return the API's JSON for an event with these details, of an order in this currency."""
    order = an_order(details=some_details(currency=currency))
    event = record_event(order, details, by=Actor.RESTAURANT, actor_name="bob@example.com", at=EVENING, now=EVENING)
    return event_shown(order, event).model_dump(mode="json")


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document."""
    found = client.get("/api/v1/openapi.json").json
    assert found is not None
    return dict(found)


@pytest.mark.parametrize("kind", list(OrderEventKind))
def test_an_event_has_the_details_of_its_kind(kind: OrderEventKind) -> None:
    assert response_for(SAMPLES[kind]) == {
        **{"number": 2, "kind": kind.value, "by": "restaurant", "actor_name": "bob@example.com"},
        **{"at": "2026-11-20T18:00:00Z", "recorded_at": "2026-11-20T18:00:00Z", "details": DETAILS[kind]},
    }


def test_every_kind_of_event_is_as_the_document_describes_it(document: dict[str, Any]) -> None:
    history = document["components"]["schemas"]["OrderDetail"]["properties"]["history"]["items"]

    assert history["discriminator"]["propertyName"] == "kind"
    assert history["discriminator"]["mapping"].keys() == {kind.value for kind in OrderEventKind}
    for kind in OrderEventKind:
        own_schema = {"$ref": history["discriminator"]["mapping"][kind.value], "components": document["components"]}
        union_schema = {"oneOf": history["oneOf"], "components": document["components"]}
        Draft202012Validator(own_schema).validate(response_for(SAMPLES[kind]))
        Draft202012Validator(union_schema).validate(response_for(SAMPLES[kind]))


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "2.50"), ("JPY", "250"), ("KWD", "0.250")])
def test_an_amount_has_the_decimals_of_its_currency(currency: str, amount: str) -> None:
    assert response_for(SAMPLES[OrderEventKind.REFUNDED], currency)["details"] == {"amount": amount}


def test_a_total_that_is_not_known_is_null() -> None:
    response = response_for(ContentsChanged(total_from=None, total_to=None, lines=()))

    assert response["details"] == {"total_from": None, "total_to": None, "lines": []}


def test_a_step_that_is_not_known_is_null() -> None:
    assert response_for(a_sample(OrderEventKind.PROGRESSED, step=None))["details"] == {"status": "Ready", "step": None}
