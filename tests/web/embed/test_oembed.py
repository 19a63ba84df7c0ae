"""oEmbed: the description of a share link for sites that show previews of links."""

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
    """A friend to whom a customer has sent the share link of their order."""
    return a_friend(a_table(client, database, clock, an_own_order(EVENING)))


@pytest.fixture
def application(database: Database) -> Application:
    """The application on whose pages the widget may be shown."""
    with database.transaction() as session:
        application = register_application("Shop", ["https://shop.example.com"], now=EVENING)
        session.add(application)
        return application


def request_description(friend: Friend, **more: object) -> TestResponse:
    return friend.client.get("/oembed", query_string={"url": friend.address, **more})


def test_a_share_link_is_described_with_the_restaurants_name_and_no_other(friend: Friend) -> None:
    response = request_description(friend)

    assert response.json == {
        "version": "1.0",
        "type": "link",
        "title": "Follow the order from Bella Napoli",
        "provider_name": "Tracker",
        "provider_url": "http://localhost",
        "cache_age": 60,
    }


def test_the_shared_page_links_to_its_description(friend: Friend) -> None:
    page = friend.page().text

    found = re.search(r'<link rel="alternate"\s+type="application/json\+oembed"[^>]*href="([^"]+)"', page)
    address = urlsplit(unescape(found[1]))
    assert parse_qs(address.query) == {"url": [friend.address], "format": ["json"]}
    assert friend.client.get(f"{address.path}?{address.query}").json["type"] == "link"


def test_an_application_is_given_the_widgets_frame(friend: Friend, application: Application) -> None:
    description = request_description(friend, key=application.key).json

    assert (description["type"], description["width"], description["height"]) == ("rich", 420, CARD)
    src = f"http://localhost/embed/v1/order-status/{application.id}?layout=card#share={friend.secret}"
    assert (
        f'<iframe src="{src}" title="Follow the order from Bella Napoli" width="420" height="{CARD}"'
        in description["html"]
    )


SIZES = [
    ({"maxwidth": 300}, (300, CARD), "card"),
    ({"maxwidth": 5000, "maxheight": 5000}, (420, CARD), "card"),
    ({"maxheight": CARD - 1}, (420, 64), "line"),
    ({"maxwidth": 200, "maxheight": 50}, (200, 50), "line"),
    ({"maxwidth": "wide", "maxheight": "-1"}, (420, CARD), "card"),
    ({"maxwidth": "٣٠٠", "maxheight": "9" * 5000}, (420, CARD), "card"),
]


@pytest.mark.parametrize(("room", "size", "layout"), SIZES)
def test_the_frame_is_not_larger_than_the_maximum_size(
    friend: Friend, application: Application, room: dict[str, object], size: tuple[int, int], layout: str
) -> None:
    description = request_description(friend, key=application.key, **room).json

    assert (description["width"], description["height"]) == size
    assert f"?layout={layout}#" in description["html"]
    assert f'width="{size[0]}" height="{size[1]}"' in description["html"]


def test_a_restaurants_name_is_escaped_in_the_frames_markup(friend: Friend, application: Application) -> None:
    with friend.table.database.transaction() as session:
        restaurant = session.merge(friend.table.order().restaurant)
        restaurant.name = 'Chez "<Léa> & fils'

    html = request_description(friend, key=application.key).json["html"]

    assert html.count("<") == 2
    assert 'title="Follow the order from Chez &#34;&lt;Léa&gt; &amp; fils"' in html


def test_json_is_the_only_format(friend: Friend) -> None:
    assert request_description(friend, format="json").status_code == 200
    assert request_description(friend, format="xml").status_code == 501


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "http://localhost/shared/a-guess", "http://localhost/orders", "http://localhost/shared/"),
        *("http://evil.example.com{path}", "https://localhost{path}", "http://localhost:81{path}", "{path}"),
        *("http://localhost@evil.example.com{path}", "http://localhost{path}/live", "http://localhost{path}x"),
    ],
)
def test_any_other_address_gets_the_response_of_a_revoked_link(friend: Friend, url: str) -> None:
    alive = request_description(friend)
    friend.stop()

    responses = [request_description(friend), request_description(friend, url=url.format(path=friend.path))]

    assert alive.status_code == 200
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].data == responses[1].data


@pytest.mark.parametrize("key", ["a-guess", "", "\x00", "ключ"])
def test_with_an_unknown_key_there_is_no_frame_but_an_error(friend: Friend, key: str) -> None:
    response = request_description(friend, key=key)

    assert (response.status_code, response.json) == (404, {"error": "There is no application with this key."})


def test_no_cache_stores_the_description_of_a_link(friend: Friend) -> None:
    for response in (request_description(friend), request_description(friend, url="nonsense")):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
