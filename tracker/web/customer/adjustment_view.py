"""What the customer is asked when the restaurant would change their order, and what has become of the question."""

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
    """A choice that would be left out, and the lines that would lose it."""

    name: str
    lines: list[OrderLine]


class Question:
    """An adjustment that waits for its answer, as the card shows it."""

    def __init__(self, order: Order, adjustment: Adjustment, formatter: Formatter) -> None:
        self.order = order
        self.adjustment = adjustment
        self._formatter = formatter

    @property
    def extension(self) -> int:
        """Which one it would be if they asked for more time now: 1 for the first."""
        return self.adjustment.extensions + 1

    @property
    def time(self) -> Window | None:
        """When the food would be there, if the restaurant would say another time."""
        return window(self.order, self.adjustment.promised_at) if self.adjustment.promised_at else None

    @property
    def time_before(self) -> Window | None:
        """When it would have been there, as far as anybody has said."""
        before = self.order.promised_at or (self.order.requested_for if self.order.is_advance else None)
        return window(self.order, before) if before else None

    @property
    def lines(self) -> list[OrderLine]:
        """The lines that would be left out."""
        return [line for line in self.order.lines if line.ref in self.adjustment.lines]

    @property
    def options(self) -> list[OptionLeftOut]:
        """The choices that would be left out of the lines that stay."""
        staying = [line for line in remaining_lines(self.order) if line.ref not in self.adjustment.lines]
        return [
            OptionLeftOut(name, [line for line in staying if has_option(line, name)])
            for name in self.adjustment.options
        ]

    @property
    def total(self) -> Money | None:
        """What the order would cost; nothing where nobody knows."""
        difference = self.adjustment.difference
        return None if difference is None else self.order.money(self.order.bill.total + difference)

    @property
    def difference(self) -> str:
        """By how much that is less; or more, without what made it cheaper."""
        minor = self.adjustment.difference or 0
        return f"{self._formatter.format_money(self.order.money(abs(minor)))} {'more' if minor > 0 else 'less'}"

    @property
    def minutes_more(self) -> str:
        """How much longer they would have."""
        minutes = self.order.restaurant.answer_minutes
        return "1 more minute" if minutes == 1 else f"{minutes} more minutes"

    @property
    def replaces(self) -> Adjustment | None:
        """What the restaurant had proposed before, and nobody had answered."""
        older = [one for one in self.order.adjustments if one.state is AdjustmentState.REPLACED]
        return older[-1] if older else None

    @property
    def is_over(self) -> bool:
        """It is too late for an answer, though nobody has drawn the conclusion yet."""
        return self._formatter.now > self.adjustment.answer_by

    @property
    def answer_by(self) -> datetime:
        """Until when there is time."""
        return answer_time(self.adjustment)

    @property
    def time_left(self) -> str:
        """How much time there is left, in words."""
        return left(self.adjustment.answer_by, self._formatter.now)

    @property
    def default(self) -> str:
        """What happens without an answer."""
        if self.adjustment.if_unanswered is IfUnanswered.GO_AHEAD:
            happens = "your order goes ahead with this change"
        else:
            happens = "your order will be cancelled"
        if self.is_over:
            return f"The time to answer is over: {happens}."
        return f"If you don’t answer by {self._formatter.format_moment(self.answer_by)}, {happens}."

    @property
    def announcement(self) -> list[str]:
        """All of it in sentences, for somebody who listens."""
        left_out = [f"{line.quantity} × {line.name}" for line in self.lines] + [one.name for one in self.options]
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
    """Return until when the customer can answer, to the whole minute: a page that shows no seconds promises none."""
    return whole_minute(adjustment.answer_by)


def receipt(order: Order, formatter: Formatter) -> str:
    """What has become of the restaurant's last proposal: who decided what, and when. Empty if there is none or it is
    still open."""
    if not order.adjustments or order.open_adjustment:
        return ""
    return _what_became_of(order, order.adjustments[-1], formatter)


def _what_became_of(order: Order, last: Adjustment, formatter: Formatter) -> str:
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
