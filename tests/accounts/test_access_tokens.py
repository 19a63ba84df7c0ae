"""Access tokens: what can be granted, how granted tokens are found, and that only the restaurant can revoke them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.builders import a_customer, a_restaurant
from tests.conftest import Clock
from tracker.accounts.access_tokens import (
    NotGranted,
    access_tokens_of_restaurant,
    application_by_key,
    delete_old_access_tokens,
    grant_access,
    revoke,
)
from tracker.accounts.model import AccessToken, Application, Customer, Restaurant, Scope
from tracker.accounts.registration import register_application
from tracker.accounts.tokens import hash_secret
from tracker.database import Database

SHOP = "https://shop.example.com"
ORDER = "52a7289e96ba1c6209000003"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def an_application(now: datetime) -> Application:
    return register_application("Shop", [SHOP], now=now)


def widget_arguments(**changes: Any) -> dict[str, Any]:
    """Return the arguments of a token for one order's widget, valid for ten minutes."""
    usual = {"order_id": ORDER, "scopes": [Scope.STATUS], "origin": SHOP, "lifetime": 10 * MINUTE}
    return usual | changes


def grant_token(
    session: Session, now: datetime, restaurant: Restaurant, customer: Customer, **values: Any
) -> AccessToken:
    """Store a token that this restaurant has asked for, and return it."""
    application = values.pop("application", None) or an_application(now)
    session.add_all([restaurant, customer, application])
    session.flush()
    stored, _ = grant_access(application, customer, restaurant_id=restaurant.id, now=now, **{"lifetime": DAY} | values)
    session.add(stored)
    session.flush()
    return stored


def test_a_token_is_kept_as_a_hash_and_has_a_name_of_its_own(now: datetime) -> None:
    stored, token = grant_access(an_application(now), a_customer(), lifetime=DAY, now=now)

    assert (stored.hash, stored.ends_at, stored.scopes) == (hash_secret(token), now + DAY, ["listen"])
    assert token not in str(vars(stored))
    assert stored.id not in token


def test_the_token_of_a_widget_names_its_application_its_order_and_its_origin(now: datetime) -> None:
    application = an_application(now)

    stored, token = grant_access(application, a_customer(), now=now, **widget_arguments())

    assert token.startswith(f"{application.id}.")
    assert (stored.order_id, stored.origin, stored.scopes) == (ORDER, SHOP, ["status"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"order_id": None}, "say which"),
        ({"origin": None}, "of one origin"),
        ({"origin": f"{SHOP}/cart"}, "of one origin"),
        ({"origin": "https://evil.example.com"}, "no origin of this application’s"),
        ({"origin": f"{SHOP}:8443"}, "no origin of this application’s"),
        ({"lifetime": 15 * MINUTE + timedelta(seconds=1)}, "at most 15 minutes"),
        ({"scopes": [Scope.LISTEN]}, "goes with the scope status only"),
        ({"lifetime": DAY}, "at most 15 minutes"),
        ({"scopes": [Scope.LISTEN, Scope.STATUS]}, "for that alone"),
    ],
)
def test_what_would_not_fit_a_widget_is_refused_with_a_reason(
    changes: dict[str, Any], sentence: str, now: datetime
) -> None:
    with pytest.raises(NotGranted, match=sentence):
        grant_access(an_application(now), a_customer(), now=now, **widget_arguments(**changes))


def test_a_restaurant_finds_its_own_valid_tokens_newest_first_and_nobody_elses(
    database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        own_restaurant, other_restaurant, ada = a_restaurant(), a_restaurant(), a_customer()
        first = grant_token(session, clock.now, own_restaurant, ada)
        grant_token(session, clock.now, own_restaurant, ada, lifetime=MINUTE)
        grant_token(session, clock.now, other_restaurant, ada)
        revoke([grant_token(session, clock.now, own_restaurant, ada)], now=clock.now)
        clock.move(minutes=2)
        last = grant_token(session, clock.now, own_restaurant, ada)

        found = access_tokens_of_restaurant(session, own_restaurant.id, now=clock.now)

        assert [each.id for each in found] == [last.id, first.id]


def test_tokens_are_found_by_id_order_customer_and_application_and_in_pages(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        own_restaurant, ada, bob = a_restaurant(), a_customer(), a_customer(email="bob@example.com")
        application = an_application(clock.now)
        of_order = grant_token(session, clock.now, own_restaurant, ada, order_id=ORDER)
        of_bob = grant_token(session, clock.move(seconds=1), own_restaurant, bob)
        of_app = grant_token(session, clock.move(seconds=1), own_restaurant, ada, application=application)

        def found(**by: Any) -> list[str]:
            return [each.id for each in access_tokens_of_restaurant(session, own_restaurant.id, now=clock.now, **by)]

        assert found(token_id=of_bob.id) == found(customer_id=bob.id) == [of_bob.id]
        assert found(order_id=ORDER) == [of_order.id]
        assert found(application_id=application.id) == [of_app.id]
        assert found(limit=2) == [of_app.id, of_bob.id]
        assert found(limit=2, before=of_bob.id) == [of_order.id]
        assert application_by_key(session, application.key) is application
        assert application_by_key(session, "a-guess") is None


def test_a_token_is_forgotten_a_day_after_its_end(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        short = grant_token(session, clock.now, a_restaurant(), a_customer(), lifetime=MINUTE)
        long = grant_token(session, clock.now, a_restaurant(), a_customer(email=None), lifetime=3 * DAY)
        for later, left in ((DAY, {short.id, long.id}), (DAY + 2 * MINUTE, {long.id})):
            delete_old_access_tokens(session, now=clock.now + later)

            assert {each.id for each in session.query(AccessToken)} == left


def test_a_revoked_token_is_forgotten_a_day_later_however_long_it_would_have_been_valid(
    database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        stopped, good = (grant_token(session, clock.now, a_restaurant(), a_customer(email=None)) for _ in range(2))
        for token in (stopped, good):
            token.ends_at = clock.now + 366 * DAY
        revoke([stopped], now=clock.now)
        for later, left in ((DAY, {stopped.id, good.id}), (DAY + MINUTE, {good.id})):
            delete_old_access_tokens(session, now=clock.now + later)

            assert {each.id for each in session.query(AccessToken)} == left
