"""A restaurant's account at a platform, as it is found when a notice comes; and the sites of an application."""

import pytest
from sqlalchemy.orm.exc import DetachedInstanceError

from tests.builders import EVENING, VERIFY_TOKEN, a_connection
from tracker.accounts.model import Connection, Platform
from tracker.accounts.registration import NotAnApplication, connection_by_token, register_application
from tracker.database import Database


def found(database: Database) -> Connection:
    """The account as a notice with its token finds it."""
    connection = a_connection()
    with database.writing() as session:
        session.add(connection)
    with database.glancing() as glance:
        known = connection_by_token(glance, Platform.FLIPDISH, connection.id, VERIFY_TOKEN)
    assert known is not None
    assert known.id == connection.id
    return known


def test_a_notices_restaurant_is_known_by_its_currency(database: Database) -> None:
    connection = found(database)

    assert connection.platform is Platform.FLIPDISH
    assert (connection.restaurant.id, connection.restaurant.currency) == (connection.restaurant_id, "EUR")


@pytest.mark.parametrize("name", ["name", "zone", "locale", "phone", "colour", "window_minutes", "clock_zone"])
def test_what_was_not_read_of_a_restaurant_is_an_error_and_not_nothing(database: Database, name: str) -> None:
    restaurant = found(database).restaurant

    with pytest.raises(DetachedInstanceError):
        getattr(restaurant, name)


@pytest.mark.parametrize("name", ["verify_token_hash", "created_at"])
def test_what_was_not_read_of_an_account_is_an_error_and_not_nothing(database: Database, name: str) -> None:
    connection = found(database)

    with pytest.raises(DetachedInstanceError):
        getattr(connection, name)


def test_to_keep_an_account_that_was_only_looked_at_makes_no_second_restaurant(database: Database) -> None:
    connection = found(database)

    with database.writing() as session:
        session.add(connection)

    with database.reading() as session:
        kept = session.get_one(Connection, connection.id)
        assert (kept.restaurant.name, kept.restaurant.zone) == ("Bella Napoli", "Europe/Dublin")


def test_a_site_is_known_as_browsers_call_it_however_it_was_typed() -> None:
    typed = ["HTTPS://Shop.Example.com", "https://shop.example.com:443", "http://[::1]:3000", "http://localhost:80"]

    application = register_application("Shop", typed, now=EVENING)

    assert application.origins == ["https://shop.example.com", "http://[::1]:3000", "http://localhost"]


@pytest.mark.parametrize(
    "host", ["müller.example", "店.example", "a.example)b", "a.example\\", "@a.example", "a.example:"]
)
def test_a_site_whose_name_fits_no_header_is_refused_before_it_shuts_out_the_others(host: str) -> None:
    with pytest.raises(NotAnApplication, match="is no origin"):
        register_application("Shop", ["https://shop.example.com", f"https://{host}"], now=EVENING)
