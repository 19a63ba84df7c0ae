"""How a restaurant works, over the API: what it may change, and what can't be."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.database import Database

WAY = [{"name": "In the oven", "step": "confirmed"}, {"name": "On the counter", "step": "handed_over"}]


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


def test_what_is_changed_is_so_and_the_rest_stays(program: Program) -> None:
    before = program.call("GET", "").json

    response = program.call(
        "PATCH",
        "",
        {
            "answer_minutes": 30,
            "if_unanswered": "go_ahead",
            "reject_reasons": ["No  dough ", "No dough", " "],
            "statuses": {"collection": WAY},
        },
    )

    assert response.status_code == 200, response.text
    statuses = before["statuses"] | {"collection": WAY}
    changed = {"answer_minutes": 30, "if_unanswered": "go_ahead", "reject_reasons": ["No dough"], "statuses": statuses}
    assert response.json == before | changed
    assert program.call("GET", "").json == response.json


def test_an_empty_list_brings_the_usual_names_back(program: Program) -> None:
    usual = program.call("GET", "").json
    program.call("PATCH", "", {"statuses": {"collection": WAY, "table": WAY}})

    response = program.call("PATCH", "", {"statuses": {"collection": [], "table": None}})

    assert response.json["statuses"] == usual["statuses"] | {"table": WAY}


def test_an_order_on_its_way_keeps_the_names_that_it_had(program: Program) -> None:
    program.act("confirm")
    program.act("progress", {"status": "Out for delivery"})

    program.call("PATCH", "", {"statuses": {"delivery": WAY}})

    assert "Out for delivery" in [each["name"] for each in program.order()["statuses"]]


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ([WAY[0]], "The last name"),
        ([WAY[1], WAY[1] | {"name": "Gone"}], "The last name"),
        ([WAY[0] | {"step": "ready"}, WAY[0] | {"name": "Again"}, WAY[1]], "lead back"),
        ([WAY[0], WAY[0] | {"name": "IN THE OVEN"}, WAY[1]], "the same"),
        ([WAY[0] | {"name": " "}, WAY[1]], "needs a name"),
    ],
)
def test_names_that_lead_nowhere_are_refused_and_nothing_is_changed(
    program: Program, statuses: list[dict[str, str]], sentence: str
) -> None:
    before = program.call("GET", "").json

    response = program.call("PATCH", "", {"answer_minutes": 99, "statuses": {"delivery": statuses}})

    assert (response.status_code, response.json["type"]) == (409, "/problems/not-possible"), response.text
    assert sentence in response.json["detail"]
    assert program.call("GET", "").json == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"answer_minutes": 0}, "answer_minutes"),
        ({"answer_minutes": 241}, "answer_minutes"),
        ({"window_minutes": 1.5}, "window_minutes"),
        ({"if_unanswered": "wait"}, "if_unanswered"),
        ({"reject_reasons": ["x"] * 21}, "reject_reasons"),
        ({"reject_reasons": ["x" * 201]}, "reject_reasons[0]"),
        ({"statuses": {"delivery": WAY * 4}}, "statuses.delivery"),
        ({"statuses": {"delivery": [WAY[0] | {"step": "placed"}, WAY[1]]}}, "statuses.delivery[0].step"),
        ({"statuses": {"drone": WAY}}, "statuses.drone"),
        ({"name": "Another"}, "name"),
    ],
)
def test_what_has_another_form_is_refused_and_the_field_is_named(
    program: Program, said: dict[str, Any], field: str
) -> None:
    response = program.call("PATCH", "", said)

    assert response.status_code == 422, response.text
    assert response.json["errors"][0]["field"] == field
