"""What a restaurant's secret, a staff member's session and the token of a console page give access to."""

from datetime import datetime, timedelta

import pytest

from tests.accounts.staff_fixtures import let_work
from tests.builders import a_customer, a_restaurant
from tests.conftest import Clock
from tracker.accounts.model import CustomerSession, Restaurant, RestaurantSecret, Role
from tracker.accounts.registration import issue_secret
from tracker.accounts.staff import remove_staff_member
from tracker.accounts.staff_queries import restaurant_by_secret, staff_member_by_session, staff_memberships_of
from tracker.accounts.tokens import (
    PAGE_TOKEN_LIFETIME,
    hash_secret,
    make_console_token,
    make_page_token,
    read_console_token,
    read_page_token,
)
from tracker.database import Database

KEY = "a secret key for tests that is long enough"


@pytest.fixture
def restaurant(database: Database) -> Restaurant:
    """Return Bella Napoli, which has no staff yet."""
    restaurant = a_restaurant()
    with database.transaction() as session:
        session.add(restaurant)
    return restaurant


def signed_in(database: Database, customer_id: str, now: datetime) -> str:
    """Start a session of the customer and return its hash."""
    with database.transaction() as session:
        its_hash = hash_secret(f"a browser of {customer_id}")
        ends_at = now + timedelta(hours=1)
        session.add(CustomerSession(hash=its_hash, customer_id=customer_id, created_at=now, ends_at=ends_at))
    return its_hash


# A session


def test_a_signed_in_member_of_the_staff_is_found_at_their_restaurant_only(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    other = a_restaurant(name="Trattoria")
    with database.transaction() as session:
        session.add(other)
    zoe = let_work(database, restaurant, "zoe@example.com", Role.STAFF, now)
    browser = signed_in(database, zoe.customer_id, now)

    with database.read_session() as session:
        found = staff_member_by_session(session, browser, restaurant.id, now=now)
        strangers = [
            staff_member_by_session(session, *proof, now=now)
            for proof in (
                (browser, other.id),
                (hash_secret("a guess"), restaurant.id),
                (browser, "a\x00b"),
                (browser, ""),
            )
        ]

    assert found is not None
    assert (found.customer_id, found.role, found.restaurant.name) == (
        zoe.customer_id,
        Role.STAFF,
        "Bella Napoli",
    )
    assert strangers == [None] * 4


def test_a_customer_who_is_signed_in_and_works_nowhere_is_not_found(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    ada = a_customer()
    with database.transaction() as session:
        session.add(ada)
    let_work(database, restaurant, "zoe@example.com", Role.STAFF, now)

    browser = signed_in(database, ada.id, now)

    with database.read_session() as session:
        assert staff_member_by_session(session, browser, restaurant.id, now=now) is None
        assert staff_memberships_of(session, ada.id) == []


@pytest.mark.parametrize("end", ["signed out", "an hour", "removed"])
def test_access_ends_with_the_session_or_the_job(
    database: Database, restaurant: Restaurant, clock: Clock, end: str
) -> None:
    zoe = let_work(database, restaurant, "zoe@example.com", Role.STAFF, clock.now)
    browser = signed_in(database, zoe.customer_id, clock.now)

    with database.transaction() as session:
        if end == "signed out":
            session.get_one(CustomerSession, browser).ended_at = clock.now
        elif end == "removed":
            remove_staff_member(session, session.merge(zoe))
        else:
            clock.move(hours=1)

    with database.read_session() as session:
        assert staff_member_by_session(session, browser, restaurant.id, now=clock.now) is None


def test_a_staff_member_of_several_restaurants_has_them_by_name(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    with database.transaction() as session:
        others = [a_restaurant(name=name) for name in ("Zaytoun", "Akropolis")]
        session.add_all(others)
    members = [let_work(database, each, "zoe@example.com", Role.STAFF, now) for each in (restaurant, *others)]
    let_work(database, restaurant, "mario@example.com", Role.OWNER, now)

    with database.read_session() as session:
        memberships = staff_memberships_of(session, members[0].customer_id)

    assert [member.restaurant.name for member in memberships] == ["Akropolis", "Bella Napoli", "Zaytoun"]


# A secret


def test_a_secret_opens_its_restaurant_until_it_ends(database: Database, restaurant: Restaurant, clock: Clock) -> None:
    stored, secret = issue_secret(restaurant, now=clock.now)
    with database.transaction() as session:
        session.add_all([a_restaurant(name="Trattoria"), stored])

    with database.read_session() as session:
        found = restaurant_by_secret(session, secret, now=clock.now)
        guesses = [restaurant_by_secret(session, guess, now=clock.now) for guess in ("", "a guess", stored.hash)]
    with database.transaction() as session:
        session.get_one(RestaurantSecret, stored.hash).ends_at = clock.now + timedelta(hours=1)
    with database.read_session() as session:
        at_last = restaurant_by_secret(session, secret, now=clock.now + timedelta(minutes=59))
        too_late = restaurant_by_secret(session, secret, now=clock.move(hours=1))

    assert found is not None
    assert at_last is not None
    assert found.id == at_last.id == restaurant.id
    assert [*guesses, too_late] == [None] * 4


# The token of a console page


def test_a_console_token_names_its_session_and_restaurant_for_five_minutes(clock: Clock) -> None:
    token = make_console_token(KEY, hash_secret("browser"), "1" * 24, now=clock.now)

    token_content = read_console_token(KEY, token, now=clock.now + PAGE_TOKEN_LIFETIME - timedelta(seconds=1))

    assert token_content is not None
    assert (token_content.session_hash, token_content.restaurant_id) == (hash_secret("browser"), "1" * 24)
    assert read_console_token(KEY, token, now=clock.now + PAGE_TOKEN_LIFETIME) is None


def test_the_tokens_of_an_orders_page_and_of_a_console_page_never_stand_for_each_other(now: datetime) -> None:
    of_order = make_page_token(KEY, hash_secret("browser"), "1" * 24, now=now)
    of_console = make_console_token(KEY, hash_secret("browser"), "1" * 24, now=now)

    assert read_console_token(KEY, of_order, now=now) is None
    assert read_page_token(KEY, of_console, now=now) is None
    assert read_console_token("another secret key, as long as it must be", of_console, now=now) is None
