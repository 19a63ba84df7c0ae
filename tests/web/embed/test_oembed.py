"""oEmbed: what a site is told about a share link that somebody has pasted there."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import EVENING
from tests.conftest import Clock
from tests.order_actions import an_own_order
from tests.web.customer.adjusted_order import a_table
from tests.web.share.friend import Friend, a_friend
from tracker.accounts.model import Application
from tracker.accounts.registration import register_application
from tracker.database import Database
from tracker.web.embed.theme import HEIGHTS, Layout

CARD = HEIGHTS[Layout.CARD]


@pytest.fixture
def friend(client: FlaskClient, database: Database, clock: Clock) -> Friend:
    """Somebody to whom a customer has sent the link to their order."""
    return a_friend(a_table(client, database, clock, an_own_order(EVENING)))


@pytest.fixture
def application(database: Database) -> Application:
    """Whose site it is on which the widget may stand."""
    with database.transaction() as session:
        made = register_application("Shop", ["https://shop.example.com"], now=EVENING)
        session.add(made)
        return made


def asked(friend: Friend, **more: object) -> TestResponse:
    return friend.client.get("/oembed", query_string={"url": friend.address, **more})


def test_a_link_is_described_as_a_link_that_names_the_restaurant_and_nobody(friend: Friend) -> None:
    response = asked(friend)

    assert response.json == {
        "version": "1.0",
        "type": "link",
        "title": "Follow the order from Bella Napoli",
        "provider_name": "Tracker",
        "provider_url": "http://localhost",
        "cache_age": 60,
    }


def test_the_shared_page_says_where_it_is_described(friend: Friend) -> None:
    page = friend.page().text

    found = re.search(r'<link rel="alternate"\s+type="application/json\+oembed"[^>]*href="([^"]+)"', page)
    address = urlsplit(unescape(found[1]))
    assert parse_qs(address.query) == {"url": [friend.address], "format": ["json"]}
    assert friend.client.get(f"{address.path}?{address.query}").json["type"] == "link"


def test_an_application_is_given_the_widgets_frame(friend: Friend, application: Application) -> None:
    said = asked(friend, key=application.key).json

    assert (said["type"], said["width"], said["height"]) == ("rich", 420, CARD)
    src = f"http://localhost/embed/v1/order-status/{application.id}?layout=card#share={friend.secret}"
    assert f'<iframe src="{src}" title="Follow the order from Bella Napoli" width="420" height="{CARD}"' in said["html"]


SIZES = [
    ({"maxwidth": 300}, (300, CARD), "card"),
    ({"maxwidth": 5000, "maxheight": 5000}, (420, CARD), "card"),
    ({"maxheight": CARD - 1}, (420, 64), "line"),
    ({"maxwidth": 200, "maxheight": 50}, (200, 50), "line"),
    ({"maxwidth": "wide", "maxheight": "-1"}, (420, CARD), "card"),
    ({"maxwidth": "٣٠٠", "maxheight": "9" * 5000}, (420, CARD), "card"),
]


@pytest.mark.parametrize(("room", "size", "layout"), SIZES)
def test_the_frame_is_no_larger_than_there_is_room_for(
    friend: Friend, application: Application, room: dict[str, object], size: tuple[int, int], layout: str
) -> None:
    said = asked(friend, key=application.key, **room).json

    assert (said["width"], said["height"]) == size
    assert f"?layout={layout}#" in said["html"]
    assert f'width="{size[0]}" height="{size[1]}"' in said["html"]


def test_a_restaurants_name_breaks_out_of_nothing(friend: Friend, application: Application) -> None:
    with friend.table.database.transaction() as session:
        restaurant = session.merge(friend.table.order().restaurant)
        restaurant.name = 'Chez "<Léa> & fils'

    html = asked(friend, key=application.key).json["html"]

    assert html.count("<") == 2
    assert 'title="Follow the order from Chez &#34;&lt;Léa&gt; &amp; fils"' in html


def test_only_json_is_spoken(friend: Friend) -> None:
    assert asked(friend, format="json").status_code == 200
    assert asked(friend, format="xml").status_code == 501


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "http://localhost/shared/a-guess", "http://localhost/orders", "http://localhost/shared/"),
        *("http://evil.example.com{path}", "https://localhost{path}", "http://localhost:81{path}", "{path}"),
        *("http://localhost@evil.example.com{path}", "http://localhost{path}/live", "http://localhost{path}x"),
    ],
)
def test_any_other_address_is_answered_like_a_link_that_is_dead(friend: Friend, url: str) -> None:
    alive = asked(friend)
    friend.stop()

    responses = [asked(friend), asked(friend, url=url.format(path=friend.path))]

    assert alive.status_code == 200
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].data == responses[1].data


@pytest.mark.parametrize("key", ["a-guess", "", "\x00", "ключ"])
def test_a_key_of_no_application_is_told_so_and_given_no_frame(friend: Friend, key: str) -> None:
    response = asked(friend, key=key)

    assert (response.status_code, response.json) == (404, {"error": "There is no application with this key."})


def test_what_is_said_of_a_link_is_kept_by_nobody_in_between(friend: Friend) -> None:
    for response in (asked(friend), asked(friend, url="nonsense")):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
