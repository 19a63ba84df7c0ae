"""Operations on an order over the API: their effect, their response, and their refusal with a sentence."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.database import Database


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


@pytest.fixture
def advance(client: FlaskClient, database: Database, clock: Clock) -> Program:
    """A program with a confirmed order for eleven at night."""
    program = a_program(client, database, clock.now, is_advance=True)
    assert program.act("confirm", {"time": "2026-11-20T23:00"}).status_code == 200
    return program


@pytest.mark.parametrize(
    ("body", "promised"),
    [
        ({"minutes": 25}, "2026-11-20T18:25:00Z"),
        ({"minutes": 25.0}, "2026-11-20T18:25:00Z"),
        ({"time": "2026-11-20T19:10"}, "2026-11-20T19:10:00Z"),
        ({"time": "2026-11-20T20:10:00+01:00"}, "2026-11-20T19:10:00Z"),
        ({"time": "9:45 PM"}, "2026-11-20T21:45:00Z"),
        ({"order_date": "11/21/2026", "eta": "12:30 AM"}, "2026-11-21T00:30:00Z"),
        ({}, None),
        (None, None),
    ],
)
def test_a_restaurant_confirms_with_minutes_or_a_time_or_neither(
    program: Program, body: dict[str, Any] | None, promised: str | None
) -> None:
    response = program.act("confirm", body)

    assert response.status_code == 200, response.text
    assert (response.json["state"], response.json["promised_at"]) == ("confirmed", promised)
    assert [(event["kind"], event["actor_name"]) for event in response.json["history"]] == [
        ("order.placed", "API"),
        ("order.confirmed", "API"),
    ]
    assert program.order() == response.json


@pytest.mark.parametrize(
    "body",
    [
        {"time": 45, "items": ["pizza"], "options": ["Extra cocoa"], "reason": "The oven is small."},
        {"time": " 45 ", "items": "pizza", "options": {"0": "Extra cocoa"}, "reason": "The oven is small."},
        {
            "time": "45",
            "items": {"3": "pizza", "4": None},
            "options": ["Extra cocoa", ""],
            "order_date": "",
            "eta": None,
        }
        | {"reason": "The oven is small."},
    ],
)
def test_a_restaurant_adjusts_with_the_fields_of_the_real_time_contract(program: Program, body: dict[str, Any]) -> None:
    response = program.act("adjust", body)

    assert response.status_code == 200, response.text
    adjustment = response.json["adjustment"]
    assert (adjustment["time"], adjustment["items"], adjustment["options"]) == (45, ["pizza"], ["Extra cocoa"])
    assert (adjustment["reason"], adjustment["difference"]) == ("The oven is small.", "-23.50")
    assert (adjustment["answer_by"], adjustment["if_unanswered"]) == ("2026-11-20T18:10:00Z", "cancel")
    assert adjustment["promised_at"] == "2026-11-20T18:45:00Z"


def test_an_advance_order_is_adjusted_to_a_time_after_midnight(program: Program, clock: Clock) -> None:
    later = a_program(program.client, program.database, clock.now, is_advance=True)

    response = later.act("adjust", {"order_date": "11/21/2026", "eta": "12:15 am"})

    assert response.status_code == 200, response.text
    adjustment = response.json["adjustment"]
    assert (adjustment["order_date"], adjustment["eta"], adjustment["time"]) == ("11/21/2026", "12:15 AM", None)


def test_a_newer_adjustment_replaces_the_older_one(program: Program) -> None:
    program.act("adjust", {"time": 45})

    response = program.act("adjust", {"time": 30})

    assert [adjustment["state"] for adjustment in response.json["adjustments"]] == ["replaced", "open"]
    assert response.json["adjustment"]["number"] == 2


def test_a_restaurant_rejects_with_or_without_a_reason(program: Program, clock: Clock) -> None:
    other = a_program(program.client, program.database, clock.now)

    with_words, without = program.act("reject", {"reason": "The oven\nis broken."}), other.act("reject")

    assert (with_words.json["state"], with_words.json["reason"]) == ("rejected", "The oven is broken.")
    assert (without.json["state"], without.json["reason"]) == ("rejected", None)


def test_a_restaurant_sets_the_status_until_the_food_is_handed_over(program: Program, clock: Clock) -> None:
    program.act("confirm", {"minutes": 30})
    clock.move(minutes=20)

    on_the_way = program.act("progress", {"status": "Out for delivery", "time": "2026-11-20T18:15:00Z"})
    delivered = program.act("progress", {"status": "delivered"})

    assert (on_the_way.json["step"], on_the_way.json["status"]) == ("on_the_way", "Out for delivery")
    assert on_the_way.json["history"][-1]["at"] == "2026-11-20T18:15:00Z"
    assert (delivered.json["state"], delivered.json["ended_at"]) == ("completed", "2026-11-20T18:20:00Z")


def test_a_restaurant_moves_its_promise(program: Program) -> None:
    program.act("confirm", {"minutes": 30})

    response = program.act("promise", {"minutes": 50})

    assert response.json["promised_at"] == "2026-11-20T18:50:00Z"
    assert response.json["history"][-1]["kind"] == "order.promise_moved"


@pytest.mark.parametrize(
    ("act", "body", "kind", "sentence"),
    [
        ("progress", {"status": "Ready"}, "not-now", "has not taken this order on"),
        ("promise", {"minutes": 20}, "not-now", "has not taken this order on"),
        ("adjust", {}, "nothing-changed", "Confirm it instead"),
        ("adjust", {"items": ["pizza", "dolce"]}, "nothing-left", "Reject it instead"),
        ("adjust", {"items": ["pasta"]}, "unknown", "no line pasta"),
        ("adjust", {"options": ["Ham"]}, "unknown", "the option Ham"),
        ("adjust", {"time": "0"}, "not-possible", "from 1 to 1440"),
        ("adjust", {"eta": "9:99 PM"}, "not-possible", "no minute 99"),
        ("confirm", {"time": "2026-11-20T17:00"}, "not-possible", "over already"),
        ("confirm", {"time": "2026-13-45T99:00"}, "not-possible", "no such time"),
        ("confirm", {"time": "2027-03-28T01:30"}, "not-possible", "does not exist"),
        ("confirm", {"time": "2099-03-28T01:30"}, "not-possible", "more than a year"),
        ("confirm", {"order_date": "02/30/2027", "eta": "9 PM"}, "not-possible", "no such day"),
        ("confirm", {"minutes": 5, "time": "9:45 PM"}, "not-possible", "one of minutes"),
        ("confirm", {"eta": "5:00 PM"}, "not-possible", "before this order was placed"),
    ],
)
def test_what_an_order_does_not_allow_is_refused_with_a_sentence(
    program: Program, act: str, body: dict[str, Any], kind: str, sentence: str
) -> None:
    before = program.order()

    response = program.act(act, body)

    assert (response.status_code, response.mimetype) == (409, "application/problem+json"), response.text
    assert response.json["type"] == f"/problems/{kind}"
    assert sentence in response.json["detail"]
    assert response.json["detail"].endswith(".")
    assert program.order() == before


def test_a_refusal_contains_when_the_order_was_rejected(program: Program, clock: Clock) -> None:
    program.act("reject")
    clock.move(minutes=3)

    response = program.act("confirm", {"minutes": 20})

    assert response.json["detail"] == "The restaurant has rejected this order."
    assert response.json["at"] == "2026-11-20T18:00:00+00:00"


def test_a_promise_can_only_be_moved_to_another_time(advance: Program) -> None:
    same_time, no_time = advance.act("promise", {"time": "2026-11-20T23:00"}), advance.act("promise", {})

    assert [response.json["type"] for response in (same_time, no_time)] == [
        "/problems/nothing-changed",
        "/problems/not-possible",
    ]


def test_a_request_after_the_time_to_answer_is_refused_and_the_order_stays_cancelled(
    program: Program, clock: Clock
) -> None:
    program.act("adjust", {"items": ["dolce"]})
    clock.move(minutes=11)

    response = program.act("confirm", {"minutes": 20})

    sentence = "There was no answer in time, so the order was cancelled."
    assert (response.status_code, response.json["detail"]) == (409, sentence)
    clock.move(minutes=-2)  # by the clock of another process, the time to answer is not over yet
    assert program.order()["state"] == "cancelled"
