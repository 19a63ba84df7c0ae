"""A customer's orders as a list: the ones that are still moving, and the ones that have ended."""

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property

from tracker.ids import ID_PATTERN
from tracker.orders.model import Order
from tracker.orders.order_line import OrderLine
from tracker.web.customer.adjustment_view import answer_time
from tracker.web.order.due_time import DueTime, due_time_of
from tracker.web.order.formatting import Formatter, whole_minute
from tracker.web.order.sentences import short_state
from tracker.web.order.view import mood, remaining_lines, view_key, writing_for

_CURSOR = re.compile(rf"(\d{{1,17}})-({ID_PATTERN})", re.ASCII)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAMED_LINES = 3

Cursor = tuple[datetime, str]


class ListedOrder:
    """One order, as briefly as a list needs it. An order's events are not loaded for a list."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = whole_minute(now)

    @cached_property
    def formatter(self) -> Formatter:
        """How it writes times and money."""
        return writing_for(self.order, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two entries that look the same."""
        return view_key(self.order, self.now)

    @property
    def state(self) -> str:
        """Its state in a word or two."""
        return short_state(self.order, self.now)

    @property
    def mood(self) -> str:
        """How the entry looks: live, asking, done or lost."""
        return mood(self.order)

    @property
    def answer_by(self) -> datetime | None:
        """Until when the customer must answer; None if they are asked nothing."""
        return answer_time(self.order.open_adjustment) if self.order.open_adjustment else None

    @property
    def when(self) -> DueTime | None:
        """The time that the customer waits for; a list does not say that it was moved."""
        return None if self.order.open_adjustment else due_time_of(self.order, self.now, [])

    @property
    def lines(self) -> list[OrderLine]:
        """The first few of what it is made of."""
        return remaining_lines(self.order)[:_NAMED_LINES]

    @property
    def more_lines(self) -> int:
        """How many there are beside those."""
        return max(0, len(remaining_lines(self.order)) - _NAMED_LINES)


class OrderList:
    """One page of the list. `orders` may be one more than the page holds: then there is a next page."""

    def __init__(self, orders: list[Order], now: datetime, *, size: int) -> None:
        listed = [ListedOrder(order, now) for order in orders[:size]]
        self.live = [one for one in listed if not one.order.has_ended]
        self.past = [one for one in listed if one.order.has_ended]
        self.next = format_cursor(orders[size - 1]) if len(orders) > size else None

    @property
    def is_empty(self) -> bool:
        """Nothing to show."""
        return not (self.live or self.past)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two lists that look the same."""
        return (self.next, *(one.view_key for one in self.live + self.past))


def format_cursor(order: Order) -> str:
    """The place of an order in the list, as a word for an address."""
    return f"{(order.placed_at - _START) // _MICROSECOND}-{order.id}"


def parse_cursor(text: str) -> Cursor | None:
    """The place that such a word means, or nothing if it means none."""
    parts = _CURSOR.fullmatch(text)
    return (_START + int(parts[1]) * _MICROSECOND, parts[2]) if parts else None
