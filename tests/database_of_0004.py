"""Rows of a database of revision 0004, with every shape that its JSON columns could have."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, MetaData, insert

from tests.builders import EVENING
from tracker.orders import event_details as details
from tracker.orders.event_details import EventDetails, LineChange
from tracker.orders.progress import Step

EARLY = "2026-11-20T18:01:00.000000+00:00 1 a"
LATE = "2026-11-20T18:05:00.000000+00:00 0 b"
HERE = "2026-11-20T18:09:00.000000+00:00 9 here"
SEVEN, EIGHT = datetime(2026, 11, 20, 19, 0, tzinfo=UTC), datetime(2026, 11, 20, 20, 0, 0, 250_000, tzinfo=UTC)
LINES = [{"name": "Tiramisu", "from": 1, "to": 0}]
CHANGES = (LineChange(name="Tiramisu", before=1, after=0),)

EVENTS: list[tuple[str, dict[str, Any], EventDetails]] = [
    ("order.placed", {}, details.Placed()),
    ("order.confirmed", {}, details.Confirmed()),
    (
        "order.adjusted",
        {
            **{"adjustment": 1, "is_advance": False, "minutes": 50, "promised_at": EIGHT.isoformat()},
            **{"lines": ["t1"], "options": ["Extra basil"], "reason": "The mascarpone has run out."},
        },
        details.Adjusted(
            adjustment=1,
            is_advance=False,
            minutes=50,
            promised_at=EIGHT,
            lines=("t1",),
            options=("Extra basil",),
            reason="The mascarpone has run out.",
        ),
    ),
    (
        "order.adjusted",
        {
            **{"adjustment": 2, "is_advance": True, "minutes": None, "promised_at": None},
            **{"lines": [], "options": [], "reason": None},
        },
        details.Adjusted(
            adjustment=2, is_advance=True, minutes=None, promised_at=None, lines=(), options=(), reason=None
        ),
    ),
    (
        "order.time_to_answer_extended",
        {"adjustment": 1, "answer_by": SEVEN.isoformat()},
        details.TimeToAnswerExtended(adjustment=1, answer_by=SEVEN),
    ),
    (
        "order.adjustment_accepted",
        {"adjustment": 1, "lines": LINES, "total_from": 3450, "total_to": 2800},
        details.AdjustmentAccepted(adjustment=1, lines=CHANGES, total_from=3450, total_to=2800),
    ),
    (
        "order.progressed",
        {"status": "In the oven", "step": "ready"},
        details.Progressed(status="In the oven", step=Step.READY),
    ),
    ("order.progressed", {"status": "Still here", "step": None}, details.Progressed(status="Still here", step=None)),
    ("order.completed", {"status": "Served", "step": "handed_over"}, details.Completed(status="Served")),
    ("order.completed", {"status": "Delivered"}, details.Completed(status="Delivered")),
    ("order.rejected", {"reason": None}, details.Rejected(reason=None)),
    ("order.rejected", {"reason": "Closed"}, details.Rejected(reason="Closed")),
    ("order.cancelled", {"reason": None}, details.Cancelled(reason=None, adjustment=None)),
    ("order.cancelled", {"reason": None, "adjustment": 2}, details.Cancelled(reason=None, adjustment=2)),
    (
        "order.cancelled",
        {"reason": "There was no answer.", "adjustment": 1},
        details.Cancelled(reason="There was no answer.", adjustment=1),
    ),
    (
        "order.promise_moved",
        {"from": SEVEN.isoformat(), "to": EIGHT.isoformat()},
        details.PromiseMoved(before=SEVEN, after=EIGHT),
    ),
    ("order.promise_moved", {"from": None, "to": SEVEN.isoformat()}, details.PromiseMoved(before=None, after=SEVEN)),
    ("order.promise_moved", {"from": SEVEN.isoformat(), "to": None}, details.PromiseMoved(before=SEVEN, after=None)),
    ("order.contents_changed", {}, details.ContentsChanged(total_from=None, total_to=None, lines=())),
    (
        "order.contents_changed",
        {"total_from": 3450, "total_to": 2800, "lines": LINES},
        details.ContentsChanged(total_from=3450, total_to=2800, lines=CHANGES),
    ),
    ("order.refunded", {"minor": 250}, details.Refunded(minor=250)),
    ("order.tip_changed", {"minor": 500, "from": 200}, details.TipChanged(minor=500, minor_before=200)),
    ("order.rated", {"rating": 4}, details.Rated(rating=4)),
    ("order.rated", {"rating": None}, details.Rated(rating=None)),
    ("order.corrected", {}, details.Corrected(reason=None)),
    ("order.corrected", {"reason": None}, details.Corrected(reason=None)),
    ("order.corrected", {"reason": "Closed"}, details.Corrected(reason="Closed")),
]
"""Each shape of an event in old databases: its kind, its stored JSON, and the details as which it is read now."""

CHARGED, TIP = 3250, 200
REFUNDS = ((100, EARLY), (30, HERE))
"""The refunds of every order: the amount in minor units, and the source version in the old column `stamp`."""
TOLD: dict[str, dict[str, str]] = {
    "an own order": {"first_charged": "3250"},
    "from before the first price was stored": {"first": EARLY, "details": LATE},
    "everything at once": {
        **{"first": EARLY, "details": LATE, "first_charged": "3900", "placed": "said"},
        **{"refunded_sum": f"-40 {LATE}", "uncounted": "3250", "platform_promise": SEVEN.isoformat()},
        **{"tip": HERE, "rating": LATE, "status": HERE, "step": EARLY, "reason": EARLY},
        **{"order.completed": LATE, "order.rejected": EARLY, "order.cancelled": HERE},
    },
    "promised here what the platform had promised no time for": {
        **{"first": EARLY, "details": EARLY, "first_charged": "3250", "platform_promise": ""},
    },
    "counted since": {"first": EARLY, "details": LATE, "first_charged": "3250", "uncounted": "3100"},
    "reported in fractions of a second": {"first": EARLY, "details": EARLY, "platform_promise": EIGHT.isoformat()},
}
"""The content of the old column `told`, with each combination of keys that it could have."""


def the_id(number: int) -> str:
    """Return the identifier of the row with this number."""
    return f"{number:024x}"


def fill(connection: Connection) -> None:
    """Add an order for each shape of `told`; the first order has all the events."""
    tables = MetaData()
    tables.reflect(connection)
    for table_name, row in (
        ("restaurants", {"id": the_id(1), "name": "Bella Napoli", "zone": "Europe/Dublin", "currency": "EUR"}),
        ("connections", {"id": the_id(2), "restaurant_id": the_id(1), "platform": "flipdish"}),
    ):
        table = tables.tables[table_name]
        missing = {column.name for column in table.columns if not column.nullable and column.server_default is None}
        made_up = {"window_minutes": 10, "created_at": _stored_time(connection, EVENING)}
        connection.execute(insert(table), row | {name: made_up.get(name, "x") for name in missing - row.keys()})
    for number, told_before in enumerate(TOLD.values(), start=100):
        connection.execute(insert(tables.tables["orders"]), _order(connection, number, told_before))
        for ref, (minor, stamp) in enumerate(REFUNDS):
            refund = {"order_id": the_id(number), "ref": str(ref), "minor": minor, "stamp": stamp}
            connection.execute(insert(tables.tables["refunds"]), refund | {"at": _stored_time(connection, EVENING)})
    for number, (kind, data, _) in enumerate(EVENTS, start=1):
        connection.execute(insert(tables.tables["order_events"]), _event(connection, number, kind, data))


def fill_many(connection: Connection, count: int) -> None:
    """Add so many orders from before the first price was stored, each with one event, its correction."""
    tables = MetaData()
    tables.reflect(connection)
    numbers = range(1_000, 1_000 + count)
    orders = [_order(connection, number, {"first": EARLY, "details": LATE}) for number in numbers]
    events = [_event(connection, 1, "order.corrected", {}) | {"order_id": the_id(number)} for number in numbers]
    connection.execute(insert(tables.tables["orders"]), orders)
    connection.execute(insert(tables.tables["order_events"]), events)


def _stored_time(connection: Connection, moment: datetime) -> datetime:
    return moment.replace(tzinfo=None) if connection.dialect.name == "sqlite" else moment


def _order(connection: Connection, number: int, told_before: dict[str, str]) -> dict[str, Any]:
    bill = dict.fromkeys(("bill_items", "bill_delivery", "bill_service", "bill_fee", "bill_discount"), 0)
    is_own = "first" not in told_before
    return bill | {
        **{"id": the_id(number), "restaurant_id": the_id(1), "connection_id": None if is_own else the_id(2)},
        **{"platform_order_id": str(number), "short_code": "A42", "state": "confirmed", "version": len(EVENTS)},
        **{"told": told_before, "handover": "delivery", "is_advance": False, "step": "confirmed", "currency": "EUR"},
        **{"placed_at": _stored_time(connection, EVENING), "promised_at": _stored_time(connection, EIGHT)},
        **{"bill_charged": CHARGED, "bill_tip": TIP},
    }


def _event(connection: Connection, number: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    at = _stored_time(connection, EVENING + timedelta(minutes=number))
    return {
        **{"order_id": the_id(100), "number": number, "kind": kind, "by": "platform", "data": data, "tries": 0},
        **{"at": at, "recorded_at": at, "came_late": False},
    }
