"""Error responses: a page for people, JSON for programs, and no internals for anybody."""

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
    """The application with additional routes that fail."""
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
def test_people_get_an_error_page(client: FlaskClient, code: int) -> None:
    response = client.get(f"/is/{code}")

    assert response.status_code == code
    assert response.mimetype == "text/html"
    assert "<h1>" in response.text
    assert "Werkzeug" not in response.text


@pytest.mark.parametrize("code", CODES)
def test_platforms_get_errors_as_json(client: FlaskClient, code: int) -> None:
    response = client.get(f"/webhooks/is/{code}")

    assert response.status_code == code
    assert list(response.json) == ["error"]
    assert response.json["error"].endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_programs_that_use_the_api_get_errors_as_problems(client: FlaskClient, code: int) -> None:
    response = client.get(f"/api/v1/is/{code}")

    assert (response.status_code, response.mimetype) == (code, "application/problem+json")
    assert list(response.json) == ["type", "title", "status", "detail"]
    assert response.json["type"].startswith("/problems/")
    assert (response.json["status"], response.json["detail"][-1]) == (code, ".")


def test_a_refusal_is_a_conflict_with_its_own_sentence(client: FlaskClient) -> None:
    page, api = client.get("/refuses"), client.get("/api/v1/refuses")

    assert (page.status_code, api.status_code) == (409, 409)
    assert "The kitchen has &lt;begun&gt;." in page.text
    assert (api.json["type"], api.json["detail"]) == ("/problems/refused", "The kitchen has <begun>.")


def test_every_kind_of_refusal_has_its_own_problem_type() -> None:
    own = {kind for kind in Refusal.__subclasses__() if kind.__module__.startswith("tracker.orders")}

    assert set(REFUSAL_TYPES) == {Refusal, *own}
    assert len({kind.slug for kind in PROBLEM_TYPES}) == len(PROBLEM_TYPES)


@pytest.mark.parametrize("path", ["/breaks", "/api/v1/breaks", "/webhooks/breaks"])
def test_an_internal_error_is_logged_and_not_shown(
    client: FlaskClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = client.get(path)

    assert response.status_code == 500
    assert "secret of the kitchen" not in response.text
    assert "Traceback" not in response.text
    assert caplog.records


def test_a_views_own_sentence_is_shown_to_people(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/own-words", "own words", lambda: abort(403, "Only on <Sundays>."))

    assert "Only on &lt;Sundays&gt;." in client.get("/own-words").text


def test_the_response_to_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.delete("/orders")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/orders/", "/orders/00000000000000000000000a/"])
def test_an_address_with_an_additional_slash_is_not_redirected(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
