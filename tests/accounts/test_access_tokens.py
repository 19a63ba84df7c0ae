"""Access tokens: what can be asked for, what is found of it again, and that taking it back is for the restaurant."""

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


def of_a_widget(**changes: Any) -> dict[str, Any]:
    """What is asked for one order's widget, for ten minutes."""
    usual = {"order_id": ORDER, "scopes": [Scope.STATUS], "origin": SHOP, "lifetime": 10 * MINUTE}
    return usual | changes


def granted(session: Session, now: datetime, restaurant: Restaurant, customer: Customer, **asked: Any) -> AccessToken:
    """A token that this restaurant has asked for, kept."""
    application = asked.pop("application", None) or an_application(now)
    session.add_all([restaurant, customer, application])
    session.flush()
    kept, _ = grant_access(application, customer, restaurant_id=restaurant.id, now=now, **{"lifetime": DAY} | asked)
    session.add(kept)
    session.flush()
    return kept


def test_a_token_is_kept_as_a_hash_and_has_a_name_of_its_own(now: datetime) -> None:
    kept, token = grant_access(an_application(now), a_customer(), lifetime=DAY, now=now)

    assert (kept.hash, kept.ends_at, kept.scopes) == (hash_secret(token), now + DAY, ["listen"])
    assert token not in str(vars(kept))
    assert kept.id not in token


def test_the_token_of_a_widget_names_its_application_and_knows_its_order_and_origin(now: datetime) -> None:
    application = an_application(now)

    kept, token = grant_access(application, a_customer(), now=now, **of_a_widget())

    assert token.startswith(f"{application.id}.")
    assert (kept.order_id, kept.origin, kept.scopes) == (ORDER, SHOP, ["status"])


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
def test_what_would_not_fit_a_widget_is_not_granted_and_it_is_said_why(
    changes: dict[str, Any], sentence: str, now: datetime
) -> None:
    with pytest.raises(NotGranted, match=sentence):
        grant_access(an_application(now), a_customer(), now=now, **of_a_widget(**changes))


def test_a_restaurant_finds_its_own_valid_tokens_newest_first_and_nobody_elses(
    database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        ours, theirs, ada = a_restaurant(), a_restaurant(), a_customer()
        first = granted(session, clock.now, ours, ada)
        granted(session, clock.now, ours, ada, lifetime=MINUTE)
        granted(session, clock.now, theirs, ada)
        revoke([granted(session, clock.now, ours, ada)], now=clock.now)
        clock.move(minutes=2)
        last = granted(session, clock.now, ours, ada)

        found = access_tokens_of_restaurant(session, ours.id, now=clock.now)

        assert [each.id for each in found] == [last.id, first.id]


def test_tokens_are_found_by_id_order_customer_and_application_and_in_pages(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        ours, ada, bob = a_restaurant(), a_customer(), a_customer(email="bob@example.com")
        application = an_application(clock.now)
        of_order = granted(session, clock.now, ours, ada, order_id=ORDER)
        of_bob = granted(session, clock.move(seconds=1), ours, bob)
        of_app = granted(session, clock.move(seconds=1), ours, ada, application=application)

        def found(**by: Any) -> list[str]:
            return [each.id for each in access_tokens_of_restaurant(session, ours.id, now=clock.now, **by)]

        assert found(token_id=of_bob.id) == found(customer_id=bob.id) == [of_bob.id]
        assert found(order_id=ORDER) == [of_order.id]
        assert found(application_id=application.id) == [of_app.id]
        assert found(limit=2) == [of_app.id, of_bob.id]
        assert found(limit=2, before=of_bob.id) == [of_order.id]
        assert application_by_key(session, application.key) is application
        assert application_by_key(session, "a-guess") is None


def test_a_token_is_forgotten_a_day_after_its_end(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        short = granted(session, clock.now, a_restaurant(), a_customer(), lifetime=MINUTE)
        long = granted(session, clock.now, a_restaurant(), a_customer(email=None), lifetime=3 * DAY)
        for later, left in ((DAY, {short.id, long.id}), (DAY + 2 * MINUTE, {long.id})):
            delete_old_access_tokens(session, now=clock.now + later)

            assert {each.id for each in session.query(AccessToken)} == left


def test_a_token_that_was_taken_back_is_forgotten_a_day_later_however_long_it_would_have_been_good(
    database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        stopped, good = (granted(session, clock.now, a_restaurant(), a_customer(email=None)) for _ in range(2))
        for token in (stopped, good):
            token.ends_at = clock.now + 366 * DAY
        revoke([stopped], now=clock.now)
        for later, left in ((DAY, {stopped.id, good.id}), (DAY + MINUTE, {good.id})):
            delete_old_access_tokens(session, now=clock.now + later)

            assert {each.id for each in session.query(AccessToken)} == left
