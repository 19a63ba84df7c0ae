"""Share links on the customer's pages: making, listing and revoking them."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING, a_customer
from tests.conftest import Clock
from tests.order_actions import COMPLETE, CONFIRM, an_own_order, kitchen
from tests.page_text import words_of
from tests.web.customer.adjusted_order import Table, a_table, is_signed_in
from tracker.database import Database
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.share_links import MAX_LINKS, ShareLink

REJECT = kitchen(by_restaurant.reject_order, "We are closing soon.")


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """A customer with an order that the restaurant has not confirmed yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


def links_on(page: str) -> list[str]:
    """Return the links that the page shows for copying."""
    return [unescape(address) for address in re.findall(r'readonly value="([^"]+)"', page)]


def stored_links(database: Database) -> list[ShareLink]:
    with database.read_session() as session:
        return session.query(ShareLink).order_by(ShareLink.id).all()


def test_the_order_page_offers_sharing_below_the_decision_and_the_progress(table: Table) -> None:
    table.prepare_for("accept")

    page = table.page()

    assert page.index('id="decision"') < page.index('id="timeline"') < page.index('id="share"')
    assert f'action="{table.address}/share"' in page


@pytest.mark.parametrize("is_over", [True, False])
def test_an_order_can_be_shared_until_four_hours_after_its_end(table: Table, is_over: bool) -> None:
    table.complete()
    table.clock.move(hours=4, microseconds=0 if is_over else -1)

    page = table.page()

    assert ('id="share-form"' in page) != is_over
    assert ('id="share"' in page) != is_over


def test_a_rejected_order_can_not_be_shared_but_its_links_can_still_be_stopped(table: Table) -> None:
    table.submit("share")
    table.step(REJECT)

    page = table.page()

    assert 'id="share-form"' not in page
    assert f'href="{table.address}/share"' in page
    sharing = table.client.get(f"{table.address}/share").text
    assert len(links_on(sharing)) == 1
    assert 'id="another"' not in sharing


def test_without_scripts_sharing_leads_to_a_page_with_the_link_and_its_lifetime(table: Table) -> None:
    response = table.submit("share")

    assert response.status_code == 303
    page = table.client.get(response.location).text
    [address] = links_on(page)
    assert re.fullmatch(r"http://localhost/shared/[\w-]{43}", address)
    assert "For everybody you send it to" in words_of(page)
    assert "Since 18:00 , until 4 hours after the order has ended" in words_of(page)
    assert table.client.get(address).status_code == 200


def test_with_a_script_sharing_returns_the_url_and_title_for_the_share_sheet(table: Table) -> None:
    response = table.client.post(f"{table.address}/share", headers={"Accept": "application/json"})

    assert response.status_code == 200
    assert response.json == {"url": links_on(table.client.get(f"{table.address}/share").text)[0]} | {
        "title": "Follow the order from Bella Napoli"
    }


def test_sharing_twice_makes_one_link_and_a_name_makes_another(table: Table, database: Database) -> None:
    for _ in range(2):
        table.submit("share")
    table.submit("share", made_for="  Sam   Smith ")

    assert sorted(link.made_for or "" for link in stored_links(database)) == ["", "Sam Smith"]


@pytest.mark.parametrize("name", ["<b>Zoë</b>", "علی‌رضا", "👩‍👩‍👧", '"><script>', "{{ 7 * 7 }}", "O’Neill & sons"])
def test_a_name_is_shown_as_it_was_typed_and_only_to_the_customer(table: Table, name: str) -> None:
    page = table.client.get(table.submit("share", made_for=name).location).text

    assert unescape(re.search(r"For <bdi>(.*?)</bdi>", page)[1]) == name
    assert name not in unescape(table.client.get(links_on(page)[0]).text)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_sharing_an_order_that_ended_long_ago_is_refused(table: Table, database: Database, accept: str) -> None:
    table.complete()
    table.clock.move(hours=5)

    response = table.client.post(f"{table.address}/share", headers={"Accept": accept})

    assert response.status_code == 409
    assert "This order ended a while ago; there is nothing left to share." in words_of(response.text)
    assert stored_links(database) == []


def test_a_name_that_is_too_long_is_refused_on_the_page_with_the_links(table: Table) -> None:
    table.submit("share")

    response = table.submit("share", made_for="x" * 81)

    assert response.status_code == 409
    assert "at most 80 characters" in response.text
    assert len(links_on(response.text)) == 1


def test_an_order_can_have_ten_links_and_no_more(table: Table, database: Database) -> None:
    for number in range(MAX_LINKS):
        table.submit("share", made_for=f"Friend {number}")

    page = table.client.get(f"{table.address}/share").text
    refused = table.submit("share", made_for="One more")

    assert 'id="another"' not in page
    assert "Stop one of them" in words_of(page)
    assert (refused.status_code, len(stored_links(database))) == (409, MAX_LINKS)


def test_after_the_end_of_the_order_the_page_says_until_when_its_links_are_valid(table: Table) -> None:
    table.submit("share")
    table.complete()
    table.clock.move(minutes=5)

    page = words_of(table.client.get(f"{table.address}/share").text)

    assert ", until 22:00" in page


def test_a_stopped_link_is_not_listed_and_shows_nothing(table: Table, database: Database) -> None:
    page = table.client.get(table.submit("share", made_for="Sam").location).text
    [address], [link] = links_on(page), stored_links(database)
    stop = f"{table.address}/share/{link.id}/revoke"
    assert f'action="{stop}"' in page

    responses = [table.client.post(stop) for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 303]
    assert "Nobody can follow this order but you" in words_of(table.client.get(responses[0].location).text)
    assert table.client.get(address).status_code == 404


def test_nobody_else_can_see_make_or_stop_a_link(table: Table, database: Database) -> None:
    table.submit("share")
    [link] = stored_links(database)
    somebody_else = table.client.application.test_client()
    with database.transaction() as session:
        session.add(bob := a_customer(email="bob@example.com"))
    is_signed_in(somebody_else, database, bob)
    share = f"{table.address}/share"

    responses = [
        somebody_else.get(share),
        somebody_else.post(share),
        somebody_else.post(share, headers={"Accept": "application/json"}),
        somebody_else.post(f"{share}/{link.id}/revoke"),
        table.client.post(f"{share}/{'0' * 24}/revoke"),
        table.client.post(f"{share}/nonsense/revoke"),
    ]

    assert [response.status_code for response in responses] == [404] * 6
    assert [(stored.id, stored.revoked_at) for stored in stored_links(database)] == [(link.id, None)]


def test_without_a_session_the_pages_about_links_lead_to_the_sign_in_page_and_back(table: Table) -> None:
    signed_out, share = table.client.application.test_client(), f"{table.address}/share"

    responses = [signed_out.get(share), signed_out.post(share), signed_out.post(f"{share}/{'0' * 24}/revoke")]

    assert {response.location for response in responses} == {f"/sign-in?next=/orders/{table.order_id}/share"}


def test_the_page_with_the_links_is_not_cached(table: Table) -> None:
    page = table.client.get(table.submit("share").location)
    json_response = table.client.post(f"{table.address}/share", headers={"Accept": "application/json"})

    assert {response.headers["Cache-Control"] for response in (page, json_response)} == {"private, no-store"}


def test_an_old_browser_that_sends_only_origin_can_stop_a_link(table: Table) -> None:
    page = table.client.get(table.submit("share").location)
    [stop] = re.findall(r'action="([^"]+/revoke)"', page.text)

    # With the policy no-referrer the browser would send Origin: null, as for a form of another site.
    assert page.headers["Referrer-Policy"] != "no-referrer"
    assert table.client.post(stop, headers={"Origin": "http://localhost"}).status_code == 303


def test_a_link_made_before_the_end_shows_how_the_order_ended(table: Table, database: Database) -> None:
    [address] = links_on(table.client.get(table.submit("share").location).text)

    for step in (CONFIRM, COMPLETE):
        table.step(step)

    assert "has delivered the order" in words_of(table.client.get(address).text)
