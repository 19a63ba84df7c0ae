"""Sign-in tickets: a shop's one-time addresses sign its customer in and show their order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.accounts.staff_fixtures import let_work
from tests.browser_sessions import use_session
from tests.builders import a_customer, an_own_order
from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tests.web.session.emails import email_to
from tracker.accounts.model import Customer, CustomerSession, Role
from tracker.accounts.sign_in import start_session
from tracker.database import Database
from tracker.orders.model import Order

ADA = "ada@example.com"
LINE = {"id": "1", "name": "Soup", "quantity": 1, "unit_price": 5}


@pytest.fixture
def program(app: Flask, database: Database, clock: Clock) -> Program:
    """The program of a restaurant's shop."""
    return a_program(app.test_client(), database, clock.now)


def address_to(program: Program, order_id: str, **fields: Any) -> str:
    """Return the path of a new sign-in ticket for this order."""
    response = program.ask("POST", "/sign_in_addresses", {"key": program.key, "order_id": order_id} | fields)
    assert response.status_code == 201, response.text
    assert response.json["address"].startswith("http://localhost/sign-in-ticket/")
    return urlsplit(response.json["address"]).path


def place_order(program: Program, key: str = "a", **customer: Any) -> str:
    """Place an order for this customer of the shop, and return its id."""
    body = {"customer": customer, "lines": [LINE], "fulfilment": "collection"}
    return str(program.call("POST", "/orders", body, headers={"Idempotency-Key": key}).json["id"])


@pytest.fixture
def order(program: Program) -> str:
    """Id of an order by Ada."""
    return place_order(program, id="7", email=ADA, email_verified=True)


def customer_by_address(database: Database, address: str) -> Customer:
    """Return the customer with this address; add one if there is none."""
    with database.transaction() as session:
        customer = session.scalars(select(Customer).where(Customer.email == address)).one_or_none()
        if customer is None:
            session.add(customer := a_customer(email=address))
        return customer


def sign_in(client: FlaskClient, database: Database, customer: Customer, clock: Clock) -> str:
    """Start an unrestricted session, as after an e-mail, and return its token."""
    with database.transaction() as session:
        token = start_session(session, customer, remember=True, now=clock.now)
    use_session(client, token)
    return token


def token_in(client: FlaskClient) -> str | None:
    with client.session_transaction() as cookie:
        return cookie.get("_user_id")


def sees(client: FlaskClient, order_id: str) -> bool:
    return client.get(f"/orders/{order_id}").status_code == 200


def is_expired(page: TestResponse) -> bool:
    return page.status_code == 410 and "Please start again from the shop" in page.text


def test_the_customer_arrives_signed_in_on_the_order_without_the_secret_in_any_address(
    client: FlaskClient, program: Program, order: str
) -> None:
    response = client.get(address_to(program, order))

    assert (response.status_code, response.location, response.data) == (303, f"/orders/{order}", b"")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert sees(client, order)
    with client.session_transaction() as cookie:
        assert set(cookie) == {"_user_id", "_fresh", "_permanent"}
        assert cookie["_permanent"] is False


def test_an_address_works_once(app: Flask, client: FlaskClient, program: Program, order: str) -> None:
    address = address_to(program, order)
    client.get(address)
    thief = app.test_client()

    assert is_expired(thief.get(address, follow_redirects=True))
    assert is_expired(client.get(address, follow_redirects=True))
    assert not sees(thief, order)
    assert sees(client, order)


def test_an_address_works_for_five_minutes_or_as_long_as_requested(
    client: FlaskClient, program: Program, order: str, clock: Clock
) -> None:
    usual, longest = address_to(program, order), address_to(program, order, expires_in=900)

    clock.move(minutes=5)
    assert is_expired(client.get(usual, follow_redirects=True))
    clock.move(minutes=9.9)
    assert client.get(longest).location == f"/orders/{order}"


@pytest.mark.parametrize(("expires_in", "status"), [(59, 422), (901, 422), (60, 201), (900, 201)])
def test_the_lifetime_of_an_address_has_limits(program: Program, order: str, expires_in: int, status: int) -> None:
    response = program.ask(
        "POST", "/sign_in_addresses", {"key": program.key, "order_id": order, "expires_in": expires_in}
    )

    assert response.status_code == status


def test_used_expired_revoked_and_invented_addresses_get_the_same_response(
    app: Flask, program: Program, order: str, clock: Clock
) -> None:
    ended = address_to(program, order)
    clock.move(minutes=6)
    used, revoked = address_to(program, order), address_to(program, order)
    app.test_client().get(used)
    program.ask("DELETE", f"/access_tokens?order_id={order}")

    responses = [app.test_client().get(address) for address in (used, ended, revoked, "/sign-in-ticket/made-up")]
    pages = [app.test_client().get(response.location) for response in responses]

    assert {
        (response.status_code, response.location, response.headers.get("Set-Cookie")) for response in responses
    } == {(303, "/sign-in-ticket", None)}
    assert all(is_expired(page) for page in pages)
    assert len({(page.status_code, page.text.count("\n"), len(page.data)) for page in pages}) == 1


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {}, 204),
        ("GET", {"Sec-Purpose": "prefetch"}, 503),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}, 503),
        ("GET", {"Purpose": "prefetch"}, 503),
        ("GET", {"X-Moz": "prefetch"}, 503),
        ("GET", {"X-Purpose": "preview"}, 503),
        ("GET", {"Sec-Fetch-Dest": "image"}, 503),
        ("GET", {"Sec-Fetch-Dest": "iframe"}, 503),
        ("GET", {"Sec-Fetch-Dest": "empty"}, 503),
    ],
)
def test_a_prefetch_does_not_use_an_address_up_and_signs_nobody_in(
    app: Flask, client: FlaskClient, program: Program, order: str, method: str, headers: dict[str, str], status: int
) -> None:
    valid_path, prefetching = address_to(program, order), app.test_client()

    valid, invented = (
        prefetching.open(path, method=method, headers=headers) for path in (valid_path, "/sign-in-ticket/made-up")
    )

    assert (valid.status_code, valid.data, valid.headers.get("Set-Cookie")) == (status, b"", None)
    assert valid.status_code == invented.status_code
    assert valid.headers["Cache-Control"] == "no-store"
    assert not sees(prefetching, order)
    assert client.get(valid_path, headers={"Sec-Fetch-Dest": "document"}).location == f"/orders/{order}"


@pytest.mark.both_databases
def test_of_several_browsers_at_the_same_moment_exactly_one_is_signed_in(
    app: Flask, program: Program, order: str, database: Database
) -> None:
    address, browsers = address_to(program, order), [app.test_client() for _ in range(4)]
    barrier = Barrier(len(browsers))

    def open_address(browser: FlaskClient) -> str:
        barrier.wait()
        return browser.get(address).location or ""

    with ThreadPoolExecutor(len(browsers)) as pool:
        locations = sorted(pool.map(open_address, browsers))

    assert locations == [f"/orders/{order}"] + ["/sign-in-ticket"] * 3
    assert [sees(browser, order) for browser in browsers].count(True) == 1
    with database.read_session() as session:
        assert len(session.scalars(select(CustomerSession)).all()) == 1


def test_a_shop_can_not_show_its_customers_orders_elsewhere_even_with_a_verified_address(
    client: FlaskClient, program: Program, order: str, clock: Clock, database: Database
) -> None:
    other = a_program(program.client, database, clock.now)
    elsewhere = place_order(other, "b", id="x", email=ADA, email_verified=True)

    client.get(address_to(program, order))

    page = client.get("/orders").text
    assert (sees(client, order), sees(client, elsewhere)) == (True, False)
    assert (order in page, elsewhere in page) == (True, False)
    for path in ("/live", "/token"):
        assert client.get(f"/orders/{elsewhere}{path}").status_code == 404
    with database.read_session() as session:
        owners = {session.get_one(Order, order_id).customer_id for order_id in (order, elsewhere)}
    assert len(owners) == 1


def test_after_a_ticket_the_list_says_which_orders_it_shows_and_how_to_see_all(
    client: FlaskClient, program: Program, order: str
) -> None:
    client.get(address_to(program, order))

    page = client.get("/orders")

    assert "You came here from <bdi>Bella Napoli</bdi>’s shop, and see your orders there." in page.text
    assert 'href="/sign-in?next=/orders">Sign in by e-mail</a>' in page.text
    assert client.get("/sign-in?next=/orders").status_code == 200


def test_a_customer_without_a_verified_address_is_not_offered_to_sign_in_by_e_mail(
    client: FlaskClient, program: Program
) -> None:
    client.get(address_to(program, place_order(program, id="8", email=ADA)))

    page = client.get("/orders")

    assert "You came here from <bdi>Bella Napoli</bdi>’s shop" in page.text
    assert "Sign in by e-mail" not in page.text


def test_after_signing_in_by_e_mail_the_list_does_not_mention_shops(
    client: FlaskClient, order: str, database: Database, clock: Clock
) -> None:
    sign_in(client, database, customer_by_address(database, ADA), clock)

    assert "You came here from" not in client.get("/orders").text


def test_a_customer_who_is_already_signed_in_keeps_their_session_and_the_address_is_used_up(
    app: Flask, client: FlaskClient, program: Program, order: str, database: Database, clock: Clock
) -> None:
    address = address_to(program, order)
    token = sign_in(client, database, customer_by_address(database, ADA), clock)

    response = client.get(address)

    assert response.location == f"/orders/{order}"
    assert token_in(client) == token
    assert is_expired(app.test_client().get(address, follow_redirects=True))


def test_a_second_ticket_of_the_same_shop_keeps_the_session(client: FlaskClient, program: Program, order: str) -> None:
    client.get(address_to(program, order))
    token = token_in(client)

    client.get(address_to(program, order))

    assert token_in(client) == token


def test_a_ticket_of_another_shop_shows_that_shops_orders_instead(
    client: FlaskClient, program: Program, order: str, clock: Clock, database: Database
) -> None:
    other = a_program(program.client, database, clock.now)
    elsewhere = place_order(other, "b", id="x", email=ADA, email_verified=True)
    client.get(address_to(other, elsewhere))
    assert sees(client, elsewhere)

    client.get(address_to(program, order))

    assert (sees(client, order), sees(client, elsewhere)) == (True, False)


@pytest.fixture
def as_bob(client: FlaskClient, database: Database, clock: Clock) -> str:
    """Sign Bob in and return his session's token."""
    return sign_in(client, database, customer_by_address(database, "bob@example.com"), clock)


def test_another_signed_in_customer_is_asked_before_the_account_is_switched(
    app: Flask, client: FlaskClient, program: Program, order: str, as_bob: str, database: Database, clock: Clock
) -> None:
    redirected = client.get(address_to(program, order))
    question = client.get(redirected.location)
    copy = app.test_client()
    use_session(copy, as_bob)

    assert (redirected.status_code, redirected.location) == (303, "/sign-in-ticket")
    assert question.status_code == 200
    assert "See an order at <bdi>Bella Napoli</bdi>?" in question.text
    assert "signed out as bob@example.com" in question.text
    assert "ada@" not in question.text
    assert not sees(client, order)
    response = client.post("/sign-in-ticket")
    assert response.location == f"/orders/{order}"
    assert sees(client, order)
    assert copy.get("/orders").status_code == 303
    assert is_expired(client.post("/sign-in-ticket"))


def test_a_customer_who_does_not_switch_keeps_their_session(
    app: Flask, client: FlaskClient, program: Program, order: str, as_bob: str
) -> None:
    address = address_to(program, order)
    client.get(address, follow_redirects=True)

    assert token_in(client) == as_bob
    assert app.test_client().get(address).location == f"/orders/{order}"
    assert is_expired(client.post("/sign-in-ticket"))
    assert token_in(client) == as_bob


def test_no_page_shows_the_verified_address_of_a_customer_whom_a_shop_signed_in(
    client: FlaskClient, program: Program, order: str, database: Database
) -> None:
    customer_by_address(database, "bob@example.com")
    client.post("/sign-in", data={"email": "bob@example.com"})
    client.get(address_to(program, order))

    pages = [
        client.get(path, follow_redirects=True)
        for path in (
            "/orders",
            f"/orders/{order}",
            email_to(database, "bob@example.com").link,
            address_to(program, place_order(program, "b")),
        )
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert "will be signed out" in pages[2].text
    assert "will be signed out" in pages[3].text
    assert not any(ADA in page.text for page in pages)


def test_the_account_can_be_switched_after_the_session_has_ended_meanwhile(
    client: FlaskClient, program: Program, order: str, as_bob: str, clock: Clock, database: Database
) -> None:
    client.get(address_to(program, order))
    with database.transaction() as session:
        for customer_session in session.scalars(select(CustomerSession)):
            customer_session.ended_at = clock.now

    question = client.get("/sign-in-ticket")

    assert "signed out" not in question.text
    assert client.post("/sign-in-ticket").location == f"/orders/{order}"


def test_an_invalid_address_does_not_show_the_question_about_an_earlier_one(
    client: FlaskClient, program: Program, order: str, as_bob: str
) -> None:
    client.get(address_to(program, order))

    page = client.get("/sign-in-ticket/made-up", follow_redirects=True)

    assert is_expired(page)
    assert "See your orders" in page.text


def test_a_page_of_another_site_can_not_press_the_button(
    client: FlaskClient, program: Program, order: str, as_bob: str
) -> None:
    client.get(address_to(program, order))

    response = client.post("/sign-in-ticket", headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403
    assert token_in(client) == as_bob


def test_a_ticket_opens_no_console_and_no_api_even_for_an_owners_address(
    client: FlaskClient, program: Program, database: Database, clock: Clock, owner_of: Callable[[Program], str]
) -> None:
    order = place_order(program, id="7", email=owner_of(program), email_verified=True)

    client.get(address_to(program, order))

    assert sees(client, order)
    assert client.get(f"/console/{program.restaurant.id}").status_code == 404
    assert client.get(program.home).status_code == 404


@pytest.fixture
def owner_of(database: Database, clock: Clock) -> Callable[[Program], str]:
    """Return a function that adds an owner to the program's restaurant and returns their address."""

    def make(program: Program) -> str:
        let_work(database, program.restaurant, "zoe@example.com", Role.OWNER, clock.now)
        return "zoe@example.com"

    return make


def test_the_session_of_a_sign_in_ticket_ends_after_half_a_day_and_with_the_browser(
    client: FlaskClient, program: Program, order: str, clock: Clock
) -> None:
    response = client.get(address_to(program, order))

    (cookie,) = response.headers.getlist("Set-Cookie")
    assert "Expires=" not in cookie
    clock.move(hours=12)
    assert not sees(client, order)


def test_a_shop_that_revokes_its_tokens_also_ends_the_sessions_of_its_tickets_and_no_others(
    app: Flask, client: FlaskClient, program: Program, order: str, database: Database, clock: Clock
) -> None:
    friend, bob, by_email = app.test_client(), app.test_client(), app.test_client()
    bobs = place_order(program, "b", id="8")
    for browser, order_id in ((client, order), (friend, order), (bob, bobs)):
        browser.get(address_to(program, order_id))
    sign_in(by_email, database, customer_by_address(database, ADA), clock)

    of_ada = program.ask("DELETE", "/access_tokens?customer_id=7").json
    after_ada = [sees(client, order), sees(friend, order), sees(bob, bobs)]
    of_all = program.ask("DELETE", "/access_tokens").json

    assert (of_ada["sessions"], of_all["sessions"]) == (2, 1)
    assert (after_ada, sees(bob, bobs)) == ([False, False, True], False)
    assert sees(by_email, order)


def test_revoking_the_tokens_of_an_order_or_application_ends_no_session(
    client: FlaskClient, program: Program, order: str
) -> None:
    client.get(address_to(program, order))

    ended = [
        program.ask("DELETE", f"/access_tokens?{query}").json for query in (f"order_id={order}", f"key={program.key}")
    ]

    assert [response["sessions"] for response in ended] == [0, 0]
    assert sees(client, order)


def test_signing_in_by_e_mail_afterwards_shows_all_orders_of_the_customer(
    client: FlaskClient, program: Program, order: str, database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        ada = session.scalars(select(Customer).where(Customer.email == ADA)).one()
        elsewhere = an_own_order(customer=ada)
        session.add(elsewhere)
    client.get(address_to(program, order))
    assert not sees(client, elsewhere.id)

    sign_in(client, database, ada, clock)

    assert sees(client, order)
    assert sees(client, elsewhere.id)
