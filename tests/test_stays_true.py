"""After every operation on an order, a live page equals a freshly loaded page."""

import re
from collections.abc import Callable
from html import unescape
from inspect import getmembers, isfunction, signature

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING
from tests.conftest import Clock
from tests.order_actions import OPERATIONS, an_own_order
from tests.web.customer.adjusted_order import Table, a_table
from tests.web.share.friend import a_friend
from tracker.config import ROOT
from tracker.database import Database
from tracker.live.wire import messages_of, order_channel, status_channel
from tracker.orders.operations import by_clock, by_customer, by_restaurant
from tracker.orders.operations.storage import load_order_for_update

PAGES = {
    "the order": ("/orders/{id}", "/orders/{id}/live"),
    "the list": ("/orders", "/orders/live"),
    "what a friend sees": ("{shared}", "{shared}/live"),
}
NOT_SEEN = {
    ("the list", "rate_order"): "a list shows no rating",
    ("the list", "adjust_order, again"): "a list shows the time to answer, and not the change",
    ("what a friend sees", "rate_order"): "the rating is the customer's",
    ("what a friend sees", "adjust_order, again"): "a friend sees that there is a change, and not which",
    ("what a friend sees", "ask_for_more_time"): "a friend sees that there is a change, and not which",
}


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """Return a customer's browser and their order, which the restaurant has not answered yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


def region_of(html: str) -> str:
    """Return the HTML of the live region of a page."""
    before_end = html.split('<p id="unsent"')[0].split('<p id="said"')[0]
    region = re.search(r'<div id="(?:live|orders)".*', before_end, re.S)
    assert region is not None
    return re.sub(r"\s+", " ", region[0].replace("&#34;", '"').rsplit("</div>", 1)[0])


def visible_region(html: str) -> str:
    """Return the live region of a page without the attributes that nobody can see or hear."""
    return re.sub(r"data-(etag|version)=\S+|name=.version. value=.\d+", "", region_of(html))


def test_every_operation_is_in_the_table_of_operations() -> None:
    rooms = (by_restaurant, by_customer, by_clock)
    operations = {
        name
        for room in rooms
        for name, function in getmembers(room, isfunction)
        if function.__module__ == room.__name__ and "OrderEvent" in str(signature(function).return_annotation)
    }

    assert operations == {name.partition(",")[0] for name in OPERATIONS}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_live_page_equals_a_freshly_loaded_page(table: Table, operation: str, page: str) -> None:
    before, act = OPERATIONS[operation]
    shared = a_friend(table).path
    page_path, region_path = (path.format(id=table.order_id, shared=shared) for path in PAGES[page])
    for step in before:
        table.step(step)
    first = table.client.get(page_path)
    etag = re.search(r'data-etag="([^"]+)"', first.text)
    assert etag is not None

    table.step(act)
    refetched = table.client.get(region_path, headers={"If-None-Match": unescape(etag[1])})
    fresh = table.client.get(page_path)

    assert refetched.status_code == 200
    assert region_of(refetched.text) == region_of(fresh.text)
    assert (visible_region(refetched.text) != visible_region(first.text)) == ((page, operation) not in NOT_SEEN)


OF_PAGES = ("live.js", r"const NAMES = \[(.*?)\]")
OF_THE_WIDGET = ("widget-frame.js", r"channel\?\.bind\((.*?),")


@pytest.mark.parametrize(
    ("channel_of", "names_in"), [(order_channel, OF_PAGES), (status_channel, OF_PAGES), (status_channel, OF_THE_WIDGET)]
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_published_under_a_name_on_which_pages_refetch(
    table: Table, operation: str, channel_of: Callable[[str], str], names_in: tuple[str, str]
) -> None:
    before, act = OPERATIONS[operation]
    name, names = names_in
    listened_for = set(re.findall(r'"(\w+)"', re.search(names, (ROOT / "static/js" / name).read_text(), re.S)[1]))
    a_friend(table)
    for step in before:
        table.step(step)

    with table.database.transaction() as session:
        event = act(load_order_for_update(session, table.order_id), table.clock.now)
        assert event is not None
        messages = messages_of(event)

    published = {message.name for message in messages if message.channel == channel_of(table.order_id)}
    assert published
    assert published <= listened_for


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_in_the_history_and_announced_to_screen_readers(table: Table, operation: str) -> None:
    before, act = OPERATIONS[operation]
    for step in before:
        table.step(step)
    pages = [table.page()]

    table.step(act)
    pages.append(table.page())

    entries = [html[html.index('id="history"') :].count("<li>") for html in pages]
    announced = [re.search(r'data-announce="([^"]*)"', html)[1] for html in pages]
    assert entries[1] == entries[0] + 1
    assert announced[0] != announced[1]
