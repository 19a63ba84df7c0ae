"""Security headers of every response, and the checks of every request."""

import re

import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.live.address import ChannelsAddress
from tracker.web.http.security import MAX_FORM_BYTES, csrf_exempt

SHOP = "https://orders.example.com"


def with_pages_for_tests(app: Flask) -> Flask:
    """Add routes: one that changes something, one without CSRF protection, one that fails, and two more."""

    @app.route("/change", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def change() -> str:
        return f"changed {len(request.get_data())}"

    @app.post("/open")
    @csrf_exempt
    def hook() -> dict[str, str]:
        return {"result": "accepted"}

    @app.get("/breaks")
    def breaks() -> str:
        raise ZeroDivisionError

    @app.get("/nonce")
    def nonce() -> str:
        return render_template_string('<script nonce="{{ csp_nonce() }}"></script><style nonce="{{ csp_nonce() }}">')

    @app.get("/own-caching")
    def own_caching() -> tuple[str, dict[str, str]]:
        return "", {"Cache-Control": "public, max-age=60"}

    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """An empty SQLite database: these tests store nothing."""
    return Database(sqlite_url)


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The application in development with the additional routes."""
    return with_pages_for_tests(create_app(settings, database))


@pytest.fixture
def shop(settings: Settings, database: Database) -> Flask:
    """The application in production, on https, with the additional routes."""
    production = settings.model_copy(update={"base_url": SHOP, "environment": "production"})
    return with_pages_for_tests(create_app(production, database))


def policy_of(response: TestResponse) -> dict[str, str]:
    """Return the directives of the Content-Security-Policy: sources by name."""
    directives = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in directives}


EVERYWHERE = [
    ("GET", "/sign-in", 200),
    ("GET", "/sign-in/code", 303),
    ("GET", "/sign-in/link/secret", 303),
    ("GET", "/no-such-page", 404),
    ("GET", "/sign-out", 405),
    ("POST", "/sign-in", 422),
    ("GET", "/breaks", 500),
    ("OPTIONS", "/change", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERYWHERE)
def test_every_response_has_the_security_headers(client: FlaskClient, method: str, path: str, status: int) -> None:
    response = client.open(path, method=method)

    assert response.status_code == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] in ("no-referrer", "strict-origin-when-cross-origin")
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    policy = policy_of(response)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_every_route_of_the_site_has_the_security_headers(app: Flask, client: FlaskClient) -> None:
    count = 0
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "x", rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            response = client.open(path, method=method)
            count += 1
            assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], path
            assert response.headers["X-Content-Type-Options"] == "nosniff", path
            assert "Cache-Control" in response.headers, path

    assert count > 10


def test_only_scripts_and_styles_with_this_responses_nonce_are_allowed(client: FlaskClient) -> None:
    responses = [client.get("/nonce") for _ in range(2)]

    nonces = []
    for response in responses:
        in_page = set(re.findall(r'nonce="([^"]+)"', response.text))
        (nonce,) = in_page
        assert policy_of(response)["script-src"] == f"'nonce-{nonce}'"
        assert policy_of(response)["style-src"] == f"'self' 'nonce-{nonce}'"
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert len(nonces[0]) >= 22  # 128 bits in base64


def test_a_response_that_is_no_page_may_load_nothing(client: FlaskClient) -> None:
    response = client.post("/open")

    assert policy_of(response) == {
        "default-src": "'none'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_view_can_allow_caching_and_no_cookie_prevents_it(client: FlaskClient) -> None:
    response = client.get("/own-caching")

    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "Set-Cookie" not in response.headers


def test_on_https_browsers_are_told_to_use_only_https(shop: Flask, client: FlaskClient) -> None:
    secure = shop.test_client().get("/sign-in", base_url=SHOP)

    assert secure.headers["Strict-Transport-Security"] == "max-age=63072000"
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers


@pytest.mark.parametrize(
    ("changes", "origin"),
    [
        ({}, "ws://localhost:6001"),
        ({"base_url": SHOP}, "wss://orders.example.com:6001"),
        ({"base_url": SHOP, "channels_public_host": "live.example.com", "channels_public_port": 443},
         "wss://live.example.com:443"),
        ({"base_url": SHOP, "channels_public_tls": False}, "ws://orders.example.com:6001"),
        ({"base_url": "http://[::1]:8000"}, "ws://[::1]:6001"),
        ({"channels_cluster": "eu", "channels_port": 443}, "wss://ws-eu.pusher.com:443"),
        ({"channels_cluster": "eu", "channels_public_host": "proxy.example.com", "channels_public_tls": True},
         "wss://proxy.example.com:6001"),
    ],
)  # fmt: skip
def test_a_page_may_connect_only_to_this_site_and_to_the_channels_service(
    settings: Settings, database: Database, changes: dict[str, object], origin: str
) -> None:
    changed = settings.model_copy(update=changes)

    response = create_app(changed, database).test_client().get("/sign-in", base_url=changed.origin)

    assert ChannelsAddress.from_settings(changed).origin == origin
    assert policy_of(response)["connect-src"] == f"'self' {origin}"


def test_a_channels_service_can_have_an_ipv6_address(settings: Settings) -> None:
    address = ChannelsAddress.from_settings(settings.model_copy(update={"channels_public_host": "2001:db8::7"}))

    assert (address.url_host, address.origin) == ("[2001:db8::7]", "ws://[2001:db8::7]:6001")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "something-new"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "https://localhost"},
        {"Origin": ""},
    ],
)
def test_another_sites_page_cannot_change_anything(client: FlaskClient, method: str, headers: dict[str, str]) -> None:
    response = client.open("/change", method=method, headers=headers)

    assert response.status_code == 403
    assert "sent from another site" in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {},
    ],
)
def test_our_own_pages_and_programs_that_are_no_browsers_can_change_things(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    assert client.post("/change", headers=headers).status_code == 200


def test_behind_a_proxy_that_ends_tls_our_own_pages_still_work(shop: Flask) -> None:
    plain = shop.test_client()

    ours = plain.post("/change", headers={"Host": "orders.example.com", "Origin": SHOP})
    theirs = plain.post("/change", headers={"Host": "orders.example.com", "Origin": "https://evil.example"})

    assert (ours.status_code, theirs.status_code) == (200, 403)


def test_a_link_from_another_site_can_open_a_page(client: FlaskClient) -> None:
    assert client.get("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_view_that_is_meant_for_other_sites_accepts_their_requests(client: FlaskClient) -> None:
    response = client.post("/open", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example.org"})

    assert (response.status_code, response.json) == (200, {"result": "accepted"})


def test_another_site_can_neither_sign_anybody_in_nor_out(client: FlaskClient) -> None:
    for path in ("/sign-in", "/sign-in/code", "/sign-in/link", "/sign-out"):
        response = client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403, path


@pytest.mark.parametrize(
    "host", ["evil.example", "orders.example.com.evil.example", "127.0.0.1", "localhost", "[", "a@b"]
)
def test_in_production_the_site_is_served_only_under_its_own_name(shop: Flask, host: str) -> None:
    refused = shop.test_client().get("/sign-in", headers={"Host": host})
    served = shop.test_client().get("/sign-in", headers={"Host": "orders.example.com"})

    assert (refused.status_code, served.status_code) == (400, 200)
    assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("evil.example", 400)]
)
def test_in_development_the_site_is_also_served_under_this_machines_names(
    client: FlaskClient, host: str, status: int
) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/up", "/ready"])
def test_a_health_check_may_use_any_host_name(shop: Flask, path: str) -> None:
    assert shop.test_client().get(path, headers={"Host": "10.0.0.7:8000"}).status_code != 400


def test_a_form_has_a_largest_size(client: FlaskClient) -> None:
    largest = client.post("/change", data=b"a" * MAX_FORM_BYTES)
    too_large = client.post("/change", data=b"a" * (MAX_FORM_BYTES + 1))

    assert (largest.status_code, too_large.status_code) == (200, 413)


def test_pages_for_development_do_not_exist_in_production(shop: Flask, client: FlaskClient) -> None:
    assert client.get("/dev/mail").status_code == 200
    assert shop.test_client().get("/dev/mail", base_url=SHOP).status_code == 404
