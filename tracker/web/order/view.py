"""What every page of an order has in common, be it for whose order it is or for who only looks on."""

from datetime import datetime
from functools import cached_property

from tracker.orders.model import Order
from tracker.web.order.colour import Palette, palette
from tracker.web.order.due_time import When, is_waited_for
from tracker.web.order.formatting import Writing, whole_minute
from tracker.web.order.timeline import newest_step, reached_at


class OrderView:
    """An order as it is seen from one minute."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = whole_minute(now)

    @cached_property
    def writing(self) -> Writing:
        """How the page writes times and money."""
        return Writing(self.order.restaurant.locale, self.order.clock_zone, self.now)

    @property
    def palette(self) -> Palette:
        """The restaurant's colours."""
        return palette(self.order.restaurant.colour)

    @property
    def reloads_after(self) -> int:
        """So many seconds a page without scripts stays as it is; one on which somebody may be typing, much longer."""
        return 300 if self.order.has_ended else 30

    @property
    def since(self) -> datetime | None:
        """Since when the newest step is reached, where that matters and not when the next one comes."""
        is_ahead = self.order.has_ended or is_waited_for(self.order)
        return None if is_ahead else reached_at(self.order, newest_step(self.order))

    @property
    def is_total_open(self) -> bool:
        """Something is left out, and nobody has said yet what that changes."""
        return self.order.is_total_open

    def _announced(self, when: When | None) -> str:
        """What a screen reader says of the time that is waited for."""
        if not when:
            return ""
        window = self.writing.window(*when.window)
        if when.is_overdue:
            return f"It is later than promised; it was due {window}."
        return f"{when.label} {window}."
