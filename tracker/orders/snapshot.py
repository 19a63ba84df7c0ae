"""All of an order that anybody could see, to tell whether something of it has changed."""

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
"""Columns that nobody is shown by themselves: what can be seen of them is in the sums."""


def order_snapshot(order: Order) -> tuple[object, ...]:
    """Equal for two moments between which nobody could see a difference."""
    columns = _columns()(order)
    happened = tuple((event.kind, event.at, event.details) for event in order.events)
    sums = (order.bill, order.total_as_ordered, order.refunded)
    return (*columns, *sums, tuple(line_snapshot(order)), happened)


@cache
def _columns() -> Callable[[Order], tuple[object, ...]]:
    return attrgetter(*(column.key for column in inspect(Order).column_attrs if column.key not in _INVISIBLE_COLUMNS))
