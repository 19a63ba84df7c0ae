"""Changing a restaurant's settings over the API: which changes are made, and which are refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.database import Database

STATUSES = [{"name": "In the oven", "step": "confirmed"}, {"name": "On the counter", "step": "handed_over"}]


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


def test_settings_that_are_sent_are_changed_and_the_others_stay(program: Program) -> None:
    before = program.call("GET", "").json

    response = program.call(
        "PATCH",
        "",
        {
            "answer_minutes": 30,
            "if_unanswered": "go_ahead",
            "reject_reasons": ["No  dough ", "No dough", " "],
            "statuses": {"collection": STATUSES},
        },
    )

    assert response.status_code == 200, response.text
    statuses = before["statuses"] | {"collection": STATUSES}
    changed = {"answer_minutes": 30, "if_unanswered": "go_ahead", "reject_reasons": ["No dough"], "statuses": statuses}
    assert response.json == before | changed
    assert program.call("GET", "").json == response.json


def test_an_empty_list_restores_the_default_statuses(program: Program) -> None:
    default = program.call("GET", "").json
    program.call("PATCH", "", {"statuses": {"collection": STATUSES, "table": STATUSES}})

    response = program.call("PATCH", "", {"statuses": {"collection": [], "table": None}})

    assert response.json["statuses"] == default["statuses"] | {"table": STATUSES}


def test_an_order_under_way_keeps_the_statuses_that_it_had(program: Program) -> None:
    program.act("confirm")
    program.act("progress", {"status": "Out for delivery"})

    program.call("PATCH", "", {"statuses": {"delivery": STATUSES}})

    assert "Out for delivery" in [status["name"] for status in program.order()["statuses"]]


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ([STATUSES[0]], "The last name"),
        ([STATUSES[1], STATUSES[1] | {"name": "Gone"}], "The last name"),
        ([STATUSES[0] | {"step": "ready"}, STATUSES[0] | {"name": "Again"}, STATUSES[1]], "lead back"),
        ([STATUSES[0], STATUSES[0] | {"name": "IN THE OVEN"}, STATUSES[1]], "the same"),
        ([STATUSES[0] | {"name": " "}, STATUSES[1]], "needs a name"),
    ],
)
def test_statuses_in_an_impossible_sequence_are_refused_and_nothing_is_changed(
    program: Program, statuses: list[dict[str, str]], sentence: str
) -> None:
    before = program.call("GET", "").json

    response = program.call("PATCH", "", {"answer_minutes": 99, "statuses": {"delivery": statuses}})

    assert (response.status_code, response.json["type"]) == (409, "/problems/not-possible"), response.text
    assert sentence in response.json["detail"]
    assert program.call("GET", "").json == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"answer_minutes": 0}, "answer_minutes"),
        ({"answer_minutes": 241}, "answer_minutes"),
        ({"window_minutes": 1.5}, "window_minutes"),
        ({"if_unanswered": "wait"}, "if_unanswered"),
        ({"reject_reasons": ["x"] * 21}, "reject_reasons"),
        ({"reject_reasons": ["x" * 201]}, "reject_reasons[0]"),
        ({"statuses": {"delivery": STATUSES * 4}}, "statuses.delivery"),
        ({"statuses": {"delivery": [STATUSES[0] | {"step": "placed"}, STATUSES[1]]}}, "statuses.delivery[0].step"),
        ({"statuses": {"drone": STATUSES}}, "statuses.drone"),
        ({"name": "Another"}, "name"),
    ],
)
def test_a_field_that_is_not_as_documented_is_refused_and_named(
    program: Program, fields: dict[str, Any], field: str
) -> None:
    response = program.call("PATCH", "", fields)

    assert response.status_code == 422, response.text
    assert response.json["errors"][0]["field"] == field
