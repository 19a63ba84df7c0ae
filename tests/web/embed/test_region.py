"""The region of a widget: what gives access to it, what it never contains, and when it is sent again."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Clock
from tests.page_text import not_drawn
from tests.web.embed.shop import FOREIGN_ORIGIN, OTHER_ORIGIN, REGION, SHOP, Embedded, ask
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


# Access


def test_with_a_token_the_widget_shows_the_status_of_the_order(client: FlaskClient, it: Embedded) -> None:
    response = ask(client, it.token(), layout="full")

    assert response.status_code == 200
    for shown in ("Bella Napoli is making the order", "18:30–18:40", "in 30 minutes", "2 of 4", "Order A42"):
        assert shown in response.text
    assert f'data-order="{it.order_id}"' in response.text
    assert 'data-version="2"' in response.text
    assert f'href="/orders/{it.order_id}" target="_blank" rel="noopener noreferrer"' in response.text


def test_it_does_not_show_the_customer_the_contents_or_the_price_of_the_order(
    client: FlaskClient, it: Embedded
) -> None:
    response = ask(client, it.token(), layout="full")

    for private in ("Ada", "example.com", "Sample Street", "blue door", "Visa", "oregano", "Margherita", "Tiramisu"):
        assert private not in not_drawn(response.text)
    assert not re.search(r"€|32\.50|Window 3", response.text)


def test_the_restaurants_reason_for_a_rejection_is_not_shown(client: FlaskClient, it: Embedded, now: datetime) -> None:
    with it.database.transaction() as session:
        order = load_order_for_update(session, it.order_id)
        by_restaurant.reject_order(order, "Ada’s card was declined.", actor_name="API", now=now)

    response = ask(client, it.token(), layout="full")

    assert "Bella Napoli had to call the order off" in response.text
    assert "declined" not in response.text


def test_the_secret_of_a_share_link_gives_access_too_and_the_link_leads_to_the_shared_page(
    client: FlaskClient, it: Embedded
) -> None:
    _, secret = it.share()

    response = ask(client, secret, origin=None)

    assert response.status_code == 200
    assert "Bella Napoli is making the order" in response.text
    assert f'href="/shared/{secret}"' in response.text
    assert it.ada not in response.text


def test_each_of_two_share_links_to_one_order_shows_its_own_address(client: FlaskClient, it: Embedded) -> None:
    secrets = [it.share()[1], it.share()[1]]

    responses = [ask(client, secret, origin=None) for secret in (*secrets, *secrets)]

    for secret, response in zip((*secrets, *secrets), responses, strict=True):
        assert f"/shared/{secret}" in response.text
    assert responses[0].headers["ETag"] != responses[1].headers["ETag"]


@pytest.mark.parametrize("origin", [FOREIGN_ORIGIN, OTHER_ORIGIN, f"{SHOP}/", SHOP.upper(), "null", "", None])
def test_a_token_gives_no_access_on_pages_of_another_origin(
    client: FlaskClient, it: Embedded, origin: str | None
) -> None:
    response = ask(client, it.token(), origin)

    assert response.status_code == 403
    assert response.json is not None
    assert response.json["why"] == "not_on_this_origin"
    assert "Bella Napoli" not in response.text


def test_a_token_gives_no_access_on_an_origin_that_the_shop_has_left(client: FlaskClient, it: Embedded) -> None:
    token = it.token()
    before = ask(client, token)

    it.set_origins(OTHER_ORIGIN)

    assert (before.status_code, ask(client, token).status_code) == (200, 403)


def test_a_token_expires_and_each_response_contains_its_remaining_seconds(
    client: FlaskClient, it: Embedded, clock: Clock
) -> None:
    token = it.token(lifetime=timedelta(minutes=10))

    left = []
    for _ in range(2):
        left.append(ask(client, token).headers["Token-Seconds"])
        clock.move(minutes=5)
    after = ask(client, token)

    assert left == ["600", "300"]
    assert after.status_code == 401
    assert after.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_gives_no_access(client: FlaskClient, it: Embedded, now: datetime) -> None:
    token = it.token()
    with it.database.transaction() as session:
        revoke(session.scalars(select(AccessToken)).all(), now=now)

    response = ask(client, token)

    assert response.status_code == 401


def test_a_revoked_or_unknown_share_link_gives_no_access(client: FlaskClient, it: Embedded) -> None:
    link_id, secret = it.share()
    it.revoke_share(link_id)

    revoked, unknown = ask(client, secret), ask(client, "a-guess")

    assert revoked.status_code == unknown.status_code == 401
    assert revoked.data == unknown.data


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
def test_other_tokens_and_ids_give_no_access(
    client: FlaskClient, it: Embedded, wrong: Callable[[Embedded], str]
) -> None:
    response = ask(client, wrong(it))

    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert "Bella Napoli" not in response.text


def test_there_is_no_access_without_a_bearer_token(client: FlaskClient, it: Embedded) -> None:
    without = ask(client, None)
    password = client.get(REGION, auth=("ada", it.token()), headers={"X-Embedded-In": SHOP})
    in_address = client.get(f"{REGION}?token={it.token()}", headers={"X-Embedded-In": SHOP})

    assert [response.status_code for response in (without, password, in_address)] == [401, 401, 401]


# Revalidation


def test_an_unchanged_region_is_not_sent_again_but_the_remaining_seconds_of_the_token_are(
    client: FlaskClient, it: Embedded
) -> None:
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


@pytest.mark.parametrize("change", [a_minute_later, the_order_goes_on])
def test_a_changed_region_is_sent_again(
    client: FlaskClient, it: Embedded, clock: Clock, change: Callable[[Embedded, Clock], None]
) -> None:
    first = ask(client, it.token())

    change(it, clock)

    again = ask(client, it.token(), If_None_Match=first.headers["ETag"])
    assert again.status_code == 200
    assert again.data != first.data


@pytest.mark.parametrize("options", [{"layout": "full"}, {"lang": "de"}, {"lang": "de-AT"}])
def test_another_layout_or_language_has_another_etag(
    client: FlaskClient, it: Embedded, options: dict[str, str]
) -> None:
    default = ask(client, it.token())

    other = ask(client, it.token(), If_None_Match=default.headers["ETag"], **options)

    assert other.status_code == 200
