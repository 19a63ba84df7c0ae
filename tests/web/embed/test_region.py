"""What a widget shows: to whom it is opened and to whom not, what is never in it, and when it is shown anew."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Clock
from tests.page_text import not_drawn
from tests.web.embed.shop import ITS_OTHER, REGION, SHOP, SOMEBODY, Embedded, ask
from tracker.accounts.access_tokens import revoke
from tracker.accounts.model import AccessToken
from tracker.accounts.tokens import make_page_token
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.storage import load_order_for_update


@pytest.fixture
def it(database: Database, settings: Settings, now: datetime) -> Embedded:
    return Embedded(database, settings, now)


# What opens the content


def test_a_token_shows_how_far_the_order_is(client: FlaskClient, it: Embedded) -> None:
    response = ask(client, it.token(), layout="full")

    assert response.status_code == 200
    for shown in ("Bella Napoli is making the order", "18:30–18:40", "in 30 minutes", "2 of 4", "Order A42"):
        assert shown in response.text
    assert f'data-order="{it.order_id}"' in response.text
    assert 'data-version="2"' in response.text
    assert f'href="/orders/{it.order_id}" target="_blank" rel="noopener noreferrer"' in response.text


def test_it_shows_nothing_of_whose_the_order_is_what_is_in_it_or_what_it_costs(
    client: FlaskClient, it: Embedded
) -> None:
    response = ask(client, it.token(), layout="full")

    for theirs in ("Ada", "example.com", "Sample Street", "blue door", "Visa", "oregano", "Margherita", "Tiramisu"):
        assert theirs not in not_drawn(response.text)
    assert not re.search(r"€|32\.50|Window 3", response.text)


def test_the_restaurants_own_words_stay_between_it_and_its_customer(
    client: FlaskClient, it: Embedded, now: datetime
) -> None:
    with it.database.transaction() as session:
        order = load_order_for_update(session, it.order_id)
        by_restaurant.reject_order(order, "Ada’s card was declined.", actor_name="API", now=now)

    response = ask(client, it.token(), layout="full")

    assert "Bella Napoli had to call the order off" in response.text
    assert "declined" not in response.text


def test_a_share_link_opens_it_too_and_leads_to_the_shared_page(client: FlaskClient, it: Embedded) -> None:
    _, secret = it.share()

    response = ask(client, secret, origin=None)

    assert response.status_code == 200
    assert "Bella Napoli is making the order" in response.text
    assert f'href="/shared/{secret}"' in response.text
    assert it.ada not in response.text


def test_of_two_share_links_to_one_order_each_shows_its_own_address(client: FlaskClient, it: Embedded) -> None:
    secrets = [it.share()[1], it.share()[1]]

    shown = [ask(client, secret, origin=None) for secret in (*secrets, *secrets)]

    for secret, response in zip((*secrets, *secrets), shown, strict=True):
        assert f"/shared/{secret}" in response.text
    assert shown[0].headers["ETag"] != shown[1].headers["ETag"]


@pytest.mark.parametrize("origin", [SOMEBODY, ITS_OTHER, f"{SHOP}/", SHOP.upper(), "null", "", None])
def test_a_token_opens_nothing_on_a_page_that_it_was_not_made_for(
    client: FlaskClient, it: Embedded, origin: str | None
) -> None:
    response = ask(client, it.token(), origin)

    assert response.status_code == 403
    assert response.json is not None
    assert response.json["why"] == "not_on_this_origin"
    assert "Bella Napoli" not in response.text


def test_a_token_opens_nothing_any_more_where_the_shop_has_moved_away_from(client: FlaskClient, it: Embedded) -> None:
    token = it.token()
    before = ask(client, token)

    it.origins_become(ITS_OTHER)

    assert (before.status_code, ask(client, token).status_code) == (200, 403)


def test_a_token_ends_and_says_before_how_long_it_has_left(client: FlaskClient, it: Embedded, clock: Clock) -> None:
    token = it.token(lifetime=timedelta(minutes=10))

    left = []
    for _ in range(2):
        left.append(ask(client, token).headers["Token-Seconds"])
        clock.move(minutes=5)
    after = ask(client, token)

    assert left == ["600", "300"]
    assert after.status_code == 401
    assert after.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_was_taken_back_opens_nothing(client: FlaskClient, it: Embedded, now: datetime) -> None:
    token = it.token()
    with it.database.transaction() as session:
        revoke(session.scalars(select(AccessToken)).all(), now=now)

    response = ask(client, token)

    assert response.status_code == 401


def test_a_share_link_that_was_stopped_or_never_was_opens_nothing(client: FlaskClient, it: Embedded) -> None:
    link_id, secret = it.share()
    it.revokes_share(link_id)

    stopped, unknown = ask(client, secret), ask(client, "a-guess")

    assert stopped.status_code == unknown.status_code == 401
    assert stopped.data == unknown.data


def a_token_to_listen(it: Embedded) -> str:
    return it.listening_token()


def a_status_token_without_its_application(it: Embedded) -> str:
    return it.token().partition(".")[2]


def a_status_token_of_another_application(it: Embedded) -> str:
    return f"{'0' * 24}.{it.token().partition('.')[2]}"


def a_page_token(it: Embedded) -> str:
    key = it.settings.secret_key.get_secret_value()
    return make_page_token(key, "x", it.order_id, now=it.now)


WRONG = [
    a_token_to_listen,
    a_status_token_without_its_application,
    a_status_token_of_another_application,
    a_page_token,
    Embedded.session,
    lambda it: it.order_id,
    lambda it: it.application_id,
    lambda it: f"{it.application_id}.",
    lambda _: "",
    lambda _: ".",
    lambda _: "ü\u00a0.",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_token_of_a_widget_opens_none(
    client: FlaskClient, it: Embedded, wrong: Callable[[Embedded], str]
) -> None:
    response = ask(client, wrong(it))

    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert "Bella Napoli" not in response.text


def test_without_a_token_or_with_a_password_nothing_is_shown(client: FlaskClient, it: Embedded) -> None:
    nothing = ask(client, None)
    password = client.get(REGION, auth=("ada", it.token()), headers={"X-Embedded-In": SHOP})
    in_address = client.get(f"{REGION}?token={it.token()}", headers={"X-Embedded-In": SHOP})

    assert [response.status_code for response in (nothing, password, in_address)] == [401, 401, 401]


# Asking again


def test_who_shows_it_already_is_told_so_and_how_long_the_token_is_good(client: FlaskClient, it: Embedded) -> None:
    first = ask(client, it.token())

    again = ask(client, it.token(lifetime=timedelta(minutes=3)), If_None_Match=first.headers["ETag"])

    assert first.headers["ETag"].strip('W/"') in first.text
    assert again.status_code == 304
    assert again.headers["Token-Seconds"] == "180"
    assert again.headers["Date"]
    assert again.data == b""


def a_minute_later(it: Embedded, clock: Clock) -> None:
    clock.move(minutes=1)


def the_order_goes_on(it: Embedded, clock: Clock) -> None:
    with it.database.transaction() as session:
        by_restaurant.progress_order(
            load_order_for_update(session, it.order_id), "Ready", actor_name="API", now=clock.now
        )


@pytest.mark.parametrize("happens", [a_minute_later, the_order_goes_on])
def test_when_something_has_changed_it_is_shown_anew(
    client: FlaskClient, it: Embedded, clock: Clock, happens: Callable[[Embedded, Clock], None]
) -> None:
    first = ask(client, it.token())

    happens(it, clock)

    again = ask(client, it.token(), If_None_Match=first.headers["ETag"])
    assert again.status_code == 200
    assert again.data != first.data


@pytest.mark.parametrize("wish", [{"layout": "full"}, {"lang": "de"}, {"lang": "de-AT"}])
def test_another_layout_or_language_is_another_content(client: FlaskClient, it: Embedded, wish: dict[str, str]) -> None:
    usual = ask(client, it.token())

    other = ask(client, it.token(), If_None_Match=usual.headers["ETag"], **wish)

    assert other.status_code == 200
