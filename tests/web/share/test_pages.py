"""The shared page: how far an order is, for whoever has the link, and nothing of whose order it is."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.builders import EVENING, a_restaurant
from tests.conftest import Clock
from tests.order_actions import ADJUST, COMPLETE, CONFIRM, an_own_order, kitchen
from tests.page_text import not_drawn, words_of
from tests.web.customer.adjusted_order import a_table
from tests.web.share.friend import Friend, a_friend
from tracker.accounts.tokens import PAGES_KEY
from tracker.database import Database
from tracker.orders.operations import by_customer, by_restaurant
from tracker.orders.progress import Fulfilment

ADA = ("Ada Byrne", "ada@example.com", "38 Sample Street", "The blue door", "No oregano", "Visa", "2371", "555 0142")
NOT_THEIRS = ("Delivery</th>", "Tip", "Items", "refund", "What has happened", "Sign out", "Your orders", "mascarpone")
REJECT = kitchen(by_restaurant.reject_order, "We are closing soon.")


@pytest.fixture
def friend(client: FlaskClient, database: Database, clock: Clock) -> Friend:
    """Somebody to whom a customer has sent the link to their order, which nobody has answered yet."""
    return a_friend(a_table(client, database, clock, an_own_order(EVENING)))


def test_a_friend_sees_the_state_the_time_the_progress_what_was_ordered_and_the_total(friend: Friend) -> None:
    friend.table.step(CONFIRM)

    page = words_of(friend.page().text)

    for seen in ("Bella Napoli is making the order", "Expected 18:30–18:40", "in about 30 minutes", "Order A42"):
        assert seen in page
    for seen in ("Confirmed 18:00 now", "2 × Margherita Extra basil", "1 × Tiramisu", "Total €34.50"):
        assert seen in page


@pytest.mark.parametrize("who", ["a friend", "the customer, signed in"])
def test_nothing_of_the_customer_and_nothing_to_do_is_on_the_page(friend: Friend, who: str) -> None:
    for step in (ADJUST, lambda order, now: by_customer.accept_adjustment(order, 1, now=now)):
        friend.table.step(step)
    for step in (kitchen(by_restaurant.progress_order, "Delivered"),):
        friend.table.step(step)

    client = friend.client if who == "a friend" else friend.table.client
    pages = [client.get(friend.path), client.get(f"{friend.path}/live")]

    for page in pages:
        assert page.status_code == 200
        text = unescape(not_drawn(page.text))
        assert [word for word in (*ADA, *NOT_THEIRS) if word in text] == []
        assert "<form" not in text
        assert not re.search(r"\byou\b|\byour\b", words_of(text.split("</head>")[-1]).lower())


def test_the_page_is_as_live_as_the_customers_own(friend: Friend) -> None:
    page = friend.page().text

    assert f'data-channel="private-s-{friend.table.order_id}"' in page
    assert f"/api/v1/pusher/auth?key={PAGES_KEY}" in page
    assert f'hx-get="{friend.path}/live"' in page
    assert f'data-token-address="{friend.path}/token"' in page


def test_the_page_may_listen_to_the_orders_status_channel_and_to_no_other(friend: Friend) -> None:
    token = friend.client.get(f"{friend.path}/token").json["access_token"]
    channels = [f"private-{kind}-{friend.table.order_id}" for kind in "so"]

    responses = [listens(friend.client, token, channel) for channel in channels]
    friend.stop()
    responses.append(listens(friend.client, token, channels[0]))

    assert responses == [200, 403, 403]


def listens(client: FlaskClient, token: str, channel: str) -> int:
    form = {"socket_id": "1.1", "channel_name": channel, "access_token": token}
    return client.post(f"/api/v1/pusher/auth?key={PAGES_KEY}", data=form).status_code


def test_a_region_that_is_shown_already_is_not_sent_again_and_another_minute_or_version_is(friend: Friend) -> None:
    known = friend.client.get(f"{friend.path}/live").headers["ETag"]

    codes = [friend.asks(known)]
    friend.table.step(CONFIRM)
    codes.append(friend.asks(known))
    known = friend.client.get(f"{friend.path}/live").headers["ETag"]
    friend.table.clock.move(minutes=1)
    codes.append(friend.asks(known))

    assert codes == [304, 200, 200]


def test_what_came_to_nothing_says_so_and_not_why(friend: Friend) -> None:
    friend.table.step(REJECT)

    page = words_of(friend.page().text)

    assert "Bella Napoli couldn’t take the order Ended 18:00" in page
    assert "closing soon" not in page


def test_while_the_customer_is_asked_something_no_time_is_told_and_not_what_it_is(friend: Friend) -> None:
    friend.table.step(ADJUST)

    page = words_of(friend.page().text)

    assert "Bella Napoli has asked about a change to the order" in page
    assert "The time appears here once the change is answered." in page
    assert "mascarpone" not in page
    assert "18:50" not in page


def test_a_time_that_was_moved_or_is_over_is_told(friend: Friend) -> None:
    for step in (CONFIRM, kitchen(by_restaurant.move_promise, 45)):
        friend.table.step(step)
    moved = words_of(friend.page().text)
    friend.table.clock.move(minutes=70)

    late = words_of(friend.page().text)

    assert "Expected 18:45–18:55" in moved
    assert "Moved from earlier: 18:30–18:40 at 18:00" in moved
    assert "15 minutes later than promised Was promised for 18:45–18:55" in late


def test_the_restaurants_own_names_for_the_way_are_shown_and_spoken(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    names = [{"name": "In the oven", "step": "confirmed"}, {"name": "With Luca on the bike", "step": "on_the_way"}]
    restaurant = a_restaurant(statuses={Fulfilment.DELIVERY: [*names, {"name": "Here", "step": "handed_over"}]})
    friend = a_friend(a_table(client, database, clock, an_own_order(EVENING, restaurant)))
    for step in (CONFIRM, *(kitchen(by_restaurant.progress_order, each["name"]) for each in names)):
        friend.table.step(step)
    forth = friend.page().text

    friend.table.step(kitchen(by_restaurant.progress_order, "In the oven"))
    back = friend.page().text

    assert "With Luca on the bike." in announced(forth)
    assert "In the oven. Bella Napoli has set the order back to this step." in announced(back)
    assert "Bella Napoli has set the order back to this step." in words_of(back)


def announced(html: str) -> str:
    return unescape(re.search(r'data-announce="([^"]*)"', html)[1])


def test_without_scripts_the_page_comes_again_by_itself(friend: Friend) -> None:
    page = friend.page().text

    assert '<meta http-equiv="refresh" content="30">' in page
    assert "This page reloads every 30 seconds. Refresh now" in words_of(page)
    assert f'<a href="{friend.path}">Refresh now</a>' in page


def test_once_the_order_is_over_a_page_without_scripts_comes_again_every_few_minutes(friend: Friend) -> None:
    for step in (CONFIRM, COMPLETE):
        friend.table.step(step)

    page = friend.page().text

    assert '<meta http-equiv="refresh" content="300">' in page
    assert "This page reloads every 5 minutes. Refresh now" in words_of(page)


def test_a_tip_changes_the_total_that_is_spoken_and_is_not_spoken_of(friend: Friend) -> None:
    for step in (CONFIRM, COMPLETE):
        friend.table.step(step)
    friend.table.step(lambda order, now: by_customer.change_tip(order, 500, order.version, now=now))

    said = announced(friend.page().text)

    assert "The total is now €37.50." in said
    assert "tip" not in said.lower()
