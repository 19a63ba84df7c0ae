"""The migrations and the classes say the same of the tables, and migrating keeps what is there."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tests.builders import a_customer
from tracker.accounts.model import Customer
from tracker.database import Database
from tracker.schema import METADATA, is_up_to_date, migrate


def test_the_migrations_make_the_tables_that_the_program_expects(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert differences == []
    assert is_up_to_date(database)


def test_migrating_again_keeps_what_is_there(database: Database) -> None:
    with database.writing() as session:
        session.add(a_customer(email="kept@example.com"))

    migrate(database)

    with database.reading() as session:
        assert [customer.email for customer in session.query(Customer)] == ["kept@example.com"]


def test_an_empty_database_is_not_up_to_date(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.sqlite")

    assert not is_up_to_date(database)

    migrate(database)
    assert is_up_to_date(database)
    database.close()
