"""The address of a shared page is a key: who has it sees the order until it is taken back or over, nobody else learns
it, and a dead one tells no more than one that never was."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import EVENING
from tests.conftest import Clock
from tests.order_actions import an_own_order
from tests.page_text import words_of
from tests.web.customer.adjusted_order import a_table
from tests.web.share.friend import Friend, a_friend
from tracker.database import Database

GONE = "This link doesn’t show an order (any more) Ask whoever sent it to you for a new one."


@pytest.fixture
def friend(client: FlaskClient, database: Database, clock: Clock) -> Friend:
    """Somebody to whom a customer has sent the link to their order, which nobody has answered yet."""
    return a_friend(a_table(client, database, clock, an_own_order(EVENING)))


def test_two_links_to_one_order_never_show_each_others_address(friend: Friend) -> None:
    other = a_friend(friend.table, "Kim")

    regions = [each.client.get(f"{each.path}/live") for each in (friend, other)]

    assert regions[0].headers["ETag"] != regions[1].headers["ETag"]
    assert other.path not in regions[0].text
    assert friend.path not in regions[1].text


PARTS = ["", "/live", "/token"]


@pytest.mark.parametrize("part", PARTS)
def test_an_address_that_is_a_key_is_kept_by_nobody_told_to_nobody_and_found_by_nobody(
    friend: Friend, part: str
) -> None:
    alive = friend.client.get(friend.path + part)
    same = friend.client.get(friend.path + part, headers={"If-None-Match": alive.headers.get("ETag", '"none"')})
    dead = friend.client.get("/shared/a-guess" + part)

    for response in (alive, same, dead):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("part", PARTS)
def test_a_link_that_is_stopped_over_or_nonsense_is_answered_like_one_that_never_was(friend: Friend, part: str) -> None:
    stopped = a_friend(friend.table, "Kim")
    stopped.stop()
    responses = [stopped.client.get(stopped.path + part)]
    for guess in ("a-guess", "0" * 43, "ü", "%25", "x" * 3000, friend.secret[:-1]):
        responses.append(friend.client.get(f"/shared/{guess}{part}"))
    responses.append(friend.table.client.get(f"/shared/a-guess{part}"))  # who is signed in is told no more
    friend.table.hands_over()
    friend.table.clock.move(hours=4)
    responses.append(friend.client.get(friend.path + part))

    assert {response.status_code for response in responses} == {404}
    assert len({response.data for response in responses}) == 1
    headers = [{name: re.sub("nonce-[^']+", "", value) for name, value in response.headers} for response in responses]
    assert headers == [headers[0]] * len(headers)
    assert GONE in words_of(responses[0].text)


def test_a_link_shows_an_ended_order_until_the_minute_that_it_says(friend: Friend) -> None:
    friend.table.hands_over()
    friend.table.clock.move(hours=4, microseconds=-1)

    last = friend.page()
    friend.table.clock.move(microseconds=1)

    assert "This page can be seen until 22:00" in words_of(last.text)
    assert friend.page().status_code == 404


def test_a_preview_of_the_link_names_the_restaurant_and_nobody(friend: Friend) -> None:
    head = unescape(friend.page().text.split("</head>")[0])

    assert '<meta property="og:title" content="Follow the order from Bella Napoli">' in head
    assert "<title>Waiting for Bella Napoli to confirm the order</title>" in re.sub(r">\s+", ">", head)
    assert friend.secret not in re.search(r"<title>.*?</title>", head, re.S)[0]


def test_no_line_of_the_log_has_the_secret(friend: Friend, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    for path in (friend.path, f"{friend.path}/live", f"{friend.path}/token", "/shared/a-guess"):
        friend.client.get(path)
    friend.client.get("/oembed", query_string={"url": friend.address})

    rules = [vars(line)["rule"] for line in caplog.records if line.getMessage() == "request"]
    assert rules[:3] == ["/shared/<secret>", "/shared/<secret>/live", "/shared/<secret>/token"]
    assert [line for line in caplog.records if friend.secret in str(vars(line))] == []


def test_the_order_is_seen_by_whoever_has_the_link_for_as_long_as_nobody_told_its_end(friend: Friend) -> None:
    friend.table.clock.move(hours=47)
    shown = friend.page().status_code

    friend.table.clock.now = EVENING + timedelta(hours=48, minutes=45)  # it was asked for at 18:45

    assert (shown, friend.page().status_code) == (200, 404)
