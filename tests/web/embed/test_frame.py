"""The frame of the status widget: which pages may hold it, what opens its content, and what it never contains."""

import gzip
import re
from datetime import datetime

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browser_sessions import use_session
from tests.web.embed.shop import OTHER_ORIGIN, REGION, SHOP, Embedded, ancestors, ask
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.web.http.security import set_frame_ancestors


@pytest.fixture
def it(database: Database, settings: Settings, now: datetime) -> Embedded:
    return Embedded(database, settings, now)


def test_only_the_shops_own_pages_may_hold_its_frame(client: FlaskClient, it: Embedded) -> None:
    response = client.get(it.frame)

    assert response.status_code == 200
    assert ancestors(response) == f"frame-ancestors {SHOP} {OTHER_ORIGIN}"
    assert "X-Frame-Options" not in response.headers


def test_a_shop_that_has_moved_may_hold_the_frame_only_at_its_new_origin(client: FlaskClient, it: Embedded) -> None:
    client.get(it.frame)

    it.set_origins("https://new.example.com")

    assert ancestors(client.get(it.frame)) == "frame-ancestors https://new.example.com"


@pytest.mark.parametrize("origins", [(), ("*", "https://x.example.com; script-src *", "null")])
def test_without_valid_origins_no_page_may_hold_the_frame_and_nothing_else_gets_into_the_policy(
    client: FlaskClient, it: Embedded, origins: tuple[str, ...]
) -> None:
    it.set_origins(*origins)

    response = client.get(it.frame)

    assert ancestors(response) == "frame-ancestors 'none'"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "script-src *" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("application_id", ["0" * 24, "x", "part2", "%00"])
def test_an_unknown_application_has_no_frame(client: FlaskClient, application_id: str) -> None:
    response = client.get(f"/embed/v1/order-status/{application_id}")

    assert response.status_code == 404
    assert ancestors(response) == "frame-ancestors 'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_the_frame_is_not_cached_or_indexed_and_sends_no_referrer(client: FlaskClient, it: Embedded) -> None:
    headers = client.get(it.frame).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_page_with_cross_origin_embedder_policy_may_hold_the_frame_too(client: FlaskClient, it: Embedded) -> None:
    headers = client.get(it.frame).headers

    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_the_frame_runs_only_our_own_scripts_and_styles_and_submits_no_forms(client: FlaskClient, it: Embedded) -> None:
    response = client.get(it.frame)

    policy = response.headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', response.text))
    assert f"script-src 'nonce-{nonce}';" in policy
    assert f"style-src 'nonce-{nonce}';" in policy
    assert "default-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "unsafe" not in policy
    assert client.get(it.frame).headers["Content-Security-Policy"] != policy


def test_the_shops_pages_may_hold_no_other_page_of_the_site(client: FlaskClient, it: Embedded) -> None:
    token = it.token()

    others = [client.get(path) for path in ("/sign-in", f"/orders/{it.order_id}", "/no-such-page", f"{it.frame}/x")]

    for response in [*others, ask(client, token), ask(client, "x")]:
        assert ancestors(response) == "frame-ancestors 'none'", response.request.path


def test_frame_ancestors_are_ignored_for_a_view_that_may_not_be_framed(settings: Settings, database: Database) -> None:
    app = create_app(settings, database)

    def view() -> str:
        set_frame_ancestors([SHOP])
        return "<p>Ours</p>"

    app.add_url_rule("/view", view_func=view)

    response = app.test_client().get("/view")

    assert ancestors(response) == "frame-ancestors 'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_the_frame_contains_no_order_until_its_script_fetches_one_with_a_token(
    client: FlaskClient, it: Embedded
) -> None:
    response = client.get(f"{it.frame}?token={it.token()}")

    assert it.order_id not in response.text
    assert "Bella Napoli" not in response.text
    assert f'data-origins="{SHOP} {OTHER_ORIGIN}"' in response.text


def test_no_cookie_is_ever_read_or_set(app: Flask, it: Embedded) -> None:
    client = app.test_client()
    use_session(client, it.session())

    responses = [
        client.get(it.frame),
        client.get("/embed/v1/order-status.js"),
        ask(client, it.token()),
        ask(client, "x"),
    ]
    without = [app.test_client().get(it.frame).status_code, ask(app.test_client(), it.token()).status_code]

    assert without == [200, 200]
    for response in responses:
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers.get("Vary", "")
    assert ask(client, None).status_code == 401  # Ada's session in this browser gives no access


def compressed(client: FlaskClient, address: str, encoding: str, **headers: str) -> int:
    """Return the number of bytes of the compressed body."""
    response = client.get(address, headers={"Accept-Encoding": encoding} | headers)
    unpacked = brotli.decompress(response.data) if encoding == "br" else gzip.decompress(response.data)
    assert response.headers["Content-Encoding"] == encoding
    assert len(unpacked) > len(response.data)
    return len(response.data)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_everything_that_a_frame_loads_is_small(client: FlaskClient, it: Embedded, encoding: str, lang: str) -> None:
    frame = f"{it.frame}?layout=full&lang={lang}"
    scripts = re.findall(r'src="([^"]+)"', client.get(frame).text)
    proof = {"Authorization": f"Bearer {it.token()}", "X-Embedded-In": SHOP}

    sizes = [compressed(client, address, encoding) for address in (frame, *scripts)]
    sizes.append(compressed(client, f"{REGION}?layout=full&lang={lang}", encoding, **proof))

    assert len(scripts) == 1
    assert sum(sizes) < 35_000
