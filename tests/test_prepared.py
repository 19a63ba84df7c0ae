"""Statements that go straight to the driver: the same answers, the same complaints, and no more told in them."""

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.builders import EVENING, a_customer
from tracker.accounts.model import Customer
from tracker.database import Base, Database
from tracker.orders.model import OrderState
from tracker.prepared import Prepared, execute, prepared_insert
from tracker.upstream.notice import Notice, NoticeState

_CUSTOMERS = Base.metadata.tables["customers"]
INSERT = prepared_insert(_CUSTOMERS, _CUSTOMERS.columns.keys())
BY_NAME = Prepared(select(Customer.id, Customer.created_at).where(Customer.name == bindparam("name")))


def row(number: int = 0, **changes: object) -> dict[str, object]:
    """A customer as values."""
    return {"id": f"{number:024}", "email": None, "name": "Ada", "created_at": EVENING} | changes


def test_a_row_that_goes_straight_in_comes_out_like_any_other(database: Database) -> None:
    with database.writing() as session:
        INSERT.run(session.connection(), row())

    with database.reading() as session:
        kept = session.get_one(Customer, "0" * 24)
        assert (kept.name, kept.created_at) == ("Ada", EVENING)


def test_what_any_other_way_put_in_is_found_with_its_values_as_ours(database: Database) -> None:
    with database.writing() as session:
        session.add(a_customer(id="1" * 24, name="Ada"))

    with database.glancing() as glance:
        found, nobody = BY_NAME.first(glance, {"name": "Ada"}), BY_NAME.first(glance, {"name": "Bob"})

    assert (found, nobody) == (("1" * 24, EVENING), None)


def test_many_rows_go_in_at_once_and_none_at_all_is_no_mistake(database: Database) -> None:
    with database.writing() as session:
        INSERT.run(session.connection())
        INSERT.run(session.connection(), *(row(number) for number in range(3)))

    with database.glancing() as glance:
        assert len(BY_NAME.all(glance, {"name": "Ada"})) == 3


def test_words_that_stand_in_the_statement_itself_are_kept_as_the_database_has_them(database: Database) -> None:
    waiting = Prepared(select(Notice.id).where(Notice.state == NoticeState.WAITING))

    with database.glancing() as glance:
        assert waiting.all(glance, {}) == []


def test_a_row_that_is_there_already_is_refused_as_ever_and_nothing_is_told_of_it(database: Database) -> None:
    twice = [row(1, email="ada@example.com"), row(2, email="ada@example.com")]

    with pytest.raises(IntegrityError) as refusal, database.writing() as session:
        INSERT.run(session.connection(), *twice)

    assert "ada" not in str(refusal.value).lower()
    with database.glancing() as glance:
        assert BY_NAME.all(glance, {"name": "Ada"}) == []


def test_who_only_reads_cannot_change_anything_this_way_either(database: Database) -> None:
    kept_from = pytest.raises(Exception, match=r"(?i)read-?only")
    with kept_from, database.reading() as session:
        INSERT.run(session.connection(), row())


def test_somebody_in_the_way_is_told_apart_from_a_mistake(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    with database.writing() as session, pytest.raises(OperationalError, match="no such table"):
        execute(session.connection(), "SELECT * FROM nowhere", ())

    database.close()


def test_a_new_row_has_what_it_was_given_and_refuses_what_it_has_no_place_for() -> None:
    customer = Customer(name="Ada")

    assert (customer.name, customer.email) == ("Ada", None)
    with pytest.raises(TypeError, match="Customer has no state"):
        Customer(state=OrderState.PLACED)
