"""The page with instructions generates code with the chosen options and the application's id, and reveals nothing."""

import base64
import hashlib
import os
import re
import subprocess
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import Applications
from tests.conftest import Clock
from tests.page_text import not_drawn
from tracker.accounts.registration import register_application
from tracker.config import Settings
from tracker.database import Database
from tracker.web.api.schemas.tokens import AccessTokenRequest
from tracker.web.embed.preview import SAMPLE_STATES

SHOP = "https://shop.example.com"


@pytest.fixture
def database(sqlite_url: str) -> Database:
    return Database(sqlite_url)


@pytest.fixture
def app(applications: Applications, settings: Settings, database: Database) -> Flask:
    """The site with a base URL of its own."""
    return applications.serving(settings.model_copy(update={"base_url": "http://localhost:8000"}), database)


@pytest.fixture
def key(database: Database, clock: Clock) -> str:
    """The API key of an application whose origin is SHOP."""
    with database.transaction() as session:
        application = register_application("A shop with a secret name", [SHOP], now=clock.now)
        session.add(application)
        return application.key


def code_block(text: str, name: str) -> str:
    """Return the text of one of the page's blocks of code."""
    found = re.search(rf'<pre id="{name}"[^>]*><code>(.*?)</code>', text, re.S)
    assert found, name
    return unescape(found[1])


def test_without_options_the_page_shows_code_with_placeholders(client: FlaskClient) -> None:
    response = client.get("/embed")

    assert response.status_code == 200
    assert code_block(response.text, "element") == (
        '<script type="module" src="http://localhost:8000/embed/v1/order-status.js"></script>\n'
        '<order-status token="THE_APPLICATION.THE_TOKEN" layout="card">'
        '<svg display="block" width="1" height="276"></svg></order-status>'
    )
    assert "Set-Cookie" not in response.headers


def test_the_chosen_options_are_in_the_element_and_in_the_address_of_the_frame(client: FlaskClient, key: str) -> None:
    chosen = {"layout": "full", "theme": "dark", "accent": "#B3261E", "radius": "0", "font": "serif", "lang": "de"}

    text = client.get("/embed", query_string=chosen | {"key": key}).text

    element, frame = code_block(text, "element"), code_block(text, "frame")
    for name, value in (chosen | {"accent": "#b3261e"}).items():
        assert f' {name}="{value}"' in element
    address = re.search(r'src="([^"]*)"', frame)
    assert address
    assert (
        "layout=full&amp;theme=dark&amp;accent=%23b3261e&amp;radius=0&amp;font=serif&amp;lang=de#token=" in address[1]
    )


def test_with_the_applications_key_the_code_contains_the_application_and_its_origin(
    client: FlaskClient, key: str
) -> None:
    text = client.get("/embed", query_string={"key": key}).text

    assert re.search(r'token="[0-9a-f]{24}\.THE_TOKEN"', code_block(text, "element"))
    assert f'"origin": "{SHOP}"' in code_block(text, "curl")
    assert SHOP in text
    assert "A shop with a secret name" not in text


def test_the_command_that_requests_a_token_is_valid_for_the_api(client: FlaskClient, key: str) -> None:
    curl = code_block(client.get("/embed", query_string={"key": key}).text, "curl")

    environment = {"SECRET": "the-secret", "ORDER": "52a7289e96ba1c6209000003", "PATH": os.environ["PATH"]}
    command = ["sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {curl}"]
    arguments = subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout.split("\0")
    body = AccessTokenRequest.model_validate_json(arguments[arguments.index("-d") + 1])
    assert (body.origin, body.order_id) == (SHOP, environment["ORDER"])
    assert "Authorization: Bearer the-secret" in arguments
    assert arguments[:3] == ["-X", "POST", "http://localhost:8000/api/v1/access_tokens"]


@pytest.mark.parametrize("typed", ["no-such-key", "käse", "\x00", "x" * 1000, '"><script>alert(1)</script>'])
def test_an_unknown_key_is_explained_with_a_sentence_and_escaped(client: FlaskClient, typed: str) -> None:
    response = client.get("/embed", query_string={"key": typed})

    assert response.status_code == 422
    assert "We don’t know this key." in response.text
    assert "THE_APPLICATION.THE_TOKEN" in code_block(response.text, "element")
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("accent", "red", "Please enter a colour like #b3261e"),
        ("radius", "99", "Please enter a whole number from 0 to"),
    ],
)
def test_an_invalid_option_is_explained_at_its_field(
    client: FlaskClient, field: str, typed: str, sentence: str
) -> None:
    response = client.get("/embed", query_string={field: typed})

    assert response.status_code == 422
    assert sentence in response.text
    assert f'aria-describedby="{field}-hint {field}-error"' in response.text
    assert typed not in code_block(response.text, "element")


def test_the_hash_is_that_of_the_script_as_it_is_served(client: FlaskClient) -> None:
    text, script = client.get("/embed").text, client.get("/embed/v1/order-status.js").data

    integrity = "sha384-" + base64.b64encode(hashlib.sha384(script).digest()).decode()

    assert f'integrity="{integrity}" crossorigin="anonymous"' in code_block(text, "bound")
    assert f"script-src '{integrity}'" in code_block(text, "bound-policy")
    assert code_block(text, "policy") == (
        "script-src http://localhost:8000/embed/v1/order-status.js;\nframe-src http://localhost:8000;"
    )


@pytest.mark.parametrize("layout", ["line", "card", "full"])
@pytest.mark.parametrize("state", SAMPLE_STATES)
def test_every_layout_has_a_preview_in_every_state_with_a_made_up_order(
    client: FlaskClient, layout: str, state: str
) -> None:
    response = client.get(f"/embed/v1/preview/{layout}", query_string={"state": state, "accent": "#0b57d0"})

    assert response.status_code == 200
    assert "Bella Napoli" in response.text
    for private in ("38 Sample Street", "No oregano", "Visa", "Margherita", "46.50", "<script"):
        assert private not in not_drawn(response.text)


def test_only_our_own_pages_may_hold_a_preview_and_it_runs_no_script(client: FlaskClient) -> None:
    response = client.get("/embed/v1/preview/card")

    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in response.headers  # it would be redundant, and Firefox logs a complaint


def test_the_page_itself_may_hold_our_own_frames_and_nobody_may_hold_it(client: FlaskClient) -> None:
    response = client.get("/embed")

    policy = response.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-src" not in client.get("/sign-in").headers["Content-Security-Policy"]


def test_an_unknown_layout_is_not_found(client: FlaskClient) -> None:
    assert client.get("/embed/v1/preview/huge").status_code == 404
