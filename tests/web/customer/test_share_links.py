"""Where customers share their order: one tap, a list of links that says how long they live, and a way to stop each."""

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
    """A customer whose order nobody has answered yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


def links_on(page: str) -> list[str]:
    """The addresses that stand there to be copied."""
    return [unescape(found) for found in re.findall(r'readonly value="([^"]+)"', page)]


def kept(database: Database) -> list[ShareLink]:
    with database.read_session() as session:
        return session.query(ShareLink).order_by(ShareLink.id).all()


def test_the_order_page_offers_to_share_below_the_progress_and_never_above_a_decision(table: Table) -> None:
    table.is_ready_for("accept")

    page = table.page()

    assert page.index('id="decision"') < page.index('id="timeline"') < page.index('id="share"')
    assert f'action="{table.address}/share"' in page


@pytest.mark.parametrize("is_over", [True, False])
def test_an_order_is_offered_for_some_hours_after_its_end(table: Table, is_over: bool) -> None:
    table.hands_over()
    table.clock.move(hours=4, microseconds=0 if is_over else -1)

    page = table.page()

    assert ('id="share-form"' in page) != is_over
    assert ('id="share"' in page) != is_over


def test_an_order_that_came_to_nothing_is_not_offered_but_its_links_can_still_be_stopped(table: Table) -> None:
    table.does("share")
    table.step(REJECT)

    page = table.page()

    assert 'id="share-form"' not in page
    assert f'href="{table.address}/share"' in page
    sharing = table.client.get(f"{table.address}/share").text
    assert len(links_on(sharing)) == 1
    assert 'id="another"' not in sharing


def test_without_scripts_a_tap_leads_to_a_page_with_the_link_and_all_that_is_to_be_known_of_it(table: Table) -> None:
    response = table.does("share")

    assert response.status_code == 303
    page = table.client.get(response.location).text
    [address] = links_on(page)
    assert re.fullmatch(r"http://localhost/shared/[\w-]{43}", address)
    assert "For everybody you send it to" in words_of(page)
    assert "Since 18:00 , until 4 hours after the order has ended" in words_of(page)
    assert table.client.get(address).status_code == 200


def test_with_a_script_a_tap_is_answered_with_what_the_share_sheet_wants(table: Table) -> None:
    response = table.client.post(f"{table.address}/share", headers={"Accept": "application/json"})

    assert response.status_code == 200
    assert response.json == {"url": links_on(table.client.get(f"{table.address}/share").text)[0]} | {
        "title": "Follow the order from Bella Napoli"
    }


def test_two_taps_make_one_link_and_a_name_makes_another(table: Table, database: Database) -> None:
    for _ in range(2):
        table.does("share")
    table.does("share", made_for="  Sam   Smith ")

    assert sorted(link.made_for or "" for link in kept(database)) == ["", "Sam Smith"]


@pytest.mark.parametrize("name", ["<b>Zoë</b>", "علی‌رضا", "👩‍👩‍👧", '"><script>', "{{ 7 * 7 }}", "O’Neill & sons"])
def test_a_name_is_shown_as_it_was_written_and_to_nobody_else(table: Table, name: str) -> None:
    page = table.client.get(table.does("share", made_for=name).location).text

    assert unescape(re.search(r"For <bdi>(.*?)</bdi>", page)[1]) == name
    assert name not in unescape(table.client.get(links_on(page)[0]).text)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_what_can_not_be_shared_is_said_kindly(table: Table, database: Database, accept: str) -> None:
    table.hands_over()
    table.clock.move(hours=5)

    response = table.client.post(f"{table.address}/share", headers={"Accept": accept})

    assert response.status_code == 409
    assert "This order ended a while ago; there is nothing left to share." in words_of(response.text)
    assert kept(database) == []


def test_a_name_that_is_too_long_is_refused_on_the_page_with_the_links(table: Table) -> None:
    table.does("share")

    response = table.does("share", made_for="x" * 81)

    assert response.status_code == 409
    assert "at most 80 letters" in response.text
    assert len(links_on(response.text)) == 1


def test_with_ten_links_no_other_is_offered_nor_made(table: Table, database: Database) -> None:
    for number in range(MAX_LINKS):
        table.does("share", made_for=f"Friend {number}")

    page = table.client.get(f"{table.address}/share").text
    refused = table.does("share", made_for="One more")

    assert 'id="another"' not in page
    assert "Stop one of them" in words_of(page)
    assert (refused.status_code, len(kept(database))) == (409, MAX_LINKS)


def test_when_the_order_has_ended_the_page_says_until_when_its_links_live(table: Table) -> None:
    table.does("share")
    table.hands_over()
    table.clock.move(minutes=5)

    page = words_of(table.client.get(f"{table.address}/share").text)

    assert ", until 22:00" in page


def test_a_link_that_is_stopped_is_gone_from_the_page_and_shows_nothing(table: Table, database: Database) -> None:
    page = table.client.get(table.does("share", made_for="Sam").location).text
    [address], [link] = links_on(page), kept(database)
    stop = f"{table.address}/share/{link.id}/revoke"
    assert f'action="{stop}"' in page

    responses = [table.client.post(stop) for _ in range(2)]

    assert [response.status_code for response in responses] == [303, 303]
    assert "Nobody can follow this order but you" in words_of(table.client.get(responses[0].location).text)
    assert table.client.get(address).status_code == 404


def test_nobody_else_sees_makes_or_stops_a_link(table: Table, database: Database) -> None:
    table.does("share")
    [link] = kept(database)
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
    assert [(each.id, each.revoked_at) for each in kept(database)] == [(link.id, None)]


def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back_to_the_links(table: Table) -> None:
    nobody, share = table.client.application.test_client(), f"{table.address}/share"

    responses = [nobody.get(share), nobody.post(share), nobody.post(f"{share}/{'0' * 24}/revoke")]

    assert {response.location for response in responses} == {f"/sign-in?next=/orders/{table.order_id}/share"}


def test_the_page_with_the_links_is_kept_by_nobody(table: Table) -> None:
    page = table.client.get(table.does("share").location)
    told = table.client.post(f"{table.address}/share", headers={"Accept": "application/json"})

    assert {response.headers["Cache-Control"] for response in (page, told)} == {"private, no-store"}


def test_an_old_browser_that_says_only_from_where_a_form_comes_can_stop_a_link(table: Table) -> None:
    page = table.client.get(table.does("share").location)
    [stop] = re.findall(r'action="([^"]+/revoke)"', page.text)

    # With a policy of no referrer at all it would say "null", as for a form of somebody else's.
    assert page.headers["Referrer-Policy"] != "no-referrer"
    assert table.client.post(stop, headers={"Origin": "http://localhost"}).status_code == 303


def test_a_link_made_before_it_ended_lives_on_with_the_order(table: Table, database: Database) -> None:
    [address] = links_on(table.client.get(table.does("share").location).text)

    for step in (CONFIRM, COMPLETE):
        table.step(step)

    assert "has delivered the order" in words_of(table.client.get(address).text)
