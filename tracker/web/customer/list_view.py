"""View of a customer's list of orders: live ones and ended ones, in pages."""

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
from tracker.web.order.view import formatter_for, mood, remaining_lines, view_key

_CURSOR = re.compile(rf"(\d{{1,17}})-({ID_PATTERN})", re.ASCII)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAMED_LINES = 3

Cursor = tuple[datetime, str]


class ListedOrder:
    """View of one order in the list. It uses no events, because a list does not load them."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = whole_minute(now)

    @cached_property
    def formatter(self) -> Formatter:
        """Formats times and money in the restaurant's language and time zone."""
        return formatter_for(self.order, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two entries that look the same; part of the list's ETag."""
        return view_key(self.order, self.now)

    @property
    def state(self) -> str:
        """State of the order in a word or two."""
        return short_state(self.order, self.now)

    @property
    def mood(self) -> str:
        """CSS class of the entry: live, asking, done or lost."""
        return mood(self.order)

    @property
    def answer_by(self) -> datetime | None:
        """Deadline for answering the open adjustment. None if there is none."""
        return answer_time(self.order.open_adjustment) if self.order.open_adjustment else None

    @property
    def when(self) -> DueTime | None:
        """Time at which the order is due. None if nothing is pending or an adjustment is open."""
        return None if self.order.open_adjustment else due_time_of(self.order, self.now, [])

    @property
    def lines(self) -> list[OrderLine]:
        """The first few remaining lines."""
        return remaining_lines(self.order)[:_NAMED_LINES]

    @property
    def more_lines(self) -> int:
        """Number of remaining lines that `lines` does not contain."""
        return max(0, len(remaining_lines(self.order)) - _NAMED_LINES)


class OrderList:
    """One page of the list. `orders` has up to `size` + 1 orders; the last one shows that there is a next page."""

    def __init__(self, orders: list[Order], now: datetime, *, size: int) -> None:
        listed = [ListedOrder(order, now) for order in orders[:size]]
        self.live = [entry for entry in listed if not entry.order.has_ended]
        self.past = [entry for entry in listed if entry.order.has_ended]
        self.next = format_cursor(orders[size - 1]) if len(orders) > size else None

    @property
    def is_empty(self) -> bool:
        """Whether the page has no orders."""
        return not (self.live or self.past)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two lists that look the same."""
        return (self.next, *(entry.view_key for entry in self.live + self.past))


def format_cursor(order: Order) -> str:
    """Return the cursor of the page after this order, as text for a query parameter."""
    return f"{(order.placed_at - _START) // _MICROSECOND}-{order.id}"


def parse_cursor(text: str) -> Cursor | None:
    """Return the time and id that a cursor contains, or None if it is malformed."""
    parts = _CURSOR.fullmatch(text)
    return (_START + int(parts[1]) * _MICROSECOND, parts[2]) if parts else None
