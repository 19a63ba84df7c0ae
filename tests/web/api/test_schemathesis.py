"""Schemathesis generates requests that match the OpenAPI document, and ones that do not, and must find no failure."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import make_server

from tests.conftest import Clock
from tests.web.api.program import SHOP, Program, a_program, own_order
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.operations.by_restaurant import confirm_order

EXAMPLES = 10
ORDERS = "/api/v1/restaurants/{restaurant_id}/orders"
ORDER = ORDERS + "/{order_id}"
A_TOKEN = "0123456789abcdef01234567"
NEEDS_CONFIRMED = ("progress", "promise")
LEFT_OUT = {
    "use_after_free": "a deleted token can't be fetched; that it gives no access is tested in test_tokens.py",
    "ensure_resource_availability": "every case has an order of its own",
    "object_level_authorization": "it needs two callers; access by others is tested in test_auth.py",
}
"""Checks that do not apply here, with the reason."""
AUTH = "/api/v1/pusher/auth"
TOKENS, SIGN_IN_ADDRESSES = "/api/v1/access_tokens", "/api/v1/sign_in_addresses"
SECRETS = "/api/v1/restaurants/{restaurant_id}/secrets"
AT_LEAST = {
    "GET /api/v1/restaurants/{restaurant_id}": {200, 401, 405},
    "PATCH /api/v1/restaurants/{restaurant_id}": {200, 401, 409, 415, 422},
    f"GET {ORDERS}": {200, 401, 422},
    f"POST {ORDERS}": {201, 200, 400, 401, 409, 415, 422},
    f"GET {ORDER}": {200, 401},
    **{f"POST {ORDER}/{act}": {200, 400, 401, 409, 415, 422} for act in ("confirm", "adjust", "promise")},
    **{f"POST {ORDER}/{act}": {200, 400, 401, 415, 422} for act in ("reject", "progress")},
    f"POST {TOKENS}": {201, 400, 401, 409, 415, 422},
    f"GET {TOKENS}": {200, 401, 422},
    f"DELETE {TOKENS}": {200, 401, 422},
    f"DELETE {TOKENS}/{{token_id}}": {204, 401, 405},
    f"POST {SIGN_IN_ADDRESSES}": {201, 400, 401, 415, 422},
    f"GET {AUTH}": {400, 403},
    f"POST {AUTH}": {400, 403, 405},
}
"""Statuses that each operation must have returned; without them, the generated requests tested too little."""

# The default generates addresses such as nobody@localhost, which we refuse because no e-mail can reach them.
schemathesis.openapi.format("email", st.from_regex(r"[a-z]{1,9}\.[a-z]{1,9}@example\.(com|org)", fullmatch=True))

pytestmark = [
    pytest.mark.timeout(300),  # some two thousand requests, on a machine that may be busy
]


@pytest.fixture
def program(settings: Settings, postgresql_url: str, clock: Clock) -> Iterator[Program]:
    """A program on PostgreSQL, which refuses more values than SQLite does."""
    database = Database(postgresql_url)
    yield a_program(create_app(settings, database).test_client(), database, clock.now)
    database.close()


def a_config(program: Program, *operations: dict[str, Any]) -> SchemathesisConfig:
    # Exactly one of access_token and secret is required there, which OpenAPI parameters can't express.
    either = {"include-path": AUTH, "checks": {"positive_data_acceptance": {"enabled": False}}}
    return SchemathesisConfig.from_dict(
        {
            "seed": 4,
            "headers": {"Authorization": f"Bearer {program.secret}", "Accept-Encoding": "identity"},
            "parameters": {
                "path.restaurant_id": program.restaurant.id,
                "path.order_id": program.order_id,
                "path.token_id": A_TOKEN,
            },
            "continue-on-failure": True,
            "checks": {name: {"enabled": False} for name in LEFT_OUT},
            "operations": [either, *operations],
            # Texts with a zero byte have a test of their own: excluding them by a pattern would clutter the document.
            "generation": {"max-examples": EXAMPLES, "allow-x00": False, "database": "none", "no-shrink": True},
            "phases": {"stateful": {"enabled": False}},
        }
    )


@pytest.fixture
def address(program: Program) -> Iterator[str]:
    """The document's URL on a local server. Schemathesis's WSGI transport would skip some checks."""
    server = make_server("127.0.0.1", 0, _WithFreshOrders(program), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1/openapi.json"
    server.shutdown()
    thread.join()
    server.server_close()


class _WithFreshOrders:
    """A WSGI wrapper that puts existing ids into each request.

    Each request gets an order of its own, new or confirmed, and an existing token; and in bodies, every valid id, key
    or origin is replaced by an existing one.
    """

    def __init__(self, program: Program) -> None:
        self._program, self._app = program, program.client.application

    def __call__(self, environment: dict[str, Any], start_response: Any) -> Any:
        path, order_id = environment["PATH_INFO"], self._program.order_id
        if order_id in path:
            fresh = a_new_order(self._program, path.endswith(NEEDS_CONFIRMED))
            environment["PATH_INFO"] = path.replace(order_id, fresh)
        if path.endswith(A_TOKEN):
            environment["PATH_INFO"] = path.replace(A_TOKEN, a_new_token(self._program))
        if path in (TOKENS, SIGN_IN_ADDRESSES) and environment["REQUEST_METHOD"] == "POST":
            self._use_existing_ids(environment)
        return self._app(environment, start_response)

    def _use_existing_ids(self, environment: dict[str, Any]) -> None:
        raw = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        with suppress(ValueError):
            body = json.loads(raw)
            for name, form, existing in (
                ("key", r"[!-~]{1,64}", self._program.key),
                ("order_id", "[0-9a-f]{24}", self._program.order_id),
                ("origin", r"(?s).{0,300}", SHOP),
            ):
                if isinstance(body, dict) and isinstance(body.get(name), str) and re.fullmatch(form, body[name]):
                    body[name] = existing
            raw = json.dumps(body).encode()
        environment |= {"wsgi.input": BytesIO(raw), "CONTENT_LENGTH": str(len(raw))}


def a_new_order(program: Program, is_confirmed: bool) -> str:
    with program.database.transaction() as session:
        now = program.restaurant.created_at
        order = own_order(session.merge(program.restaurant), now)
        session.add(order)
        if is_confirmed:
            confirm_order(order, None, actor_name="API", now=now)
    return order.id


def a_new_token(program: Program) -> str:
    response = program.ask("POST", "/access_tokens", {"key": program.key, "order_id": program.order_id})
    return str(response.json["id"])


def run_schemathesis(address: str, config: SchemathesisConfig) -> tuple[dict[str, set[int]], list[str]]:
    """Run Schemathesis. Return the statuses that each operation has returned, and a text for each failure."""
    load_all_checks()
    statuses: dict[str, set[int]] = defaultdict(set)
    wrong: list[str] = []
    for event in from_schema(schemathesis.openapi.from_url(address, config=config)).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            wrong.append(str(event.value))
        if isinstance(event, events.ScenarioFinished):
            for case_id, interaction in event.recorder.interactions.items():
                case = event.recorder.cases[case_id].value
                checks = [check for check in event.recorder.checks.get(case_id, ()) if check.failure_info]
                wrong += [f"{check.name}: {check.failure_info.failure}\n{case.as_curl_command()}" for check in checks]
                statuses[case.operation.label].add(interaction.response.status_code if interaction.response else 0)
    return statuses, wrong


def test_nothing_is_found_wrong_with_any_operation(program: Program, address: str) -> None:
    config = a_config(
        program, {"include-path": SECRETS, "enabled": False}
    )  # a new secret would invalidate the one in use

    statuses, wrong = run_schemathesis(address, config)

    assert wrong == []
    assert {name: seen for name, seen in AT_LEAST.items() if not seen <= statuses[name]} == {}
    assert statuses.keys() == AT_LEAST.keys()


def test_nothing_is_found_wrong_with_making_secrets(program: Program, address: str) -> None:
    config = a_config(program, {"exclude-path": SECRETS, "enabled": False})

    statuses, wrong = run_schemathesis(address, config)

    assert wrong == []
    assert statuses.keys() == {f"POST {SECRETS}"}
    assert {201, 401, 405} <= statuses[f"POST {SECRETS}"]
