"""Access to the console: by the restaurant's staff only; for all others it does not exist."""

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
    """A restaurant whose owner is signed in to the console."""
    return at_work(client, database, clock)


def without_nonces(html: str) -> str:
    """Return the page without its nonces, which are new in every response."""
    return re.sub(r'nonce="[^"]+"', "", html)


# --- access ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_people_who_do_not_work_there_get_the_response_of_a_restaurant_that_does_not_exist(
    work: Work, path: str
) -> None:
    elsewhere = a_restaurant(id="6" * 24)
    with work.database.transaction() as session:
        session.add(elsewhere)
    let_work(work.database, elsewhere, "rival@example.com", Role.OWNER, EVENING)
    order_id = work.place_order()
    place = work.board + path.format(order=order_id)
    nowhere = f"/console/{new_id(EVENING)}{path.format(order=order_id)}"

    for stranger in ("rival@example.com", work.customer.email):
        work.sign_in(stranger or "")
        responses = [work.client.get(address) for address in (place, nowhere, "/console/nonsense" + path)]

        assert [response.status_code for response in responses] == [404] * 3
        assert len({without_nonces(response.text) for response in responses}) == 1


@pytest.mark.parametrize("path", FORMS)
def test_people_who_do_not_work_there_can_change_nothing(work: Work, path: str) -> None:
    order_id = work.place_order()
    work.sign_in(work.customer.email or "")

    response = work.client.post(work.board + path.format(order=order_id), data={"minutes": "30", "status": "Delivered"})

    assert response.status_code == 404
    assert work.order(order_id).version == 1


@pytest.mark.parametrize("path", PAGES[3:8] + FORMS[:6])
def test_the_staff_can_not_find_the_orders_of_another_restaurant(work: Work, path: str) -> None:
    elsewhere = a_restaurant(id="6" * 24)
    with work.database.transaction() as session:
        foreign_order = an_own_order(elsewhere, customer=session.merge(work.customer))
        session.add(foreign_order)
    address = work.board + path.format(order=foreign_order.id)

    responses = [work.client.get(address), work.client.post(address, data={"minutes": "30", "status": "Ready"})]

    assert {response.status_code for response in responses} <= {404, 405}
    assert 404 in {response.status_code for response in responses}
    assert work.order(foreign_order.id).version == 1


@pytest.mark.parametrize(
    "path", ["/console", "/console/555555555555555555555555", "/console/" + "5" * 24 + "/settings"]
)
def test_visitors_who_are_not_signed_in_are_sent_to_sign_in_and_brought_back(work: Work, path: str) -> None:
    stranger = work.client.application.test_client()

    response = stranger.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 303
    assert response.location.startswith(("/sign-in?next=/console", "/sign-in?next=%2Fconsole"))
    assert stranger.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_a_removed_staff_member_finds_nothing_any_more_with_the_same_session(work: Work) -> None:
    work.sign_in(COOK)
    assert work.client.get(work.board).status_code == 200

    with work.database.transaction() as session:
        remove_staff_member(session, session.query(StaffMember).filter_by(role=Role.STAFF).one())

    assert work.client.get(work.board).status_code == 404
    assert work.client.get(f"{work.board}/token").status_code == 404


@pytest.mark.parametrize("path", ["/settings", "/settings/staff", "/settings/secret", "/settings/statuses/table"])
def test_only_owners_can_see_and_change_settings(work: Work, path: str) -> None:
    work.sign_in(COOK)

    assert work.client.get(f"{work.board}/settings").status_code == 404
    assert work.client.post(work.board + path).status_code == 404
    assert "Settings" not in work.client.get(work.board).text


def test_the_console_leads_to_the_only_restaurant_or_offers_a_choice_of_several(work: Work) -> None:
    only = work.client.get("/console")
    let_work(work.database, a_restaurant(id="6" * 24, name="Sol y Sombra"), OWNER, Role.STAFF, EVENING)

    several = work.client.get("/console")
    work.sign_in(work.customer.email or "")

    assert (only.status_code, only.location) == (303, work.board)
    assert "Bella Napoli" in several.text
    assert f'href="/console/{"6" * 24}"' in several.text
    assert work.client.get("/console").status_code == 404


def test_the_page_listens_with_a_token_for_its_restaurant(work: Work, settings: Settings) -> None:
    response = work.client.get(f"{work.board}/token")
    page = work.client.get(work.board).text

    claims = read_console_token(settings.secret_key.get_secret_value(), response.json["access_token"], now=work.now)
    assert claims is not None
    assert claims.restaurant_id == work.restaurant.id
    assert response.headers["Cache-Control"] == "private, no-store"
    assert f'data-channel="presence-r-{work.restaurant.id}"' in page
    assert 'data-proof="secret"' in page


def test_no_cache_stores_the_pages_of_the_console(work: Work) -> None:
    order_id = work.place_order()

    responses = [work.client.get(work.board + path.format(order=order_id)) for path in PAGES]

    assert {response.headers["Cache-Control"] for response in responses} == {"private, no-store"}
    assert {response.status_code for response in responses} == {200}


def test_a_cached_region_of_one_restaurant_is_not_sent_to_another(work: Work) -> None:
    work.place_order()
    etag = work.client.get(f"{work.board}/live").headers["ETag"]
    let_work(work.database, a_restaurant(id="6" * 24), "rival@example.com", Role.OWNER, EVENING)

    work.sign_in("rival@example.com")
    response = work.client.get(f"/console/{'6' * 24}/live", headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert "A42" not in not_drawn(response.text)
