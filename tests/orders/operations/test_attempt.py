"""An attempted operation changes the order completely or not at all."""

from typing import NoReturn

import pytest

from tests.builders import EVENING
from tests.order_actions import an_own_order
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.attempt import attempt
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.refusals import NotNow, Refusal


@pytest.fixture
def order_id(database: Database) -> str:
    """The id of a stored order."""
    order = an_own_order(EVENING)
    with database.transaction() as session:
        session.add(order)
        session.flush()
        return order.id


def note_of(database: Database, order_id: str) -> str | None:
    with database.read_session() as session:
        return session.get_one(Order, order_id).note


def test_the_result_of_an_operation_is_returned_and_its_changes_are_stored(database: Database, order_id: str) -> None:
    with database.transaction() as session:
        order = load_order_for_update(session, order_id)

        def operation() -> str:
            order.note = "Ring twice."
            return "done"

        assert attempt(session, operation) == "done"

    assert note_of(database, order_id) == "Ring twice."


def test_a_refused_operation_leaves_no_changes_and_earlier_changes_stay(database: Database, order_id: str) -> None:
    refusal = NotNow("This order was cancelled.")

    with database.transaction() as session:
        order = load_order_for_update(session, order_id)
        order.note = "before"

        def operation() -> NoReturn:
            order.note, order.lines[0].quantity = "half", 99
            session.flush()
            raise refusal

        assert attempt(session, operation) is refusal

    assert note_of(database, order_id) == "before"
    with database.read_session() as session:
        assert load_order_for_update(session, order_id).lines[0].quantity == 2


def test_any_other_error_rolls_back_the_whole_transaction(database: Database, order_id: str) -> None:
    def transaction() -> Refusal | None:
        with database.transaction() as session:
            load_order_for_update(session, order_id).note = "before"
            return attempt(session, lambda: 1 // 0)  # type: ignore[return-value]

    with pytest.raises(ZeroDivisionError):
        transaction()

    assert note_of(database, order_id) != "before"
