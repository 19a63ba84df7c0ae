"""An order's card on the console: its state, its dishes, how urgent it is, and the next buttons."""

from datetime import datetime, timedelta

from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order, OrderEvent
from tracker.orders.order_line import OrderLine
from tracker.orders.states import Actor, OrderState
from tracker.web.console.buttons import Button, confirm_buttons, last_button, next_button
from tracker.web.console.sentences import default_sentence, fulfilment_label, proposal_sentences, state_label, waited
from tracker.web.order.due_time import is_pending
from tracker.web.order.formatting import Formatter, whole_minute
from tracker.web.order.sentences import is_for_later
from tracker.web.order.view import formatter_for, remaining_lines

_LONG_AFTER = timedelta(hours=6)
_A_WHILE = timedelta(minutes=10)
_LONG_WAIT = timedelta(minutes=5)
_NAMED_DISHES = 6
_LONG_CODE = 6


class Card:
    """The view of one order on the board. `ending` is the event that ended the order, or None if it has not ended."""

    def __init__(self, order: Order, now: datetime, ending: OrderEvent | None = None) -> None:
        self.order = order
        self.now = whole_minute(now)
        self.formatter: Formatter = formatter_for(order, self.now)
        self._ending = ending

    @property
    def has_long_code(self) -> bool:
        """Whether the short code is too long to fit beside the time."""
        return len(self.order.short_code) > _LONG_CODE

    @property
    def fulfilment(self) -> str:
        """How the food is handed over, in a word or two."""
        return fulfilment_label(self.order)

    @property
    def state_label(self) -> str:
        """The state of the order, in a word or two."""
        return state_label(self.order, self._ending)

    @property
    def shows_status(self) -> bool:
        """Whether the card shows the state, which is left out where the section's heading is enough."""
        is_plain = self.order.state is OrderState.CONFIRMED and not self.order.status_text
        return not (is_plain or self.order.state in (OrderState.PLACED, OrderState.ADJUSTED))

    @property
    def was_timed_out(self) -> bool:
        """Whether the order was ended because nobody answered in time; its label already gives that reason."""
        return self._ending is not None and self._ending.by is Actor.CLOCK

    @property
    def due(self) -> datetime | None:
        """When the food is due: the promised time, or else the requested one."""
        return self.order.promised_at or self.order.requested_for

    @property
    def is_late(self) -> bool:
        """Whether the order is due but has not been handed over."""
        is_confirmed = self.order.state is OrderState.CONFIRMED
        is_over = self.due is not None and self.due < self.now
        return is_confirmed and is_pending(self.order) and is_over and not self.is_left_open

    @property
    def distance_text(self) -> str:
        """How far away the due time is, in words; empty if it is a day or more, or if nobody waits for the order."""
        if self.due is None or not is_pending(self.order) or self.is_left_open:
            return ""
        minutes = round((self.due - self.now) / timedelta(minutes=1))
        if abs(minutes) >= 24 * 60:
            return ""
        far = f"{abs(minutes)} min" if abs(minutes) < 90 else f"{abs(minutes) // 60} h {abs(minutes) % 60} min"
        return f"in {far}" if minutes > 0 else f"{far} late" if minutes < 0 else "now"

    @property
    def waited(self) -> str:
        """How long ago the order was placed, in words."""
        return waited(self.order.placed_at, self.now)

    @property
    def waits_long(self) -> bool:
        """Whether a new order has not been answered for several minutes."""
        return self.order.state is OrderState.PLACED and self.now - self.order.placed_at >= _LONG_WAIT

    @property
    def dishes(self) -> list[OrderLine]:
        """The first few lines that are to be made."""
        return remaining_lines(self.order)[:_NAMED_DISHES]

    @property
    def more_dishes(self) -> int:
        """The number of lines that are not among `dishes`."""
        return max(0, len(remaining_lines(self.order)) - _NAMED_DISHES)

    def options_of(self, line: OrderLine) -> str:
        """Return the line's options without those that were left out, as text."""
        return ", ".join(option["name"] for option in line.options if option["name"] not in line.options_left_out)

    @property
    def asked(self) -> Adjustment | None:
        """The adjustment that the customer has yet to answer, or None."""
        return self.order.open_adjustment

    @property
    def proposal(self) -> list[str]:
        """The open adjustment in words; empty if there is none."""
        return proposal_sentences(self.order, self.asked, self.formatter) if self.asked else []

    @property
    def default(self) -> str:
        """Consequence of no answer by the customer, in words; empty if there is no open adjustment."""
        return default_sentence(self.asked) if self.asked else ""

    @property
    def buttons(self) -> list[Button]:
        """The buttons for what most likely comes next."""
        if self.order.state is OrderState.PLACED:
            return confirm_buttons(self.order, self.now, self.formatter)
        if self.order.state is OrderState.CONFIRMED and self.is_left_open:
            return [last_button(self.order)]
        following = next_button(self.order)
        return [following] if following else []

    @property
    def is_for_later(self) -> bool:
        """Whether the order is for so much later that nobody needs to begin with it yet."""
        return is_for_later(self.order, self.now)

    @property
    def is_left_open(self) -> bool:
        """Whether the order was due so long ago that it has most likely been handed over without being completed."""
        return self.now - (self.due or self.order.placed_at) > _LONG_AFTER

    @property
    def was_stopped(self) -> bool:
        """Whether somebody else has just cancelled or rejected the order, which the kitchen must notice."""
        was_rejected_or_cancelled, ended = self.order.was_rejected_or_cancelled, self.order.ended_at
        by_us = self._ending is not None and self._ending.by is Actor.RESTAURANT
        return was_rejected_or_cancelled and not by_us and ended is not None and self.now - ended < _A_WHILE
