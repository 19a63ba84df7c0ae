"""View of an adjustment for the customer: the open question, and afterwards its outcome."""

from dataclasses import dataclass
from datetime import datetime

from tracker.accounts.model import IfUnanswered
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order
from tracker.orders.money import Money
from tracker.orders.operations.adjustments import has_option
from tracker.orders.order_line import OrderLine
from tracker.orders.states import Actor, AdjustmentState, OrderState
from tracker.web.order.due_time import Window, window
from tracker.web.order.formatting import Formatter, left, whole_minute
from tracker.web.order.sentences import with_full_stop
from tracker.web.order.view import remaining_lines


@dataclass(frozen=True, slots=True)
class OptionLeftOut:
    """An option that would be left out, and the lines that have it."""

    name: str
    lines: list[OrderLine]


class Question:
    """View of an adjustment that awaits the customer's answer."""

    def __init__(self, order: Order, adjustment: Adjustment, formatter: Formatter) -> None:
        self.order = order
        self.adjustment = adjustment
        self._formatter = formatter

    @property
    def extension(self) -> int:
        """Number of the extension that the customer would request now, starting at 1."""
        return self.adjustment.extensions + 1

    @property
    def time(self) -> Window | None:
        """The proposed time. None if the adjustment proposes none."""
        return window(self.order, self.adjustment.promised_at) if self.adjustment.promised_at else None

    @property
    def time_before(self) -> Window | None:
        """The time that was promised or requested before. None if there is none."""
        before = self.order.promised_at or (self.order.requested_for if self.order.is_advance else None)
        return window(self.order, before) if before else None

    @property
    def lines(self) -> list[OrderLine]:
        """Lines that would be left out."""
        return [line for line in self.order.lines if line.ref in self.adjustment.lines]

    @property
    def options(self) -> list[OptionLeftOut]:
        """Options that would be left out of the remaining lines."""
        staying = [line for line in remaining_lines(self.order) if line.ref not in self.adjustment.lines]
        return [
            OptionLeftOut(name, [line for line in staying if has_option(line, name)])
            for name in self.adjustment.options
        ]

    @property
    def total(self) -> Money | None:
        """Total of the adjusted order. None if it is unknown, as for orders of platforms."""
        difference = self.adjustment.difference
        return None if difference is None else self.order.money(self.order.bill.total + difference)

    @property
    def difference(self) -> str:
        """Difference to the current total, in words. It is "more" if an option with a negative price is left out."""
        minor = self.adjustment.difference or 0
        return f"{self._formatter.format_money(self.order.money(abs(minor)))} {'more' if minor > 0 else 'less'}"

    @property
    def minutes_more(self) -> str:
        """Length of an extension, in words."""
        minutes = self.order.restaurant.answer_minutes
        return "1 more minute" if minutes == 1 else f"{minutes} more minutes"

    @property
    def replaces(self) -> Adjustment | None:
        """The unanswered adjustment that this one replaces. None if it is the first."""
        older = [earlier for earlier in self.order.adjustments if earlier.state is AdjustmentState.REPLACED]
        return older[-1] if older else None

    @property
    def is_over(self) -> bool:
        """Whether the time to answer is over, although the worker has not ended the adjustment yet."""
        return self._formatter.now > self.adjustment.answer_by

    @property
    def answer_by(self) -> datetime:
        """Deadline for the answer, to the whole minute."""
        return answer_time(self.adjustment)

    @property
    def time_left(self) -> str:
        """Remaining time to answer, in words."""
        return left(self.adjustment.answer_by, self._formatter.now)

    @property
    def default(self) -> str:
        """Sentence that says what happens without an answer."""
        if self.adjustment.if_unanswered is IfUnanswered.GO_AHEAD:
            outcome = "your order goes ahead with this change"
        else:
            outcome = "your order will be cancelled"
        if self.is_over:
            return f"The time to answer is over: {outcome}."
        return f"If you don’t answer by {self._formatter.format_moment(self.answer_by)}, {outcome}."

    @property
    def announcement(self) -> list[str]:
        """Sentences for screen readers that contain everything the card shows."""
        left_out = [f"{line.quantity} × {line.name}" for line in self.lines] + [option.name for option in self.options]
        total = "The total is subject to change."
        if self.total is not None:
            total = f"The total would be {self._formatter.format_money(self.total)}."
        return [
            self._time_sentence(),
            f"Left out: {', '.join(left_out)}." if left_out else "",
            with_full_stop(self.adjustment.reason or ""),
            total,
            self.default,
        ]

    def _time_sentence(self) -> str:
        if not self.time:
            return ""
        before = f" instead of {self._formatter.format_day_and_window(*self.time_before)}" if self.time_before else ""
        return f"The time would be {self._formatter.format_day_and_window(*self.time)}{before}."


def answer_time(adjustment: Adjustment) -> datetime:
    """Return the deadline for the answer, rounded to the minute, because the page shows no seconds."""
    return whole_minute(adjustment.answer_by)


def receipt(order: Order, formatter: Formatter) -> str:
    """Return a sentence with the outcome of the last adjustment: who decided what, and when.

    It is empty if there is no adjustment or the last one is still open.
    """
    if not order.adjustments or order.open_adjustment:
        return ""
    return _outcome(order, order.adjustments[-1], formatter)


def _outcome(order: Order, last: Adjustment, formatter: Formatter) -> str:
    when, name = formatter.format_at(last.ended_at or last.proposed_at), order.restaurant.name
    went_ahead = last.if_unanswered is IfUnanswered.GO_AHEAD
    match last.state:
        case AdjustmentState.ACCEPTED:
            return f"You accepted {name}’s change {when}."
        case AdjustmentState.REJECTED:
            return f"You rejected {name}’s change {when}, and your order was cancelled."
        case AdjustmentState.LAPSED:
            outcome = "went ahead with the change" if went_ahead else "was cancelled"
            return f"There was no answer in time, so your order {outcome} {when}."
    if last.ended_by is Actor.CUSTOMER:
        return f"You cancelled the order {when}, and with it the change that {name} proposed."
    if order.state in (OrderState.CONFIRMED, OrderState.COMPLETED):
        return f"{name} took the change back {when}, and confirmed your order as it was."
    return f"The change that {name} proposed ended with the order {when}."
