"""A database from before typed events has the same content after the migration, for every shape of its rows."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import null, select, update
from sqlalchemy.exc import IntegrityError

from tests.builders import EVENING, report, some_details
from tests.database_of_0004 import (
    CHARGED,
    EARLY,
    EIGHT,
    EVENTS,
    HERE,
    LATE,
    REFUNDS,
    SEVEN,
    TIP,
    TOLD,
    fill,
    fill_many,
    the_id,
)
from tracker.database import Database
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations import by_platform
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.source_versions import ReportedField
from tracker.orders.states import OrderEventKind
from tracker.schema import _config, is_up_to_date, migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield a database of revision 0004 with an order for each shape of `told`; the first order has all the events."""
    new_postgresql: Callable[[], str] = request.getfixturevalue("new_postgresql")
    database = Database(f"sqlite:///{tmp_path}/old.sqlite" if request.param == "sqlite" else new_postgresql())
    with database.migration_transaction() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        fill(connection)
    yield database
    database.close()


def before(told_before: dict[str, str]) -> tuple[int, int, bool]:
    """Return what the program of revision 0004 showed: the total as ordered, the refunds, and whether it is open."""
    reported_sum, at = told_before.get("refunded_sum", "0 ").split(" ", 1)
    refunded = int(reported_sum) + sum(minor for minor, stamp in REFUNDS if stamp > at)
    as_ordered = int(told_before.get("first_charged", CHARGED)) + TIP
    return as_ordered, refunded, told_before.get("uncounted") == str(CHARGED)


def test_the_sample_rows_have_every_kind_of_event() -> None:
    assert {kind for kind, _, _ in EVENTS} == set(OrderEventKind)


def test_each_event_keeps_its_details(old: Database) -> None:
    migrate(old)

    assert is_up_to_date(old)
    with old.read_session() as session:
        events = session.scalars(select(OrderEvent).order_by(OrderEvent.number)).all()
        assert [event.details for event in events] == [now for _, _, now in EVENTS]
        assert [event.data for event in events] == [event.details.stored() for event in events]
        assert [event.kind.value for event in events] == [kind for kind, _, _ in EVENTS]


def test_each_order_keeps_its_totals_and_refunds(old: Database) -> None:
    migrate(old)

    with old.read_session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        money = [(order.total_as_ordered.minor, order.refunded.minor, order.is_total_open) for order in orders]
    assert dict(zip(TOLD, money, strict=True)) == {name: before(told_before) for name, told_before in TOLD.items()}
    assert {name for name, (_, _, is_open) in zip(TOLD, money, strict=True) if is_open} == {"everything at once"}


def test_each_reported_field_keeps_its_source_version(old: Database) -> None:
    migrate(old)

    with old.read_session() as session:
        versions = dict(zip(TOLD, session.scalars(select(Order.source_versions).order_by(Order.id)), strict=True))
        reported = session.scalars(select(Order.is_placed_at_reported).order_by(Order.id)).all()
    assert versions["an own order"] == {}
    assert versions["everything at once"] == {
        ReportedField.FIRST_DESCRIPTION: EARLY,
        ReportedField.DESCRIPTION: LATE,
        ReportedField.TIP: HERE,
        ReportedField.RATING: LATE,
        ReportedField.STATUS: HERE,
        ReportedField.STEP: EARLY,
        ReportedField.REASON: EARLY,
        ReportedField.COMPLETED: LATE,
        ReportedField.REJECTED: EARLY,
        ReportedField.CANCELLED: HERE,
    }
    assert dict(zip(TOLD, reported, strict=True)) == {name: "placed" in keys for name, keys in TOLD.items()}


@pytest.mark.parametrize(
    ("name", "platform_says", "promised"),
    [
        ("everything at once", SEVEN, EIGHT),
        ("everything at once", None, None),
        ("promised here what the platform had promised no time for", None, EIGHT),
        ("promised here what the platform had promised no time for", SEVEN, SEVEN),
        ("reported in fractions of a second", EIGHT, EIGHT),
        ("counted since", SEVEN, SEVEN),
        ("counted since", None, None),
    ],
)
def test_a_promise_made_here_holds_until_the_platform_reports_a_new_one(
    old: Database, name: str, platform_says: datetime | None, promised: datetime | None
) -> None:
    migrate(old)

    with old.transaction() as session:
        order = load_order_for_update(session, the_id(100 + list(TOLD).index(name)))
        by_platform.change_details(order, some_details(promised_at=platform_says), report=report(30), now=EVENING)

    with old.read_session() as session:
        assert session.get_one(Order, order.id).promised_at == promised


def test_no_required_column_may_be_null(old: Database) -> None:
    migrate(old)

    for column in ("source_versions", "is_placed_at_reported", "is_promise_own", "first_charged_minor"):
        with pytest.raises(IntegrityError, match=r"(?i)null"), old.transaction() as session:
            session.execute(update(Order).values({column: null()}))


def test_more_rows_than_one_batch_are_all_migrated(old: Database) -> None:
    with old.migration_transaction() as connection:
        fill_many(connection, 2_500)

    migrate(old)

    with old.read_session() as session:
        charged = session.scalars(select(Order.first_charged_minor).where(Order.id >= the_id(1_000))).all()
        corrected = session.scalars(select(OrderEvent.data).where(OrderEvent.order_id >= the_id(1_000))).all()
    assert charged == [CHARGED] * 2_500
    assert corrected == [{"reason": None}] * 2_500
