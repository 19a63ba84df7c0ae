"""A comparable snapshot of everything that anybody can see of an order, to detect visible changes."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter

from sqlalchemy import inspect

from tracker.orders.lines import line_snapshot
from tracker.orders.model import Order

_INVISIBLE_COLUMNS = frozenset(
    {
        *("version", "source_versions", "is_placed_at_reported", "is_promise_own", "platform_promised_at"),
        *("first_charged_minor", "uncounted_charged_minor", "platform_refunded_minor", "platform_refunded_version"),
    }
)
"""Columns that no page shows directly. Their visible effect is part of the sums."""


def order_snapshot(order: Order) -> tuple[object, ...]:
    """Return a comparable snapshot of the order. Two snapshots are unequal if anybody could see a difference."""
    columns = _columns()(order)
    happened = tuple((event.kind, event.at, event.details) for event in order.events)
    sums = (order.bill, order.total_as_ordered, order.refunded)
    return (*columns, *sums, tuple(line_snapshot(order)), happened)


@cache
def _columns() -> Callable[[Order], tuple[object, ...]]:
    return attrgetter(*(column.key for column in inspect(Order).column_attrs if column.key not in _INVISIBLE_COLUMNS))
