"""Authentication of the API: by the restaurant's secret or as its staff; everybody else learns nothing."""

import logging
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.staff_fixtures import let_work
from tests.browser_sessions import use_session
from tests.conftest import Clock
from tests.web.api.program import Program, a_program
from tracker.accounts.model import Customer, Role, StaffMember
from tracker.accounts.registration import rotate_restaurant_secret
from tracker.accounts.sign_in import start_session
from tracker.accounts.staff import remove_staff_member
from tracker.database import Database


@pytest.fixture
def program(client: FlaskClient, database: Database, clock: Clock) -> Program:
    return a_program(client, database, clock.now)


@pytest.fixture
def signed_in(program: Program, clock: Clock) -> Callable[[Program, Role], FlaskClient]:
    """Return a function that returns a browser with a session of a staff member of this role."""

    def sign_in(employer: Program, role: Role) -> FlaskClient:
        member = let_work(program.database, employer.restaurant, f"{role}@example.com", role, clock.now)
        with program.database.transaction() as session:
            person = session.get_one(Customer, member.customer_id)
            token = start_session(session, person, remember=False, now=clock.now)
        browser = program.client.application.test_client()
        use_session(browser, token)
        return browser

    return sign_in


EVERYWHERE = [
    ("GET", ""),
    ("PATCH", ""),
    ("POST", "/secrets"),
    ("GET", "/orders"),
    ("POST", "/orders"),
    ("GET", "/orders/{order}"),
    *(("POST", f"/orders/{{order}}/{act}") for act in ("confirm", "adjust", "reject", "progress", "promise")),
]
SECRET_ONLY = [
    ("GET", "/access_tokens"),
    ("POST", "/access_tokens"),
    ("DELETE", "/access_tokens"),
    ("DELETE", f"/access_tokens/{'0' * 24}"),
    ("POST", "/sign_in_addresses"),
]
WRONG_HEADERS = ["", "Bearer", "Bearer wrong", "Bearer \u00e9", "Basic YTpi", "Token x"]


def without_credentials(routes: list[tuple[str, str]]) -> pytest.MarkDecorator:
    """Parametrize by every route with one wrong header, and by the first route with all of them.

    Not every combination is needed, because all routes check the header in the same function.
    """
    cases = [(*route, "Bearer wrong") for route in routes] + [(*routes[0], header) for header in WRONG_HEADERS]
    return pytest.mark.parametrize(("method", "path", "header"), list(dict.fromkeys(cases)))


@without_credentials(EVERYWHERE)
def test_without_credentials_nobody_learns_whether_a_restaurant_or_order_exists(
    program: Program, method: str, path: str, header: str
) -> None:
    path = path.format(order=program.order_id)
    headers = {"Authorization": header} if header else {}

    existing = program.client.open(program.home + path, method=method, headers=headers)
    absent = program.client.open(f"/api/v1/restaurants/nowhere{path}", method=method, headers=headers)

    assert (existing.status_code, existing.mimetype) == (401, "application/problem+json")
    assert existing.headers["WWW-Authenticate"].startswith("Bearer")
    assert (existing.status_code, existing.data) == (absent.status_code, absent.data)


@without_credentials(SECRET_ONLY)
def test_where_no_restaurant_is_named_only_a_secret_is_accepted(
    program: Program, signed_in: Callable[[Program, Role], FlaskClient], method: str, path: str, header: str
) -> None:
    owner = signed_in(program, Role.OWNER)

    response = owner.open(f"/api/v1{path}", method=method, headers={"Authorization": header} if header else {})

    assert (response.status_code, response.json["type"]) == (401, "/problems/unauthenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_a_secret_gives_no_access_to_other_restaurants_and_does_not_reveal_whether_they_exist(
    program: Program, clock: Clock, method: str, path: str
) -> None:
    other = a_program(program.client, program.database, clock.now)
    path = path.format(order=other.order_id)
    headers = {"Authorization": f"Bearer {program.secret}"}

    foreign = program.client.open(other.home + path, method=method, headers=headers)
    absent = program.client.open(f"/api/v1/restaurants/{'0' * 24}{path}", method=method, headers=headers)

    assert foreign.status_code == 404
    assert (foreign.status_code, foreign.data) == (absent.status_code, absent.data)


@pytest.mark.parametrize("path", ["", *(f"/{act}" for act in ("confirm", "adjust", "reject", "progress", "promise"))])
@pytest.mark.parametrize("order_id", ["other", "0" * 24, "x", "%00"])
def test_another_restaurants_order_is_not_found_like_one_that_does_not_exist(
    program: Program, clock: Clock, path: str, order_id: str
) -> None:
    other = a_program(program.client, program.database, clock.now)
    order_id = other.order_id if order_id == "other" else order_id
    body = {"status": "Ready"} if path == "/progress" else {"time": 20} if path == "/adjust" else {}

    response = program.call("GET" if not path else "POST", f"/orders/{order_id}{path}", body if path else None)

    assert response.status_code == 404
    assert response.json["detail"] == "Not found, or it belongs to somebody else."
    assert other.order()["version"] == 1


def test_a_staff_member_can_use_the_api_with_their_session_and_the_history_names_them(
    program: Program, signed_in: Callable[[Program, Role], FlaskClient]
) -> None:
    browser = signed_in(program, Role.STAFF)

    response = browser.post(f"{program.home}/orders/{program.order_id}/confirm", json={"minutes": 20})

    assert response.status_code == 200, response.text
    assert response.json["history"][-1]["actor_name"] == "staff@example.com"


def test_a_member_of_the_staff_may_not_change_settings_and_an_owner_may(
    program: Program, signed_in: Callable[[Program, Role], FlaskClient]
) -> None:
    settings = {"answer_minutes": 15}

    staff, owner = (signed_in(program, role).patch(program.home, json=settings) for role in (Role.STAFF, Role.OWNER))

    assert (staff.status_code, staff.json["detail"]) == (403, "Only an owner of the restaurant may do this.")
    assert (owner.status_code, owner.json["answer_minutes"]) == (200, 15)


def test_staff_of_another_restaurant_and_former_staff_find_nothing(
    program: Program, clock: Clock, signed_in: Callable[[Program, Role], FlaskClient]
) -> None:
    other = a_program(program.client, program.database, clock.now)
    elsewhere, former = signed_in(other, Role.OWNER), signed_in(program, Role.STAFF)
    with program.database.transaction() as session:
        members = select(StaffMember).where(StaffMember.restaurant_id == program.restaurant.id)
        remove_staff_member(session, session.scalars(members).one())

    responses = [browser.get(f"{program.home}/orders") for browser in (elsewhere, former)]

    assert [response.status_code for response in responses] == [404, 404]


def test_a_page_of_another_site_can_not_use_the_session_of_the_staff(
    program: Program, signed_in: Callable[[Program, Role], FlaskClient]
) -> None:
    browser = signed_in(program, Role.OWNER)
    address = f"{program.home}/orders/{program.order_id}/reject"

    responses = [
        browser.post(address, headers=headers)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.com"})
    ]

    assert [(response.status_code, response.json["type"]) for response in responses] == [
        (403, "/problems/not-allowed")
    ] * 2
    assert program.order()["state"] == "placed"


def test_a_wrong_secret_is_refused_even_with_a_valid_session(
    program: Program, signed_in: Callable[[Program, Role], FlaskClient]
) -> None:
    browser = signed_in(program, Role.OWNER)

    response = browser.get(program.home, headers={"Authorization": "Bearer wrong"})

    assert response.status_code == 401


def test_a_replaced_secret_works_until_the_overlap_ends(program: Program, clock: Clock) -> None:
    response = program.call("POST", "/secrets", {"overlap_minutes": 30})
    old, new = program.secret, response.json["secret"]

    before = [
        program.call("GET", "", headers={"Authorization": f"Bearer {secret}"}).status_code for secret in (old, new)
    ]
    clock.move(minutes=31)
    after = [
        program.call("GET", "", headers={"Authorization": f"Bearer {secret}"}).status_code for secret in (old, new)
    ]

    assert response.status_code == 201
    assert response.json["previous_secret_expires_at"] == "2026-11-20T18:30:00Z"
    assert (before, after) == ([200, 200], [401, 200])


def test_the_secret_is_in_no_log_and_in_no_response_but_the_one_that_creates_it(
    program: Program, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with program.database.transaction() as session:
        newest = rotate_restaurant_secret(session, session.merge(program.restaurant), now=clock.now)

    responses = [
        program.call(method, path.format(order=program.order_id), None, headers={"Authorization": f"Bearer {secret}"})
        for method, path in EVERYWHERE
        for secret in (newest, program.secret)
    ]

    texts = caplog.text + "".join(response.text for response in responses)
    assert newest not in texts
    assert program.secret not in texts
