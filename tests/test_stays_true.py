"""The live promise: whoever does whatever to an order, a page that only listened equals a page freshly loaded."""

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
    ("the list", "adjust_order, again"): "a list says until when an answer is needed, and not to what",
    ("what a friend sees", "rate_order"): "the rating is the customer's",
    ("what a friend sees", "adjust_order, again"): "that something is asked is told, and not what",
    ("what a friend sees", "ask_for_more_time"): "the same",
}


@pytest.fixture
def table(client: FlaskClient, database: Database, clock: Clock) -> Table:
    """A customer whose order nobody has answered yet."""
    return a_table(client, database, clock, an_own_order(EVENING))


def region_of(html: str) -> str:
    """The live region of a page, whole."""
    alone = html.split('<p id="unsent"')[0].split('<p id="said"')[0]
    found = re.search(r'<div id="(?:live|orders)".*', alone, re.S)
    assert found is not None
    return re.sub(r"\s+", " ", found[0].replace("&#34;", '"').rsplit("</div>", 1)[0])


def seen_of(html: str) -> str:
    """What of it can be seen or heard."""
    return re.sub(r"data-(etag|version)=\S+|name=.version. value=.\d+", "", region_of(html))


def test_every_operation_has_its_line() -> None:
    rooms = (by_restaurant, by_customer, by_clock)
    operations = {
        name
        for room in rooms
        for name, one in getmembers(room, isfunction)
        if one.__module__ == room.__name__ and "OrderEvent" in str(signature(one).return_annotation)
    }

    assert operations == {name.partition(",")[0] for name in OPERATIONS}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_page_that_only_listened_equals_a_page_freshly_loaded(table: Table, operation: str, page: str) -> None:
    before, act = OPERATIONS[operation]
    shared = a_friend(table).path
    whole, alone = (path.format(id=table.order_id, shared=shared) for path in PAGES[page])
    for step in before:
        table.step(step)
    first = table.client.get(whole)
    known = re.search(r'data-etag="([^"]+)"', first.text)
    assert known is not None

    table.step(act)
    asked = table.client.get(alone, headers={"If-None-Match": unescape(known[1])})
    fresh = table.client.get(whole)

    assert asked.status_code == 200
    assert region_of(asked.text) == region_of(fresh.text)
    assert (seen_of(asked.text) != seen_of(first.text)) == ((page, operation) not in NOT_SEEN)


OF_PAGES = ("live.js", r"const NAMES = \[(.*?)\]")
OF_THE_WIDGET = ("widget-frame.js", r"channel\?\.bind\((.*?),")


@pytest.mark.parametrize(
    ("channel_of", "names_in"), [(order_channel, OF_PAGES), (status_channel, OF_PAGES), (status_channel, OF_THE_WIDGET)]
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_whoever_listens_to_the_order_hears_of_it_by_a_name_that_makes_them_ask(
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

    heard = {message.name for message in messages if message.channel == channel_of(table.order_id)}
    assert heard
    assert heard <= listened_for


@pytest.mark.parametrize("operation", OPERATIONS)
def test_whatever_happens_is_in_the_history_and_said_to_whoever_only_hears(table: Table, operation: str) -> None:
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
