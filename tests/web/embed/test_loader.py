"""The script that site owners load in their pages: it has a stable address and hash, and is small."""

import base64
import gzip
import hashlib
import re

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tracker.config import ROOT
from tracker.database import Database
from tracker.translation import LANGUAGES
from tracker.web.embed.loader import loader_integrity
from tracker.web.embed.theme import HEIGHTS
from tracker.web.embed.translation import translator_for

ADDRESS = "/embed/v1/order-status.js"
PUBLISHED = "sha384-GXDii1M5OTJCmBntDvZmEC/dNheTX6c+s9/LBh0sgpE6vK4Ey+sNUqaninFs6dSS"
SMALL = 3_000
SCRIPT = (ROOT / "static/js/widget-element.js").read_text()


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """A database of SQLite only, because the loader uses none."""
    return Database(sqlite_url)


def test_pages_of_every_site_may_load_it_and_check_its_hash(client: FlaskClient) -> None:
    response = client.get(ADDRESS, headers={"Origin": "https://shop.example.com"})

    assert response.status_code == 200
    assert response.mimetype == "text/javascript"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_browsers_cache_it_for_an_hour_and_then_revalidate_it(client: FlaskClient) -> None:
    first = client.get(ADDRESS)

    again = client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert again.status_code == 304


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_it_is_small(client: FlaskClient, encoding: str) -> None:
    response = client.get(ADDRESS, headers={"Accept-Encoding": encoding})

    assert response.headers["Content-Encoding"] == encoding
    assert len(response.data) < SMALL


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_the_published_hash_is_that_of_the_bytes_that_a_browser_gets(
    app: Flask, client: FlaskClient, encoding: str
) -> None:
    body = client.get(ADDRESS, headers={"Accept-Encoding": encoding}).data
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}[encoding](body)

    with app.app_context():
        published = loader_integrity()

    assert published == f"sha384-{base64.b64encode(hashlib.sha384(unpacked).digest()).decode()}"


def test_it_changes_only_on_purpose_because_pages_may_require_its_hash(app: Flask) -> None:
    with app.app_context():
        published = loader_integrity()

    assert published == PUBLISHED, (
        "The script that other sites' pages load has changed. Pages that require its hash (integrity=…) will show no "
        "widget until their owners change it. If the change is necessary, write the new hash here and inform them."
    )


def test_it_reserves_as_much_space_as_the_frame_will_need() -> None:
    (source,) = re.findall(r"const HEIGHTS = \{(.*)\};", SCRIPT)

    heights = {name: int(height) for name, height in re.findall(r"(\w+): (\d+)", source)}

    assert heights == {layout.value: height for layout, height in HEIGHTS.items()}


def test_it_gives_the_frame_the_same_title_as_the_frame_itself_in_every_language() -> None:
    (source,) = re.findall(r"const TITLES = \{(.*?)\};", SCRIPT, re.DOTALL)

    titles = dict(re.findall(r'(\w+): "([^"]+)"', source))

    assert titles == {language: translator_for(language)("Order status") for language in LANGUAGES}
