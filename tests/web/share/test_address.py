"""The address of a shared page is a secret: it shows the order until it expires or is revoked, it does not leak, and
an invalid one looks like one that never existed."""

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
    """An onlooker with a link to an order that the restaurant has not confirmed yet."""
    return a_friend(a_table(client, database, clock, an_own_order(EVENING)))


def test_two_links_to_one_order_never_show_each_others_address(friend: Friend) -> None:
    other = a_friend(friend.table, "Kim")

    regions = [onlooker.client.get(f"{onlooker.path}/live") for onlooker in (friend, other)]

    assert regions[0].headers["ETag"] != regions[1].headers["ETag"]
    assert other.path not in regions[0].text
    assert friend.path not in regions[1].text


PATHS = ["", "/live", "/token"]


@pytest.mark.parametrize("path", PATHS)
def test_a_shared_address_stays_out_of_caches_referrers_and_search_engines(friend: Friend, path: str) -> None:
    valid = friend.client.get(friend.path + path)
    same = friend.client.get(friend.path + path, headers={"If-None-Match": valid.headers.get("ETag", '"none"')})
    invalid = friend.client.get("/shared/a-guess" + path)

    for response in (valid, same, invalid):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_a_revoked_expired_or_malformed_link_looks_like_one_that_never_existed(friend: Friend, path: str) -> None:
    revoked = a_friend(friend.table, "Kim")
    revoked.stop()
    responses = [revoked.client.get(revoked.path + path)]
    for guess in ("a-guess", "0" * 43, "ü", "%25", "x" * 3000, friend.secret[:-1]):
        responses.append(friend.client.get(f"/shared/{guess}{path}"))
    responses.append(friend.table.client.get(f"/shared/a-guess{path}"))  # the same for the signed-in customer
    friend.table.complete()
    friend.table.clock.move(hours=4)
    responses.append(friend.client.get(friend.path + path))

    assert {response.status_code for response in responses} == {404}
    assert len({response.data for response in responses}) == 1
    headers = [{name: re.sub("nonce-[^']+", "", value) for name, value in response.headers} for response in responses]
    assert headers == [headers[0]] * len(headers)
    assert GONE in words_of(responses[0].text)


def test_a_link_shows_an_ended_order_until_the_time_on_the_page(friend: Friend) -> None:
    friend.table.complete()
    friend.table.clock.move(hours=4, microseconds=-1)

    last = friend.page()
    friend.table.clock.move(microseconds=1)

    assert "This page can be seen until 22:00" in words_of(last.text)
    assert friend.page().status_code == 404


def test_a_preview_of_the_link_names_the_restaurant_and_not_the_customer(friend: Friend) -> None:
    head = unescape(friend.page().text.split("</head>")[0])

    assert '<meta property="og:title" content="Follow the order from Bella Napoli">' in head
    assert "<title>Waiting for Bella Napoli to confirm the order</title>" in re.sub(r">\s+", ">", head)
    assert friend.secret not in re.search(r"<title>.*?</title>", head, re.S)[0]


def test_no_log_line_contains_the_secret(friend: Friend, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    for path in (friend.path, f"{friend.path}/live", f"{friend.path}/token", "/shared/a-guess"):
        friend.client.get(path)
    friend.client.get("/oembed", query_string={"url": friend.address})

    rules = [vars(line)["rule"] for line in caplog.records if line.getMessage() == "request"]
    assert rules[:3] == ["/shared/<secret>", "/shared/<secret>/live", "/shared/<secret>/token"]
    assert [line for line in caplog.records if friend.secret in str(vars(line))] == []


def test_a_link_to_an_order_that_never_ends_expires_two_days_after_its_time(friend: Friend) -> None:
    friend.table.clock.move(hours=47)
    before = friend.page().status_code

    friend.table.clock.now = EVENING + timedelta(hours=48, minutes=45)  # the order was requested for 18:45

    assert (before, friend.page().status_code) == (200, 404)
