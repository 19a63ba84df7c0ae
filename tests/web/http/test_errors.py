"""What is said when something doesn't work: to people kindly, to programs as JSON, to nobody too much."""

import logging

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.refusals import Refusal
from tracker.web.http.problems import PROBLEM_TYPES, REFUSAL_TYPES

CODES = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503]


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The application with doors behind which things go wrong."""
    app = create_app(settings, Database(settings.database))

    def break_down() -> str:
        raise RuntimeError("the secret of the kitchen")

    def refuse() -> str:
        raise Refusal("The kitchen has <begun>.")

    for prefix in ("", "/api/v1", "/webhooks"):
        app.add_url_rule(f"{prefix}/breaks", f"{prefix} breaks", break_down)
        app.add_url_rule(f"{prefix}/refuses", f"{prefix} refuses", refuse)
        app.add_url_rule(f"{prefix}/is/<int:code>", f"{prefix} is", abort)
    return app


@pytest.mark.parametrize("code", CODES)
def test_people_are_told_in_words_what_happened(client: FlaskClient, code: int) -> None:
    response = client.get(f"/is/{code}")

    assert response.status_code == code
    assert response.mimetype == "text/html"
    assert "<h1>" in response.text
    assert "Werkzeug" not in response.text


@pytest.mark.parametrize("code", CODES)
def test_platforms_are_told_the_same_as_json(client: FlaskClient, code: int) -> None:
    response = client.get(f"/webhooks/is/{code}")

    assert response.status_code == code
    assert list(response.json) == ["error"]
    assert response.json["error"].endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_programs_that_use_the_api_are_told_the_same_as_a_problem(client: FlaskClient, code: int) -> None:
    response = client.get(f"/api/v1/is/{code}")

    assert (response.status_code, response.mimetype) == (code, "application/problem+json")
    assert list(response.json) == ["type", "title", "status", "detail"]
    assert response.json["type"].startswith("/problems/")
    assert (response.json["status"], response.json["detail"][-1]) == (code, ".")


def test_an_order_that_says_no_is_a_conflict_in_its_own_words(client: FlaskClient) -> None:
    page, api = client.get("/refuses"), client.get("/api/v1/refuses")

    assert (page.status_code, api.status_code) == (409, 409)
    assert "The kitchen has &lt;begun&gt;." in page.text
    assert (api.json["type"], api.json["detail"]) == ("/problems/refused", "The kitchen has <begun>.")


def test_every_way_in_which_an_order_says_no_has_a_kind_of_its_own() -> None:
    ways = {Refusal, *(each for each in Refusal.__subclasses__() if each.__module__.startswith("tracker.orders"))}

    assert set(REFUSAL_TYPES) == ways
    assert len({kind.slug for kind in PROBLEM_TYPES}) == len(PROBLEM_TYPES)


@pytest.mark.parametrize("path", ["/breaks", "/api/v1/breaks", "/webhooks/breaks"])
def test_a_fault_of_ours_is_in_the_log_and_nowhere_else(
    client: FlaskClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = client.get(path)

    assert response.status_code == 500
    assert "secret of the kitchen" not in response.text
    assert "Traceback" not in response.text
    assert caplog.records


def test_what_a_door_says_itself_is_said_to_people(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/own-words", "own words", lambda: abort(403, "Only on <Sundays>."))

    assert "Only on &lt;Sundays&gt;." in client.get("/own-words").text


def test_whoever_uses_the_wrong_method_is_told_the_right_one(client: FlaskClient) -> None:
    response = client.delete("/orders")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/orders/", "/orders/00000000000000000000000a/"])
def test_an_address_with_a_slash_too_many_is_not_sent_elsewhere(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
