"""The console: who may look at it, and who may not even know that it is there."""

import re

import pytest
from flask.testing import FlaskClient

from tests.accounts.staff_fixtures import let_work
from tests.builders import EVENING, a_restaurant, an_own_order
from tests.conftest import Clock
from tests.page_text import not_drawn
from tests.web.console.kitchen import COOK, OWNER, Work, at_work
from tracker.accounts.model import Role, StaffMember
from tracker.accounts.staff import remove_staff_member
from tracker.accounts.tokens import read_console_token
from tracker.config import Settings
from tracker.database import Database
from tracker.ids import new_id

PAGES = ["", "/live", "/token", "/orders/{order}", "/orders/{order}/live", "/orders/{order}/confirm"]
PAGES += ["/orders/{order}/reject", "/orders/{order}/adjust", "/settings"]
FORMS = ["/orders/{order}/confirm", "/orders/{order}/reject", "/orders/{order}/progress", "/orders/{order}/promise"]
FORMS += ["/orders/{order}/adjust", "/orders/{order}/adjust/preview", "/settings", "/settings/staff"]
FORMS += ["/settings/staff/{order}", "/settings/secret", "/settings/statuses/delivery"]


@pytest.fixture
def work(client: FlaskClient, database: Database, clock: Clock) -> Work:
    """A restaurant whose owner looks at the console."""
    return at_work(client, database, clock)


def without_nonces(html: str) -> str:
    """The page without what is new in every answer."""
    return re.sub(r'nonce="[^"]+"', "", html)


# --- who may look ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_who_does_not_work_there_sees_what_does_not_exist(work: Work, path: str) -> None:
    elsewhere = a_restaurant(id="6" * 24)
    with work.database.transaction() as session:
        session.add(elsewhere)
    let_work(work.database, elsewhere, "rival@example.com", Role.OWNER, EVENING)
    known = work.takes_in()
    place = work.board + path.format(order=known)
    nowhere = f"/console/{new_id(EVENING)}{path.format(order=known)}"

    for stranger in ("rival@example.com", work.customer.email):
        work.sign_in(stranger or "")
        responses = [work.client.get(address) for address in (place, nowhere, "/console/nonsense" + path)]

        assert [response.status_code for response in responses] == [404] * 3
        assert len({without_nonces(response.text) for response in responses}) == 1


@pytest.mark.parametrize("path", FORMS)
def test_who_does_not_work_there_changes_nothing(work: Work, path: str) -> None:
    known = work.takes_in()
    work.sign_in(work.customer.email or "")

    response = work.client.post(work.board + path.format(order=known), data={"minutes": "30", "status": "Delivered"})

    assert response.status_code == 404
    assert work.order(known).version == 1


@pytest.mark.parametrize("path", PAGES[3:8] + FORMS[:6])
def test_the_order_of_another_restaurant_is_not_found_by_who_works_here(work: Work, path: str) -> None:
    elsewhere = a_restaurant(id="6" * 24)
    with work.database.transaction() as session:
        theirs = an_own_order(elsewhere, customer=session.merge(work.customer))
        session.add(theirs)
    address = work.board + path.format(order=theirs.id)

    responses = [work.client.get(address), work.client.post(address, data={"minutes": "30", "status": "Ready"})]

    assert {response.status_code for response in responses} <= {404, 405}
    assert 404 in {response.status_code for response in responses}
    assert work.order(theirs.id).version == 1


@pytest.mark.parametrize(
    "path", ["/console", "/console/555555555555555555555555", "/console/" + "5" * 24 + "/settings"]
)
def test_who_is_not_signed_in_is_asked_to_and_brought_back(work: Work, path: str) -> None:
    stranger = work.client.application.test_client()

    response = stranger.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 303
    assert response.location.startswith(("/sign-in?next=/console", "/sign-in?next=%2Fconsole"))
    assert stranger.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_who_was_let_go_sees_nothing_any_more_with_the_same_session(work: Work) -> None:
    work.sign_in(COOK)
    assert work.client.get(work.board).status_code == 200

    with work.database.transaction() as session:
        remove_staff_member(session, session.query(StaffMember).filter_by(role=Role.STAFF).one())

    assert work.client.get(work.board).status_code == 404
    assert work.client.get(f"{work.board}/token").status_code == 404


@pytest.mark.parametrize("path", ["/settings", "/settings/staff", "/settings/secret", "/settings/statuses/table"])
def test_settings_are_for_owners_alone(work: Work, path: str) -> None:
    work.sign_in(COOK)

    assert work.client.get(f"{work.board}/settings").status_code == 404
    assert work.client.post(work.board + path).status_code == 404
    assert "Settings" not in work.client.get(work.board).text


def test_the_way_in_leads_to_the_one_restaurant_or_offers_those_where_one_works(work: Work) -> None:
    only = work.client.get("/console")
    let_work(work.database, a_restaurant(id="6" * 24, name="Sol y Sombra"), OWNER, Role.STAFF, EVENING)

    several = work.client.get("/console")
    work.sign_in(work.customer.email or "")

    assert (only.status_code, only.location) == (303, work.board)
    assert "Bella Napoli" in several.text
    assert f'href="/console/{"6" * 24}"' in several.text
    assert work.client.get("/console").status_code == 404


def test_the_page_listens_with_a_token_of_its_own_that_says_which_restaurant(work: Work, settings: Settings) -> None:
    response = work.client.get(f"{work.board}/token")
    page = work.client.get(work.board).text

    said = read_console_token(settings.secret_key.get_secret_value(), response.json["access_token"], now=work.now)
    assert said is not None
    assert said.restaurant_id == work.restaurant.id
    assert response.headers["Cache-Control"] == "private, no-store"
    assert f'data-channel="presence-r-{work.restaurant.id}"' in page
    assert 'data-proof="secret"' in page


def test_every_page_of_the_console_is_kept_by_nobody(work: Work) -> None:
    order_id = work.takes_in()

    responses = [work.client.get(work.board + path.format(order=order_id)) for path in PAGES]

    assert {response.headers["Cache-Control"] for response in responses} == {"private, no-store"}
    assert {response.status_code for response in responses} == {200}


def test_what_one_restaurant_has_just_looked_at_is_not_handed_to_another(work: Work) -> None:
    work.takes_in()
    etag = work.client.get(f"{work.board}/live").headers["ETag"]
    let_work(work.database, a_restaurant(id="6" * 24), "rival@example.com", Role.OWNER, EVENING)

    work.sign_in("rival@example.com")
    response = work.client.get(f"/console/{'6' * 24}/live", headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert "A42" not in not_drawn(response.text)
