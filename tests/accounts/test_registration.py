"""A restaurant's account at a platform, as it is found when a notice arrives; and the sites of an application."""

import pytest
from sqlalchemy.orm.exc import DetachedInstanceError

from tests.builders import EVENING, VERIFY_TOKEN, a_platform_account
from tracker.accounts.model import PlatformAccount
from tracker.accounts.registration import InvalidApplication, register_application, webhook_account
from tracker.accounts.tokens import hash_secret
from tracker.database import Database


def account_by_token(database: Database) -> PlatformAccount:
    """Return the account as a notice with its token finds it."""
    platform_account = a_platform_account()
    with database.transaction() as session:
        session.add(platform_account)
    with database.autocommit_connection() as connection:
        account, token = webhook_account(connection, "flipdish", platform_account.id)
    assert account is not None
    assert token.matches(VERIFY_TOKEN)
    assert account.id == platform_account.id
    return account


def test_a_notices_restaurant_is_known_by_its_currency(database: Database) -> None:
    platform_account = account_by_token(database)

    assert platform_account.platform == "flipdish"
    assert (platform_account.restaurant.id, platform_account.restaurant.currency) == (
        platform_account.restaurant_id,
        "EUR",
    )


@pytest.mark.parametrize(
    ("platform", "is_known"), [("another", True), ("flipdish", False)], ids=["other platform", "unknown account"]
)
def test_no_token_matches_where_the_platform_has_no_such_account(
    database: Database, platform: str, is_known: bool
) -> None:
    account_id = account_by_token(database).id if is_known else "0" * 24

    with database.autocommit_connection() as connection:
        account, token = webhook_account(connection, platform, account_id)

    assert account is None
    assert not any(token.matches(presented) for presented in (VERIFY_TOKEN, "", hash_secret("")))


@pytest.mark.parametrize("name", ["name", "zone", "locale", "phone", "colour", "window_minutes", "timezone"])
def test_a_column_that_was_not_read_of_a_restaurant_is_an_error_and_not_empty(database: Database, name: str) -> None:
    restaurant = account_by_token(database).restaurant

    with pytest.raises(DetachedInstanceError):
        getattr(restaurant, name)


@pytest.mark.parametrize("name", ["verify_token_hash", "created_at"])
def test_a_column_that_was_not_read_of_an_account_is_an_error_and_not_empty(database: Database, name: str) -> None:
    platform_account = account_by_token(database)

    with pytest.raises(DetachedInstanceError):
        getattr(platform_account, name)


def test_to_store_an_account_that_was_only_read_makes_no_second_restaurant(database: Database) -> None:
    platform_account = account_by_token(database)

    with database.transaction() as session:
        session.add(platform_account)

    with database.read_session() as session:
        stored = session.get_one(PlatformAccount, platform_account.id)
        assert (stored.restaurant.name, stored.restaurant.zone) == ("Bella Napoli", "Europe/Dublin")


def test_a_sites_origin_is_stored_as_browsers_send_it_however_it_was_typed() -> None:
    typed = ["HTTPS://Shop.Example.com", "https://shop.example.com:443", "http://[::1]:3000", "http://localhost:80"]

    application = register_application("Shop", typed, now=EVENING)

    assert application.origins == ["https://shop.example.com", "http://[::1]:3000", "http://localhost"]


@pytest.mark.parametrize(
    "host", ["müller.example", "店.example", "a.example)b", "a.example\\", "@a.example", "a.example:"]
)
def test_a_site_whose_name_fits_no_header_is_refused_so_that_the_others_still_work(host: str) -> None:
    with pytest.raises(InvalidApplication, match="is no origin"):
        register_application("Shop", ["https://shop.example.com", f"https://{host}"], now=EVENING)
