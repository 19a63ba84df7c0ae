"""The page for site owners makes what they paste: it says what they chose, in their application's name, and nothing of
anybody."""

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
    """The site at an address of its own."""
    return applications.serving(settings.model_copy(update={"base_url": "http://localhost:8000"}), database)


@pytest.fixture
def key(database: Database, clock: Clock) -> str:
    """The key of an application whose pages are of SHOP."""
    with database.transaction() as session:
        application = register_application("A shop nobody is told of", [SHOP], now=clock.now)
        session.add(application)
        return application.key


def to_paste(text: str, name: str) -> str:
    """What stands there to be copied."""
    found = re.search(rf'<pre id="{name}"[^>]*><code>(.*?)</code>', text, re.S)
    assert found, name
    return unescape(found[1])


def test_without_anything_said_it_shows_how_the_lines_will_look(client: FlaskClient) -> None:
    response = client.get("/embed")

    assert response.status_code == 200
    assert to_paste(response.text, "element") == (
        '<script type="module" src="http://localhost:8000/embed/v1/order-status.js"></script>\n'
        '<order-status token="THE_APPLICATION.THE_TOKEN" layout="card">'
        '<svg display="block" width="1" height="276"></svg></order-status>'
    )
    assert "Set-Cookie" not in response.headers


def test_what_is_chosen_is_in_the_element_and_in_the_address_of_the_frame(client: FlaskClient, key: str) -> None:
    chosen = {"layout": "full", "theme": "dark", "accent": "#B3261E", "radius": "0", "font": "serif", "lang": "de"}

    text = client.get("/embed", query_string=chosen | {"key": key}).text

    element, frame = to_paste(text, "element"), to_paste(text, "frame")
    for name, value in (chosen | {"accent": "#b3261e"}).items():
        assert f' {name}="{value}"' in element
    address = re.search(r'src="([^"]*)"', frame)
    assert address
    assert (
        "layout=full&amp;theme=dark&amp;accent=%23b3261e&amp;radius=0&amp;font=serif&amp;lang=de#token=" in address[1]
    )


def test_with_the_applications_key_the_lines_name_the_application_and_its_own_origin(
    client: FlaskClient, key: str
) -> None:
    text = client.get("/embed", query_string={"key": key}).text

    assert re.search(r'token="[0-9a-f]{24}\.THE_TOKEN"', to_paste(text, "element"))
    assert f'"origin": "{SHOP}"' in to_paste(text, "curl")
    assert SHOP in text
    assert "A shop nobody is told of" not in text


def test_the_question_for_a_token_is_one_that_the_api_understands(client: FlaskClient, key: str) -> None:
    curl = to_paste(client.get("/embed", query_string={"key": key}).text, "curl")

    known = {"SECRET": "the-secret", "ORDER": "52a7289e96ba1c6209000003", "PATH": os.environ["PATH"]}
    typed = ["sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {curl}"]
    said = subprocess.run(typed, env=known, capture_output=True, check=True, text=True).stdout.split("\0")
    asked = AccessTokenRequest.model_validate_json(said[said.index("-d") + 1])
    assert (asked.origin, asked.order_id) == (SHOP, known["ORDER"])
    assert "Authorization: Bearer the-secret" in said
    assert said[:3] == ["-X", "POST", "http://localhost:8000/api/v1/access_tokens"]


@pytest.mark.parametrize("typed", ["no-such-key", "käse", "\x00", "x" * 1000, '"><script>alert(1)</script>'])
def test_a_key_that_nobody_has_is_said_kindly_and_what_was_typed_stays(client: FlaskClient, typed: str) -> None:
    response = client.get("/embed", query_string={"key": typed})

    assert response.status_code == 422
    assert "We don’t know this key." in response.text
    assert "THE_APPLICATION.THE_TOKEN" in to_paste(response.text, "element")
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [("accent", "red", "Please say the colour like #b3261e"), ("radius", "99", "Please say a whole number from 0 to")],
)
def test_a_look_that_can_not_be_is_said_at_its_field(client: FlaskClient, field: str, typed: str, words: str) -> None:
    response = client.get("/embed", query_string={field: typed})

    assert response.status_code == 422
    assert words in response.text
    assert f'aria-describedby="{field}-hint {field}-error"' in response.text
    assert typed not in to_paste(response.text, "element")


def test_the_hash_is_that_of_the_script_as_it_is_sent(client: FlaskClient) -> None:
    text, script = client.get("/embed").text, client.get("/embed/v1/order-status.js").data

    integrity = "sha384-" + base64.b64encode(hashlib.sha384(script).digest()).decode()

    assert f'integrity="{integrity}" crossorigin="anonymous"' in to_paste(text, "bound")
    assert f"script-src '{integrity}'" in to_paste(text, "bound-policy")
    assert to_paste(text, "policy") == (
        "script-src http://localhost:8000/embed/v1/order-status.js;\nframe-src http://localhost:8000;"
    )


@pytest.mark.parametrize("layout", ["line", "card", "full"])
@pytest.mark.parametrize("state", SAMPLE_STATES)
def test_every_layout_is_to_be_seen_in_every_state_with_an_order_that_is_nobodys(
    client: FlaskClient, layout: str, state: str
) -> None:
    response = client.get(f"/embed/v1/preview/{layout}", query_string={"state": state, "accent": "#0b57d0"})

    assert response.status_code == 200
    assert "Bella Napoli" in response.text
    for untold in ("38 Sample Street", "No oregano", "Visa", "Margherita", "46.50", "<script"):
        assert untold not in not_drawn(response.text)


def test_only_our_own_pages_may_hold_a_preview_and_it_runs_no_script(client: FlaskClient) -> None:
    response = client.get("/embed/v1/preview/card")

    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in response.headers  # beside the policy it says nothing, and Firefox complains of it


def test_the_page_itself_may_hold_our_own_frames_and_nobody_may_hold_it(client: FlaskClient) -> None:
    response = client.get("/embed")

    policy = response.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-src" not in client.get("/sign-in").headers["Content-Security-Policy"]


def test_a_layout_that_there_is_not_is_not_there(client: FlaskClient) -> None:
    assert client.get("/embed/v1/preview/huge").status_code == 404
