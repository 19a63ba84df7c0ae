"""Style sheets, scripts and pictures are compressed, cached for ever, and never outdated."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import Applications
from tracker.config import ROOT, Settings
from tracker.database import Database
from tracker.web.http.assets import Assets
from tracker.web.http.security import DOCUMENT_ONLY_HEADERS


@pytest.fixture
def app(applications: Applications, settings: Settings) -> Flask:
    """The application with an empty database, because assets need none."""
    return applications.serving(settings, Database(settings.database))


def address(app: Flask, name: str) -> str:
    """Return the file's URL as templates write it."""
    with app.test_request_context():
        return str(app.jinja_env.globals["asset"](name))


def test_a_file_may_be_kept_for_ever_because_its_address_changes_with_it(app: Flask, client: FlaskClient) -> None:
    path = address(app, "css/site.css")

    response = client.get(path)

    assert re.fullmatch(r"/static/css/site\.[0-9a-f]{8}\.css", path)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("name", ["css/site.css", "js/live.js", "vendor/htmx.min.js", "vendor/pusher.min.js"])
def test_a_file_is_sent_in_the_smallest_encoding_the_browser_accepts(
    app: Flask, client: FlaskClient, name: str
) -> None:
    path = address(app, name)

    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, deflate"})
    smallest = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert smallest.headers["Content-Encoding"] == "br"
    assert gzip.decompress(packed.data) == brotli.decompress(smallest.data) == plain.data
    assert len(smallest.data) < len(packed.data) < len(plain.data)
    assert len({response.headers["ETag"] for response in (plain, packed, smallest)}) == 3
    assert all(response.headers["Vary"] == "Accept-Encoding" for response in (plain, packed, smallest))


def test_a_browser_that_refuses_brotli_does_not_get_it(app: Flask, client: FlaskClient) -> None:
    response = client.get(address(app, "js/live.js"), headers={"Accept-Encoding": "br;q=0, gzip"})

    assert response.headers["Content-Encoding"] == "gzip"


def test_a_file_that_the_browser_has_is_not_sent_again(app: Flask, client: FlaskClient) -> None:
    path = address(app, "img/icon.svg")
    first = client.get(path)

    second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (second.status_code, second.data) == (304, b"")


@pytest.mark.parametrize("path", ["css/site.00000000.css", "css/site.css"])
def test_a_page_from_before_an_update_keeps_its_style_but_browsers_do_not_cache_it_for_ever(
    client: FlaskClient, path: str
) -> None:
    response = client.get(f"/static/{path}")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "..%2fpyproject.toml",
        "css/../../pyproject.toml",
        "css/%2e%2e/%2e%2e/pyproject.toml",
        "/etc/passwd",
        "css/",
        "css/site.css/",
        "css/site.css%00.js",
        "vendor/htmx.min.js.LICENSE.txt",
        "no-such-file.css",
    ],
)
def test_only_our_own_files_can_be_downloaded(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}", follow_redirects=True).status_code == 404


def test_a_missing_file_fails_when_the_page_is_rendered(settings: Settings) -> None:
    assets = Assets(settings.data_dir)

    with pytest.raises(LookupError, match="bin/setup"):
        assets.url("vendor/htmx.min.js")


@pytest.mark.parametrize("name", ["js/page.js", "js/live.js", "js/hearing.js", "css/site.css", "css/embed.css"])
def test_comments_and_indentation_are_not_sent(app: Flask, client: FlaskClient, name: str) -> None:
    sent = client.get(address(app, name)).text

    assert not re.search(r"/\*|^\s|^//", sent, re.MULTILINE)


@pytest.mark.parametrize(
    "statement",
    [
        'say("Bring it to 5 // 7 High Street")',
        "say('https://example.com // /* no comment */')",
        "say(`5 // 7\n   High Street`)",
        "say(text.replace(/ \\/\\/ /g,'-'))",
    ],
)
def test_a_script_keeps_what_looks_like_a_comment_within_a_string(tmp_path: Path, statement: str) -> None:
    (tmp_path / "a.js").write_text(f"  {statement} // a comment\n")

    assert Assets(tmp_path).text("a.js") == f"{statement}\n"


def test_a_style_sheet_keeps_its_strings_and_its_selectors(tmp_path: Path) -> None:
    rules = """.a::before { content: "5 /* 7 */ it's"; }
@container (width < 20em) {
.a :is(.b, .c) { content: 'it"s /* */'; width: calc(1px + 2px); }
}
"""
    written = rules.replace(".a", "/* A comment that\n isn't sent. */ .a").replace("\n", "\n  ")
    (tmp_path / "a.css").write_text(written)

    assert Assets(tmp_path).text("a.css").split() == rules.split()


@pytest.mark.parametrize("name", ["vendor/htmx.min.js", "vendor/pusher.min.js"])
def test_libraries_are_sent_unchanged(app: Flask, client: FlaskClient, name: str) -> None:
    assert client.get(address(app, name)).data == (ROOT / "static" / name).read_bytes()


@pytest.mark.parametrize("name", ["js/live.js", "vendor/pusher.min.js", "css/site.css"])
def test_scripts_and_style_sheets_have_no_headers_that_are_only_for_documents(
    app: Flask, client: FlaskClient, name: str
) -> None:
    headers = client.get(address(app, name)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert not set(DOCUMENT_ONLY_HEADERS) & set(headers.keys())


def test_a_picture_has_the_headers_of_a_document_because_it_can_be_opened_by_itself(
    app: Flask, client: FlaskClient
) -> None:
    headers = client.get(address(app, "img/icon.svg")).headers

    assert set(DOCUMENT_ONLY_HEADERS) <= set(headers.keys())
    assert "form-action 'none'" in headers["Content-Security-Policy"]


def test_pages_are_compressed_too(app: Flask, client: FlaskClient) -> None:
    plain = client.get("/gallery/order/confirmed")
    packed = client.get("/gallery/order/confirmed", headers={"Accept-Encoding": "br"})

    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.data) < len(plain.data) / 3


def test_a_page_contains_its_style_without_comments_and_indentation(app: Flask, client: FlaskClient) -> None:
    sheet = client.get(address(app, "css/site.css")).text

    page = client.get("/gallery/order/confirmed").text

    style = page.partition("<style")[2].partition("</style>")[0].partition(">")[2]
    rules = [text.split() for text in (style, re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))]
    assert rules[0] == rules[1] != []
    assert "/*" not in style
    assert "\n " not in style
    assert 'rel="stylesheet"' not in page


def test_an_error_page_links_its_style_because_scripts_receive_it_too(client: FlaskClient) -> None:
    response = client.get("/no-such-page")

    assert "<style" not in response.text
    assert 'rel="stylesheet"' in response.text


def test_everything_that_a_first_visit_loads_is_small(app: Flask, client: FlaskClient) -> None:
    names = ["css/site.css", "js/hearing.js", "js/live.js", "js/page.js", "vendor/htmx.min.js", "vendor/pusher.min.js"]

    sizes = [len(client.get(address(app, name), headers={"Accept-Encoding": "br"}).data) for name in names]

    assert sizes[0] < 5_000
    assert sum(sizes[1:4]) < 6_000
    assert sum(sizes) < 40_000
