"""Compiled statements return the same rows and raise the same errors as the ORM, and errors show no values."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, bindparam, create_engine, func, insert, literal_column, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tests.builders import EVENING, a_customer
from tracker.accounts.model import Customer
from tracker.compiled_statement import CompiledStatement, compiled_insert, execute
from tracker.database import Base, Database
from tracker.orders.states import OrderState
from tracker.upstream.notice import Notice, NoticeState

_CUSTOMERS = Base.metadata.tables["customers"]
INSERT = compiled_insert(_CUSTOMERS, _CUSTOMERS.columns.keys())
BY_NAME = CompiledStatement(select(Customer.id, Customer.created_at).where(Customer.name == bindparam("name")))


def row(number: int = 0, **changes: object) -> dict[str, object]:
    """Return the values of a row of customers."""
    return {"id": f"{number:024}", "email": None, "name": "Ada", "created_at": EVENING} | changes


def test_a_row_inserted_by_a_compiled_statement_reads_like_any_other(database: Database) -> None:
    with database.transaction() as session:
        INSERT.run(session.connection(), row())

    with database.read_session() as session:
        customer = session.get_one(Customer, "0" * 24)
        assert (customer.name, customer.created_at) == ("Ada", EVENING)


def test_a_compiled_statement_finds_a_row_of_the_orm_with_the_same_values(database: Database) -> None:
    with database.transaction() as session:
        session.add(a_customer(id="1" * 24, name="Ada"))

    with database.autocommit_connection() as connection:
        found, nobody = BY_NAME.first(connection, {"name": "Ada"}), BY_NAME.first(connection, {"name": "Bob"})

    assert (found, nobody) == (("1" * 24, EVENING), None)


def test_many_rows_are_inserted_at_once_and_an_insert_of_no_rows_is_no_error(database: Database) -> None:
    with database.transaction() as session:
        INSERT.run(session.connection())
        INSERT.run(session.connection(), *(row(number) for number in range(3)))

    with database.autocommit_connection() as connection:
        assert len(BY_NAME.all(connection, {"name": "Ada"})) == 3


def test_an_enum_in_the_statement_is_compared_as_the_database_stores_it(database: Database) -> None:
    waiting = CompiledStatement(select(Notice.id).where(Notice.state == NoticeState.WAITING))

    with database.autocommit_connection() as connection:
        assert waiting.all(connection, {}) == []


def test_a_duplicate_row_is_refused_and_the_error_shows_none_of_its_values(database: Database) -> None:
    twice = [row(1, email="ada@example.com"), row(2, email="ada@example.com")]

    with pytest.raises(IntegrityError) as refusal, database.transaction() as session:
        INSERT.run(session.connection(), *twice)

    assert "ada" not in str(refusal.value).lower()
    with database.autocommit_connection() as connection:
        assert BY_NAME.all(connection, {"name": "Ada"}) == []


def test_a_compiled_statement_cannot_write_in_a_read_session(database: Database) -> None:
    refused = pytest.raises(Exception, match=r"(?i)read-?only")
    with refused, database.read_session() as session:
        INSERT.run(session.connection(), row())


@pytest.mark.parametrize(
    "change",
    [
        lambda connection: INSERT.run(connection, row()),
        lambda connection: connection.execute(insert(Customer).values(row())),
        lambda connection: connection.execute(text("DELETE FROM customers")),
        lambda connection: connection.exec_driver_sql("DELETE FROM customers"),
    ],
)
def test_nothing_can_be_written_on_an_autocommit_connection(
    database: Database, change: Callable[[Connection], object]
) -> None:
    with database.transaction() as session:
        session.add(a_customer(name="Ben"))

    with pytest.raises(Exception, match=r"(?i)read-?only"), database.autocommit_connection() as connection:
        change(connection)

    with database.read_session() as session:
        assert session.scalars(select(Customer.name)).all() == ["Ben"]


def test_an_error_of_the_driver_is_raised_as_the_error_of_sqlalchemy(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    with database.transaction() as session, pytest.raises(OperationalError, match="no such table"):
        execute(session.connection(), "SELECT * FROM nowhere", ())

    database.close()


def test_an_error_at_a_later_row_is_raised_as_the_error_of_sqlalchemy_as_well(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    rows = text("(SELECT 1 AS number UNION ALL SELECT -9223372036854775808)")
    too_large = CompiledStatement(select(func.abs(literal_column("number"))).select_from(rows))

    with database.autocommit_connection() as connection, pytest.raises(DBAPIError, match="overflow"):
        too_large.all(connection, {})

    database.close()


def test_a_second_writer_gets_the_error_that_the_database_is_locked(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    impatient = create_engine(sqlite_url, connect_args={"timeout": 0})

    with database.transaction() as session:
        session.add(a_customer())
        session.flush()
        with impatient.connect() as other, pytest.raises(OperationalError, match="database is locked"):
            execute(other, "BEGIN IMMEDIATE", ())

    impatient.dispose()
    database.close()


def test_work_whose_connection_is_cut_is_done_again_and_that_connection_is_never_used_again(
    postgresql_url: str,
) -> None:
    database = Database(postgresql_url, pool_size=1)
    used: list[int] = []

    def work(session: Session) -> None:
        used.append(session.scalars(select(func.pg_backend_pid())).one())
        INSERT.run(session.connection(), row(1))
        if len(used) == 1:
            with database.autocommit_connection() as connection:
                connection.execute(select(func.pg_terminate_backend(used[0], 5000)))
        INSERT.run(session.connection(), row(2))

    database.run_in_transaction(work)

    assert len(set(used)) == len(used) == 2
    with database.autocommit_connection() as first, database.autocommit_connection() as second:
        assert len(BY_NAME.all(first, {"name": "Ada"})) == len(BY_NAME.all(second, {"name": "Ada"})) == 2
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        CompiledStatement(select(Customer.id).where(Customer.name.in_(["Ada", "Ben"]))),
        CompiledStatement(select(Customer.id).where(Customer.name.in_(bindparam("names", expanding=True)))),
        compiled_insert(Base.metadata.tables["mails"], ["id"]),
    ],
)
def test_a_statement_that_cannot_be_compiled_once_is_refused_before_it_reaches_the_database(
    database: Database, statement: CompiledStatement
) -> None:
    with database.autocommit_connection() as connection, pytest.raises(ValueError, match="statement: it is a list"):
        statement.all(connection, {"id": 1, "names": ["Ada"]})


def test_a_new_object_takes_values_of_its_columns_and_refuses_unknown_names() -> None:
    customer = Customer(name="Ada")

    assert (customer.name, customer.email) == ("Ada", None)
    with pytest.raises(TypeError, match="Customer has no state"):
        Customer(state=OrderState.PLACED)
