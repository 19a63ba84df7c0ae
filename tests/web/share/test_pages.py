"""The shared page shows the progress of an order to onlookers, and nothing about its customer."""

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
WITHHELD = ("Delivery</th>", "Tip", "Items", "refund", "What has happened", "Sign out", "Your orders", "mascarpone")
REJECT = kitchen(by_restaurant.reject_order, "We are closing soon.")


@pytest.fixture
def friend(client: FlaskClient, database: Database, clock: Clock) -> Friend:
    """An onlooker with a link to an order that the restaurant has not confirmed yet."""
    return a_friend(a_table(client, database, clock, an_own_order(EVENING)))


def test_a_friend_sees_the_state_the_time_the_progress_what_was_ordered_and_the_total(friend: Friend) -> None:
    friend.table.step(CONFIRM)

    page = words_of(friend.page().text)

    for words in ("Bella Napoli is making the order", "Expected 18:30–18:40", "in about 30 minutes", "Order A42"):
        assert words in page
    for words in ("Confirmed 18:00 now", "2 × Margherita Extra basil", "1 × Tiramisu", "Total €34.50"):
        assert words in page


@pytest.mark.parametrize("visitor", ["a friend", "the customer, signed in"])
def test_the_page_has_no_personal_data_and_no_forms(friend: Friend, visitor: str) -> None:
    for step in (ADJUST, lambda order, now: by_customer.accept_adjustment(order, 1, now=now)):
        friend.table.step(step)
    for step in (kitchen(by_restaurant.progress_order, "Delivered"),):
        friend.table.step(step)

    client = friend.client if visitor == "a friend" else friend.table.client
    pages = [client.get(friend.path), client.get(f"{friend.path}/live")]

    for page in pages:
        assert page.status_code == 200
        text = unescape(not_drawn(page.text))
        assert [word for word in (*ADA, *WITHHELD) if word in text] == []
        assert "<form" not in text
        assert not re.search(r"\byou\b|\byour\b", words_of(text.split("</head>")[-1]).lower())


def test_the_page_has_live_updates(friend: Friend) -> None:
    page = friend.page().text

    assert f'data-channel="private-s-{friend.table.order_id}"' in page
    assert f"/api/v1/pusher/auth?key={PAGES_KEY}" in page
    assert f'hx-get="{friend.path}/live"' in page
    assert f'data-token-address="{friend.path}/token"' in page


def test_the_page_may_listen_to_the_orders_status_channel_and_to_no_other(friend: Friend) -> None:
    token = friend.client.get(f"{friend.path}/token").json["access_token"]
    channels = [f"private-{kind}-{friend.table.order_id}" for kind in "so"]

    statuses = [subscribe(friend.client, token, channel) for channel in channels]
    friend.stop()
    statuses.append(subscribe(friend.client, token, channels[0]))

    assert statuses == [200, 403, 403]


def subscribe(client: FlaskClient, token: str, channel: str) -> int:
    form = {"socket_id": "1.1", "channel_name": channel, "access_token": token}
    return client.post(f"/api/v1/pusher/auth?key={PAGES_KEY}", data=form).status_code


def test_a_region_is_sent_again_only_for_another_minute_or_version(friend: Friend) -> None:
    etag = friend.client.get(f"{friend.path}/live").headers["ETag"]

    statuses = [friend.poll(etag)]
    friend.table.step(CONFIRM)
    statuses.append(friend.poll(etag))
    etag = friend.client.get(f"{friend.path}/live").headers["ETag"]
    friend.table.clock.move(minutes=1)
    statuses.append(friend.poll(etag))

    assert statuses == [304, 200, 200]


def test_a_rejected_order_says_so_without_the_reason(friend: Friend) -> None:
    friend.table.step(REJECT)

    page = words_of(friend.page().text)

    assert "Bella Napoli couldn’t take the order Ended 18:00" in page
    assert "closing soon" not in page


def test_while_an_adjustment_is_open_neither_a_time_nor_its_content_is_shown(friend: Friend) -> None:
    friend.table.step(ADJUST)

    page = words_of(friend.page().text)

    assert "Bella Napoli has asked about a change to the order" in page
    assert "The time appears here once the change is answered." in page
    assert "mascarpone" not in page
    assert "18:50" not in page


def test_a_moved_time_and_a_delay_are_shown(friend: Friend) -> None:
    for step in (CONFIRM, kitchen(by_restaurant.move_promise, 45)):
        friend.table.step(step)
    moved = words_of(friend.page().text)
    friend.table.clock.move(minutes=70)

    late = words_of(friend.page().text)

    assert "Expected 18:45–18:55" in moved
    assert "Moved from earlier: 18:30–18:40 at 18:00" in moved
    assert "15 minutes later than promised Was promised for 18:45–18:55" in late


def test_the_restaurants_own_names_for_steps_are_shown_and_announced(
    client: FlaskClient, database: Database, clock: Clock
) -> None:
    names = [{"name": "In the oven", "step": "confirmed"}, {"name": "With Luca on the bike", "step": "on_the_way"}]
    restaurant = a_restaurant(statuses={Fulfilment.DELIVERY: [*names, {"name": "Here", "step": "handed_over"}]})
    friend = a_friend(a_table(client, database, clock, an_own_order(EVENING, restaurant)))
    for step in (CONFIRM, *(kitchen(by_restaurant.progress_order, status["name"]) for status in names)):
        friend.table.step(step)
    forward = friend.page().text

    friend.table.step(kitchen(by_restaurant.progress_order, "In the oven"))
    back = friend.page().text

    assert "With Luca on the bike." in announcement_in(forward)
    assert "In the oven. Bella Napoli has set the order back to this step." in announcement_in(back)
    assert "Bella Napoli has set the order back to this step." in words_of(back)


def announcement_in(html: str) -> str:
    return unescape(re.search(r'data-announce="([^"]*)"', html)[1])


def test_without_scripts_the_page_reloads_itself(friend: Friend) -> None:
    page = friend.page().text

    assert '<meta http-equiv="refresh" content="30">' in page
    assert "This page reloads every 30 seconds. Refresh now" in words_of(page)
    assert f'<a href="{friend.path}">Refresh now</a>' in page


def test_after_the_order_has_ended_a_page_without_scripts_reloads_every_few_minutes(friend: Friend) -> None:
    for step in (CONFIRM, COMPLETE):
        friend.table.step(step)

    page = friend.page().text

    assert '<meta http-equiv="refresh" content="300">' in page
    assert "This page reloads every 5 minutes. Refresh now" in words_of(page)


def test_a_tip_changes_the_announced_total_and_is_not_announced_itself(friend: Friend) -> None:
    for step in (CONFIRM, COMPLETE):
        friend.table.step(step)
    friend.table.step(lambda order, now: by_customer.change_tip(order, 500, order.version, now=now))

    announcement = announcement_in(friend.page().text)

    assert "The total is now €37.50." in announcement
    assert "tip" not in announcement.lower()
