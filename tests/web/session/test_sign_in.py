"""Signing in by code or link and signing out, as a browser sees it."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.builders import a_customer
from tests.conftest import Clock
from tests.web.session.emails import email_to
from tracker.accounts.model import Customer, CustomerSession, Mail, SignInCode
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.web.http.auth import require_customer

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The application with an additional route that shows who is signed in."""
    app = create_app(settings, database)
    app.add_url_rule("/who", "who", lambda: f"{require_customer().actor_name}", methods=["GET", "POST"])
    return app


@pytest.fixture
def ada(database: Database) -> Customer:
    """A customer in the database."""
    return add_customer(database, "ada@example.com")


def add_customer(database: Database, address: str) -> Customer:
    """Add a customer with this address."""
    with database.transaction() as session:
        customer = a_customer(email=address)
        session.add(customer)
    return customer


def ask(client: FlaskClient, address: str = "ada@example.com", **more: str) -> TestResponse:
    """Request a sign-in e-mail and follow the redirect to the page for its code."""
    return client.post("/sign-in", data={"email": address, **more}, follow_redirects=True)


def enter(client: FlaskClient, code: str, **more: str) -> TestResponse:
    """Submit a code."""
    return client.post("/sign-in/code", data={"code": code, **more})


def wrong_code(code: str) -> str:
    """Return a code that differs from this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def who(client: FlaskClient) -> str | None:
    """Return the address as which this browser is signed in, or None."""
    response = client.get("/who")
    return response.text if response.status_code == 200 else None


def the_cookie(client: FlaskClient) -> str:
    """Return the session cookie of this browser, as a thief would copy it."""
    cookie = client.get_cookie("tracker_80")
    return cookie.value if cookie else ""


def with_cookie(app: Flask, value: str) -> FlaskClient:
    """Return another browser with a copy of this cookie."""
    thief = app.test_client()
    thief.set_cookie("tracker_80", value)
    return thief


def test_a_customer_signs_in_with_the_code(client: FlaskClient, database: Database, ada: Customer) -> None:
    ask(client)

    response = enter(client, email_to(database, "ada@example.com").code)

    assert (response.status_code, response.location) == (303, "/orders")
    assert who(client) == "ada@example.com"


def test_the_code_may_be_typed_with_spaces(client: FlaskClient, database: Database, ada: Customer) -> None:
    ask(client)
    code = email_to(database, "ada@example.com").code

    enter(client, f" {code[:3]} {code[3:]} ")

    assert who(client) == "ada@example.com"


def test_a_customer_signs_in_with_the_link_in_any_browser(
    client: FlaskClient, app: Flask, database: Database, ada: Customer
) -> None:
    ask(client)
    phone = app.test_client()

    page = phone.get(email_to(database, "ada@example.com").link, follow_redirects=True)
    assert "Sign in as a•••@example.com?" in page.text
    assert who(phone) is None
    response = phone.post("/sign-in/link")

    assert (response.status_code, response.location) == (303, "/orders")
    assert who(phone) == "ada@example.com"
    assert who(client) is None


def test_the_address_is_typed_as_people_type(client: FlaskClient, database: Database, ada: Customer) -> None:
    ask(client, "  Ada@EXAMPLE.com ")

    enter(client, email_to(database, "ada@example.com").code)

    assert who(client) == "ada@example.com"


def test_nobody_learns_whether_an_address_is_known(app: Flask, database: Database, ada: Customer) -> None:
    responses_by_address = []
    for address in ("ada@example.com", "eve@example.com"):
        browser = app.test_client()
        requested = browser.post("/sign-in", data={"email": address})
        page = browser.get("/sign-in/code")
        wrong = [enter(browser, "000000") for _ in range(6)]
        responses_by_address.append(
            [
                (
                    response.status_code,
                    sorted(response.headers.keys()),
                    len(response.data),
                    without_nonce(response, address),
                )
                for response in (requested, page, *wrong)
            ]
        )

    assert responses_by_address[0] == responses_by_address[1]


def without_nonce(response: TestResponse, address: str) -> str:
    """Return the page without its nonces and without the address."""
    return re.sub(r'nonce="[^"]*"', "", response.text).replace(address, "ADDRESS")


def test_a_request_does_the_same_work_for_an_unknown_address(app: Flask, database: Database, ada: Customer) -> None:
    for address in ("ada@example.com", "eve@example.com"):
        ask(app.test_client(), address)

    with database.read_session() as session:
        assert len(session.scalars(select(SignInCode)).all()) == 2
        assert len(session.scalars(select(Mail)).all()) == 2


def test_after_too_many_requests_the_page_looks_the_same_and_an_earlier_code_still_works(
    client: FlaskClient, database: Database, ada: Customer, clock: Clock
) -> None:
    pages = []
    for _ in range(5):
        clock.move(seconds=1)
        pages.append(ask(client))
    code = email_to(database, "ada@example.com").code

    pages.append(ask(client))

    assert len({without_nonce(page, "") for page in pages}) == 1
    enter(client, code)
    assert who(client) == "ada@example.com"


def test_after_too_many_requests_a_new_browser_can_use_no_code(app: Flask, database: Database, ada: Customer) -> None:
    for _ in range(5):
        ask(app.test_client())
    new_browser = app.test_client()

    page = ask(new_browser)
    response = enter(new_browser, email_to(database, "ada@example.com").code)

    assert "If we know" in page.text
    assert response.status_code == 422
    assert who(new_browser) is None


def test_after_five_wrong_tries_a_code_is_invalid(client: FlaskClient, database: Database, ada: Customer) -> None:
    ask(client)
    code = email_to(database, "ada@example.com").code

    tries = [enter(client, wrong_code(code)) for _ in range(5)]
    right_too_late = enter(client, code)

    assert ["isn't the code" in response.text.replace("&#39;", "'") for response in tries] == [True] * 4 + [False]
    assert "can't be used any more" in right_too_late.text.replace("&#39;", "'")
    assert "Send another e-mail" in right_too_late.text
    assert who(client) is None


def test_going_back_to_an_older_cookie_gives_no_more_tries(
    client: FlaskClient, app: Flask, database: Database, ada: Customer
) -> None:
    ask(client)
    before, code = the_cookie(client), email_to(database, "ada@example.com").code

    for _ in range(5):
        enter(with_cookie(app, before), wrong_code(code))
    thief = with_cookie(app, before)
    enter(thief, code)

    assert who(thief) is None


def test_text_that_is_no_code_is_not_counted_as_a_try(client: FlaskClient, database: Database, ada: Customer) -> None:
    ask(client)

    for typed in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦"):
        assert enter(client, typed).status_code == 422

    enter(client, email_to(database, "ada@example.com").code)
    assert who(client) == "ada@example.com"


def test_after_ten_minutes_a_code_is_invalid(
    client: FlaskClient, database: Database, ada: Customer, clock: Clock
) -> None:
    ask(client)

    clock.move(minutes=10)
    enter(client, email_to(database, "ada@example.com").code)

    assert who(client) is None


def test_a_browser_takes_only_the_newest_code(
    client: FlaskClient, database: Database, ada: Customer, clock: Clock
) -> None:
    ask(client)
    older = email_to(database, "ada@example.com").code
    clock.move(seconds=1)
    ask(client)
    newer = email_to(database, "ada@example.com").code

    if older != newer:  # they are equal once in a million times
        enter(client, older)
    assert who(client) is None
    enter(client, newer)

    assert who(client) == "ada@example.com"


def test_a_code_typed_in_another_browser_opens_nothing(
    client: FlaskClient, app: Flask, database: Database, ada: Customer
) -> None:
    ask(client)
    stranger = app.test_client()

    response = enter(stranger, email_to(database, "ada@example.com").code)

    assert response.location == "/sign-in"
    assert who(stranger) is None


@pytest.mark.both_databases
@pytest.mark.parametrize("way", ["code", "link"])
def test_of_several_tries_at_the_same_moment_exactly_one_signs_in(
    app: Flask, database: Database, ada: Customer, way: str
) -> None:
    requesting = app.test_client()
    ask(requesting)
    email = email_to(database, "ada@example.com")
    if way == "link":
        requesting.get(email.link)
    browsers = [with_cookie(app, the_cookie(requesting)) for _ in range(4)]
    barrier = Barrier(len(browsers))

    def sign_in(browser: FlaskClient) -> int:
        barrier.wait()
        return browser.post(f"/sign-in/{way}", data={"code": email.code}).status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        statuses = sorted(pool.map(sign_in, browsers))

    assert statuses[0] == 303
    assert all(status in (410, 422) for status in statuses[1:])
    assert [who(browser) for browser in browsers].count("ada@example.com") == 1
    with database.read_session() as session:
        assert len(session.scalars(select(CustomerSession)).all()) == 1


def test_a_link_works_once(client: FlaskClient, app: Flask, database: Database, ada: Customer) -> None:
    ask(client)
    link = email_to(database, "ada@example.com").link
    client.get(link)
    client.post("/sign-in/link")
    thief = app.test_client()

    page = thief.get(link, follow_redirects=True)
    thief.post("/sign-in/link")

    assert page.status_code == 410
    assert who(thief) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(
    client: FlaskClient, app: Flask, database: Database, ada: Customer, method: str
) -> None:
    ask(client)
    link = email_to(database, "ada@example.com").link

    for _ in range(3):
        app.test_client().open(link, method=method, follow_redirects=True)

    client.get(link)
    client.post("/sign-in/link")
    assert who(client) == "ada@example.com"


def test_a_links_secret_is_removed_from_the_address_before_a_page_is_shown(
    client: FlaskClient, database: Database, ada: Customer
) -> None:
    ask(client)

    response = client.get(email_to(database, "ada@example.com").link)

    assert (response.status_code, response.location) == (303, "/sign-in/link")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.data == b""


def test_an_invented_link_looks_like_a_used_one(client: FlaskClient) -> None:
    page = client.get("/sign-in/link/made-up", follow_redirects=True)

    assert page.status_code == 410
    assert "Have a new e-mail sent" in page.text


def test_signing_in_clears_the_cookie_from_before(
    client: FlaskClient, app: Flask, database: Database, ada: Customer
) -> None:
    ask(client)
    earlier = the_cookie(client)

    enter(client, email_to(database, "ada@example.com").code)

    assert who(client) == "ada@example.com"
    assert who(with_cookie(app, earlier)) is None
    with client.session_transaction() as cookie:
        assert set(cookie) == {"_user_id", "_fresh", "_permanent"}


def test_signing_in_again_ends_the_earlier_session(
    client: FlaskClient, app: Flask, database: Database, ada: Customer, clock: Clock
) -> None:
    add_customer(database, "bob@example.com")
    sign_in(client, database, "ada@example.com")
    adas_cookie = the_cookie(client)
    ask(app.test_client(), "bob@example.com")

    page = client.get(email_to(database, "bob@example.com").link, follow_redirects=True)
    assert "You are signed in as ada@example.com now" in page.text
    client.post("/sign-in/link")

    assert who(client) == "bob@example.com"
    assert who(with_cookie(app, adas_cookie)) is None


def sign_in(client: FlaskClient, database: Database, address: str, **more: str) -> TestResponse:
    """Request an e-mail and sign in with its code."""
    ask(client, address)
    return enter(client, email_to(database, address).code, **more)


def test_signing_out_makes_a_stolen_copy_of_the_cookie_worthless(
    client: FlaskClient, app: Flask, database: Database, ada: Customer
) -> None:
    sign_in(client, database, "ada@example.com")
    stolen = the_cookie(client)
    assert who(with_cookie(app, stolen)) == "ada@example.com"

    response = client.post("/sign-out")

    assert who(client) is None
    assert who(with_cookie(app, stolen)) is None
    assert the_cookie(client) == ""
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert "You are signed out." in client.get(response.location).text


def test_signing_out_ends_only_this_browsers_session(
    client: FlaskClient, app: Flask, database: Database, ada: Customer, clock: Clock
) -> None:
    phone = app.test_client()
    sign_in(client, database, "ada@example.com")
    clock.move(seconds=1)
    sign_in(phone, database, "ada@example.com")

    client.post("/sign-out")

    assert who(phone) == "ada@example.com"


def test_a_link_can_not_sign_anybody_out(client: FlaskClient, database: Database, ada: Customer) -> None:
    sign_in(client, database, "ada@example.com")

    response = client.get("/sign-out")

    assert response.status_code == 405
    assert who(client) == "ada@example.com"


def test_signing_out_twice_is_no_error(client: FlaskClient) -> None:
    assert client.post("/sign-out").status_code == 303


@pytest.mark.parametrize(
    ("form", "hours", "is_signed_in"),
    [({}, 11.9, True), ({}, 12, False), ({"keep": "yes"}, 719.9, True), ({"keep": "yes"}, 720, False)],
)
def test_a_customer_stays_signed_in_for_half_a_day_or_if_they_want_for_a_month(
    client: FlaskClient,
    database: Database,
    ada: Customer,
    clock: Clock,
    form: dict[str, str],
    hours: float,
    is_signed_in: bool,
) -> None:
    sign_in(client, database, "ada@example.com", **form)

    clock.move(hours=hours)

    assert (who(client) is not None) == is_signed_in


@pytest.mark.parametrize("keep", [False, True])
def test_the_cookie_is_deleted_with_the_browser_session_unless_the_customer_wants_to_stay_signed_in(
    client: FlaskClient, database: Database, ada: Customer, keep: bool
) -> None:
    response = sign_in(client, database, "ada@example.com", **({"keep": "yes"} if keep else {}))

    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("tracker_80=")
    assert ("Expires=" in cookie) == keep
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_on_https_the_cookie_is_bound_to_this_host_and_to_tls(settings: Settings, database: Database) -> None:
    app = create_app(settings.model_copy(update={"base_url": "https://orders.example.com"}), database)

    response = app.test_client().post(
        "/sign-in", data={"email": "ada@example.com"}, base_url="https://orders.example.com"
    )

    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-tracker=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_two_development_machines_on_two_ports_do_not_sign_each_other_out(
    settings: Settings, database: Database
) -> None:
    names = [
        create_app(settings.model_copy(update={"base_url": f"http://localhost:{port}"}), database).config[
            "SESSION_COOKIE_NAME"
        ]
        for port in (8000, 8001)
    ]

    assert len(set(names)) == 2


def test_a_changed_cookie_is_invalid(app: Flask, client: FlaskClient, database: Database, ada: Customer) -> None:
    sign_in(client, database, "ada@example.com")
    head, _, signature = the_cookie(client).rpartition(".")

    forged = with_cookie(app, f"{head}.{signature[::-1]}")

    assert who(forged) is None


def test_signing_in_returns_to_the_requested_page(client: FlaskClient, database: Database, ada: Customer) -> None:
    to_sign_in = client.get("/who?a=1&b=2")
    assert to_sign_in.status_code == 303
    address = urlsplit(to_sign_in.location)
    next_path = parse_qs(address.query)["next"][0]
    assert (address.path, next_path) == ("/sign-in", "/who?a=1&b=2")

    assert f'value="{next_path.replace("&", "&amp;")}"' in client.get(to_sign_in.location).text
    ask(client, next=next_path)
    response = enter(client, email_to(database, "ada@example.com").code)

    assert response.location == "/who?a=1&b=2"


@pytest.mark.parametrize(
    "trap",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/orders\r\nSet-Cookie: a=b",
        " //evil.example",
        "/" + "a" * 2000,
        "",
    ],
)
def test_signing_in_never_redirects_to_another_site(
    client: FlaskClient, database: Database, ada: Customer, trap: str
) -> None:
    ask(client, next=trap)

    response = enter(client, email_to(database, "ada@example.com").code)
    signed_in = client.get("/sign-in", query_string={"next": trap})

    assert (response.location, signed_in.location) == ("/orders", "/orders")


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "Accept": "text/html"},
        {"Accept": "application/json"},
        {"Sec-Fetch-Mode": "cors", "Accept": "*/*"},
    ],
)
def test_a_script_gets_401_instead_of_the_sign_in_page(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/who", headers=headers).status_code == 401


def test_a_form_sent_after_the_session_ended_leads_to_the_sign_in_page(client: FlaskClient) -> None:
    response = client.post("/who", headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})

    assert (response.status_code, response.location) == (303, "/sign-in")


@pytest.mark.parametrize(
    "typed", ["", "nobody", "ada@example.com\r\nBcc: eve@example.org", "ada@example.com,eve@example.org"]
)
def test_an_invalid_address_is_refused_and_nothing_is_sent(
    client: FlaskClient, database: Database, ada: Customer, typed: str
) -> None:
    response = ask(client, typed)

    assert response.status_code == 422
    assert "It should be like name@example.com" in response.text
    with database.read_session() as session:
        assert session.scalars(select(Mail)).all() == []


def test_typed_text_is_shown_again_and_never_executed(client: FlaskClient) -> None:
    response = ask(client, '"><script>alert(1)</script>')

    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert" in response.text


def test_two_customers_signing_in_at_once_each_see_only_themselves(app: Flask, database: Database) -> None:
    addresses = [f"{name}@example.com" for name in ("ada", "bob", "cleo")]
    for address in addresses:
        add_customer(database, address)
    browsers = [app.test_client() for _ in addresses]

    for browser, address in zip(browsers, addresses, strict=True):
        ask(browser, address)
    for browser, address in zip(browsers, addresses, strict=True):
        enter(browser, email_to(database, address).code)

    assert [who(browser) for browser in browsers] == addresses


def test_a_signed_in_customer_is_not_asked_to_sign_in_again(
    client: FlaskClient, database: Database, ada: Customer
) -> None:
    sign_in(client, database, "ada@example.com")

    assert client.get("/sign-in").location == "/orders"
    assert client.get("/sign-in/code").location == "/sign-in"


def test_the_code_page_without_a_request_redirects_to_the_address_page(client: FlaskClient) -> None:
    assert client.get("/sign-in/code").location == "/sign-in"
