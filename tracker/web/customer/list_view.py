"""A customer's orders as a list: the ones that are still moving, and the ones that have ended."""

import re
from datetime import UTC, datetime, timedelta

from tracker.orders.model import Order, OrderEvent
from tracker.orders.order_line import OrderLine
from tracker.web.customer.order_view import OrderPage
from tracker.web.order.colour import palette
from tracker.web.order.sentences import in_short

_CURSOR = re.compile(r"(\d{1,17})-([0-9a-f]{24})", re.ASCII)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAMED_LINES = 3

Cursor = tuple[datetime, str]


class ListedOrder(OrderPage):
    """One order, as briefly as a list needs it."""

    @property
    def state(self) -> str:
        """Its state in a word or two."""
        return in_short(self.order, self.now)

    @property
    def answer_by(self) -> str:
        """Until when the customer must answer; empty if they are asked nothing."""
        return self.writing.moment(self.question.answer_by) if self.question else ""

    @property
    def lines(self) -> list[OrderLine]:
        """The first few of what it is made of."""
        return self._lines[:_NAMED_LINES]

    @property
    def more_lines(self) -> int:
        """How many there are beside those."""
        return max(0, len(self._lines) - _NAMED_LINES)

    @property
    def _lines(self) -> list[OrderLine]:
        return [line for line in self.order.lines if not line.is_removed]

    def _moves(self) -> list[OrderEvent]:
        """Not told in a list, for which an order's events are not loaded."""
        return []


class OrderList:
    """One page of the list. `orders` may be one more than the page holds: then there is a next page."""

    def __init__(self, orders: list[Order], now: datetime, *, size: int) -> None:
        listed = [ListedOrder(order, now) for order in orders[:size]]
        self.live = [one for one in listed if not one.order.has_ended]
        self.past = [one for one in listed if one.order.has_ended]
        self.next = write_cursor(orders[size - 1]) if len(orders) > size else None
        self.palettes = {one.order.restaurant.id: palette(one.order.restaurant.colour) for one in listed}

    @property
    def is_empty(self) -> bool:
        """Nothing to show."""
        return not (self.live or self.past)

    @property
    def looks_like(self) -> tuple[object, ...]:
        """Equal for two lists that look the same."""
        return (self.next, *(one.looks_like for one in self.live + self.past))


def write_cursor(order: Order) -> str:
    """The place of an order in the list, as a word for an address."""
    return f"{(order.placed_at - _START) // _MICROSECOND}-{order.id}"


def read_cursor(text: str) -> Cursor | None:
    """The place that such a word means, or nothing if it means none."""
    parts = _CURSOR.fullmatch(text)
    return (_START + int(parts[1]) * _MICROSECOND, parts[2]) if parts else None
