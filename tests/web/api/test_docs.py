"""The API's documents are valid and agree with the code, and the page shows everything in them."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.applications import Applications
from tests.builders import an_order, some_details
from tests.conftest import Clock
from tests.event_samples import a_sample
from tests.web.api.program import Program, a_program
from tracker.config import Settings
from tracker.database import Database
from tracker.live.wire import messages_of, order_channel, restaurant_channel, status_channel
from tracker.orders.model import OrderEvent
from tracker.orders.states import Actor, OrderEventKind
from tracker.web.api.docs.asyncapi import TO_CUSTOMERS, TO_ONLOOKERS, TO_RESTAURANTS
from tracker.web.http.problems import PROBLEM_TYPES


@pytest.fixture
def app(applications: Applications, settings: Settings, sqlite_url: str) -> Flask:
    """The application on SQLite only, because the documents do not depend on the kind of database."""
    return applications.serving(settings, Database(sqlite_url))


@pytest.fixture
def program(client: FlaskClient, sqlite_url: str, clock: Clock) -> Program:
    return a_program(client, Database(sqlite_url), clock.now)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/api/v1/openapi.json").json or {})


def test_the_openapi_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"].startswith("3.1.")


def test_every_route_of_the_api_is_in_the_document_with_every_method(app: Flask, document: dict[str, Any]) -> None:
    of_documents = {"/api/v1/openapi.json", "/api/v1/asyncapi.json", "/api/v1/docs"}
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule not in of_documents
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routes


def test_no_sentence_of_the_documents_names_a_class_of_ours(client: FlaskClient, document: dict[str, Any]) -> None:
    """A renamed class must not take a word of a sentence with it."""
    classes = {
        each.__name__
        for name, module in sys.modules.items()
        if name.split(".")[0] == "tracker"
        for each in vars(module).values()
        if isinstance(each, type)
    }
    classes = {name for name in classes if re.search("[a-z][A-Z]", name)}
    sentences = [*_sentences(document), *_sentences(client.get("/api/v1/asyncapi.json").json)]

    named = {word for sentence in sentences for word in re.findall(r"\w+", sentence)} & classes

    assert len(sentences) > 100
    assert named == set()


def test_sentences_that_programs_rely_on_are_whole(client: FlaskClient, document: dict[str, Any]) -> None:
    channels = client.get("/api/v1/asyncapi.json").json

    assert "Fields get added, so ignore those you do not know." in document["info"]["description"]
    assert "The restaurant’s own text." in _sentences(channels)


def test_every_documented_object_and_problem_is_used(document: dict[str, Any]) -> None:
    used = set(re.findall(r'"#/components/(\w+/[\w-]+)"', json.dumps(document)))

    defined = {f"{part}/{name}" for part in ("schemas", "responses") for name in document["components"][part]}

    assert defined == used


def test_every_example_of_a_body_is_accepted(program: Program, document: dict[str, Any]) -> None:
    accepted = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            model = body["schema"]["$ref"].rpartition("/")[2]
            example = document["components"]["schemas"][model]["examples"][0]
            ours = {"key": program.key, "order_id": program.order_id}
            example |= {name: ours[name] for name in ours.keys() & example.keys()}
            address = path.format(restaurant_id=program.restaurant.id, order_id=program.order_id)
            headers = {"Authorization": f"Bearer {program.secret}", "Idempotency-Key": "example"}
            response = program.client.open(address, method=method.upper(), json=example, headers=headers)
            assert response.status_code in (200, 201, 409), f"{path}: {response.text}"
            accepted += 1

    assert accepted == 10


def test_the_page_shows_every_operation_object_message_and_problem(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    page = client.get("/api/v1/docs").text

    for path, methods in document["paths"].items():
        assert path in page
        for operation in methods.values():
            assert f'<section id="{operation["operationId"]}">' in page
    for name in document["components"]["schemas"]:
        assert f'id="object-{name}"' in page
    of_channels = (TO_CUSTOMERS, TO_ONLOOKERS, TO_RESTAURANTS)
    assert re.findall(r"<h4><code>(\w+)</code></h4>", page) == [name for each in of_channels for name in each]
    for kind in PROBLEM_TYPES:
        assert f'id="{kind.slug}"' in page


def test_the_page_loads_no_script_and_nothing_from_other_sites(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text

    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_the_commands_of_the_page_are_valid_shell_commands(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.S)
    script = "\n".join(blocks).replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")

    shell = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)

    assert blocks
    assert (shell.returncode, shell.stderr) == (0, "")


@pytest.mark.parametrize("kind", PROBLEM_TYPES, ids=lambda kind: kind.slug)
def test_the_type_of_a_problem_leads_to_its_description(client: FlaskClient, kind: Any) -> None:
    response = client.get(kind.type)

    assert response.status_code == 303
    assert response.headers["Location"] == f"/api/v1/docs#{kind.slug}"


def test_an_unknown_type_of_problem_is_not_found(client: FlaskClient) -> None:
    assert client.get("/problems/of-my-own").status_code == 404


def every_event() -> list[OrderEvent]:
    """Return an event of each kind, by each actor, of each kind of order, with all details that change its messages."""
    at, events = datetime(2026, 11, 20, 21, 45, tzinfo=UTC), []
    for is_advance in (False, True):
        order = an_order(details=some_details(is_advance=is_advance))
        order.has_onlookers = True
        more = [{"promised_at": at.isoformat()}, {"promised_at": None}]
        for kind in OrderEventKind:
            for by, late, promise in product(Actor, (False, True), more):
                details = a_sample(kind, is_advance=is_advance, **promise)
                events.append(OrderEvent(number=7, details=details, by=by, at=at, came_late=late, order=order))
    return events


def test_every_message_and_property_that_is_sent_is_in_the_asyncapi_document_and_no_other(client: FlaskClient) -> None:
    document = client.get("/api/v1/asyncapi.json").json
    payloads = {
        (kind, name): message["payload"]
        for kind, channel in document["channels"].items()
        for name, message in channel["messages"].items()
    }
    sent: dict[tuple[str, str], set[str]] = {}

    for event in every_event():
        order = event.order
        addresses = {
            order_channel(order.id): "order",
            status_channel(order.id): "status",
            restaurant_channel(order.restaurant_id): "restaurant",
        }
        for message in messages_of(event):
            kind = addresses[message.channel]
            Draft202012Validator(payloads[kind, message.name]).validate(message.data)
            sent.setdefault((kind, message.name), set()).update(message.data)

    assert sent == {name: set(payload["properties"]) for name, payload in payloads.items()}
    assert document["asyncapi"] == "3.0.0"


def test_the_addresses_of_the_asyncapi_document_are_those_that_are_listened_to(client: FlaskClient) -> None:
    channels = client.get("/api/v1/asyncapi.json").json["channels"]

    addresses = {kind: channel["address"].format_map(defaultdict(lambda: "7")) for kind, channel in channels.items()}

    assert addresses == {
        "order": order_channel("7"),
        "status": status_channel("7"),
        "restaurant": restaurant_channel("7"),
    }


def _sentences(document: Any) -> list[str]:
    """Return the descriptions and summaries of a document, wherever they are in it."""
    if isinstance(document, list):
        return [sentence for each in document for sentence in _sentences(each)]
    if not isinstance(document, dict):
        return []
    here = [document[name] for name in ("description", "summary") if isinstance(document.get(name), str)]
    return here + [sentence for each in document.values() for sentence in _sentences(each)]
