"""The order as its page shows it. Seen from one minute, and as long as its version stays, it looks the same."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.share_links import can_be_shared, links_expire_at
from tracker.orders.refusals import Refusal
from tracker.orders.states import OrderEventKind, OrderState
from tracker.web.customer.adjustment_view import Question, receipt
from tracker.web.order.amounts import format_amount
from tracker.web.order.bill import BillRow, bill_rows
from tracker.web.order.colour import Palette, palette
from tracker.web.order.due_time import DUE_LABELS, DueTime, due_time_of, is_pending
from tracker.web.order.formatting import Formatter, whole_minute
from tracker.web.order.sentences import (
    bank_sentence,
    event_sentence,
    headline,
    money_sentence,
    reason_sentence,
    with_full_stop,
)
from tracker.web.order.timeline import (
    ShownStep,
    custom_status_text,
    is_set_back,
    set_back_sentence,
    timeline,
)
from tracker.web.order.view import (
    mood,
    newest_step_since,
    reloads_after,
    time_announcement,
    view_key,
    writing_for,
)

_IN_HEADLINE = frozenset(
    {
        OrderEventKind.PLACED,
        OrderEventKind.CONFIRMED,
        OrderEventKind.ADJUSTED,
        OrderEventKind.COMPLETED,
        OrderEventKind.REJECTED,
        OrderEventKind.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the history."""

    at: datetime
    text: str


class OrderPage:
    """What templates/customer/_live.html shows beside what it reads from the order itself."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = whole_minute(now)
        self.refusal: Refusal | None = None
        """Why what the customer has just tried was not done."""

    @cached_property
    def formatter(self) -> Formatter:
        """How it writes times and money."""
        return writing_for(self.order, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two views that look the same."""
        restaurant = self.order.restaurant
        return (*view_key(self.order, self.now), restaurant.phone, restaurant.answer_minutes)

    @property
    def palette(self) -> Palette:
        """The restaurant's colours."""
        return palette(self.order.restaurant.colour)

    @property
    def reloads_after(self) -> int:
        """After how many seconds the page reloads itself without scripts."""
        return reloads_after(self.order)

    @property
    def since(self) -> datetime | None:
        """When the newest step was reached, where that matters."""
        return newest_step_since(self.order)

    @cached_property
    def headline(self) -> str:
        """The state in one sentence, without a full stop."""
        return headline(self.order, self.now)

    @cached_property
    def question(self) -> Question | None:
        """What the customer is asked, if they are."""
        adjustment = self.order.open_adjustment
        return Question(self.order, adjustment, self.formatter) if adjustment else None

    @property
    def receipt(self) -> str:
        """What has become of what they were asked."""
        return receipt(self.order, self.formatter)

    @property
    def is_urgent(self) -> bool:
        """Something must be decided, or has come to nothing: whoever listens is interrupted."""
        return self.order.was_rejected_or_cancelled or self.question is not None

    @property
    def can_be_cancelled(self) -> bool:
        """Nobody has taken the order on yet."""
        return self.order.state in (OrderState.PLACED, OrderState.ADJUSTED)

    @property
    def can_be_shared(self) -> bool:
        """There is something for others to follow."""
        return can_be_shared(self.order, self.now)

    @property
    def shown_to_others_until(self) -> datetime | None:
        """When links to it stop, if they have not."""
        ends_at = links_expire_at(self.order)
        return ends_at if self.now < ends_at else None

    @property
    def mood(self) -> str:
        """How the top of the page looks: live, asking, done or lost."""
        return mood(self.order)

    @property
    def reason(self) -> str:
        """Why the order came to nothing."""
        return reason_sentence(self.order)

    @property
    def money_sentence(self) -> str:
        """What is known of the customer's money when the order came to nothing."""
        return money_sentence(self.order, self.formatter)

    @property
    def bank_sentence(self) -> str:
        """What is to be known of a refund that goes to a bank."""
        return bank_sentence(self.order)

    @property
    def announcement(self) -> str:
        """What a screen reader says when it has changed: the state, the time, and the newest if neither tells it."""
        sentences = [with_full_stop(self.headline), time_announcement(self.when, self.formatter)]
        if self.question:
            sentences += self.question.announcement
        if self.order.was_rejected_or_cancelled:
            sentences += [self.reason, self.money_sentence]
        newest = max(self._history_events(), key=lambda event: event.number, default=None)
        if newest and newest.kind not in _IN_HEADLINE:
            sentences.append(with_full_stop(event_sentence(self.order, newest, self.formatter)))
            if newest.kind is OrderEventKind.PROMISE_MOVED:
                sentences.append(with_full_stop(custom_status_text(self.order) or ""))
            if newest.kind is OrderEventKind.PROGRESSED and is_set_back(self.order):
                sentences.append(set_back_sentence(self.order))
        return " ".join(filter(None, sentences))

    @cached_property
    def when(self) -> DueTime | None:
        """The time waited for, as long as there is something to wait for; while a change is open, nobody knows it."""
        return None if self.question else due_time_of(self.order, self.now, self._moves())

    @property
    def due_label(self) -> str:
        """What the time is the time of: Ready to collect, With you, At your table."""
        return DUE_LABELS[self.order.fulfilment]

    @property
    def no_time_yet(self) -> str:
        """What is said in place of a time that there will be; empty when there is one or none is waited for."""
        if self.when or self.question or not is_pending(self.order):
            return ""
        is_asked = self.order.state is OrderState.PLACED
        return "The time follows when they confirm." if is_asked else "No time has been given yet."

    @property
    def timeline(self) -> list[ShownStep]:
        """The steps."""
        return timeline(self.order)

    @property
    def bill(self) -> list[BillRow]:
        """The rows under the lines."""
        return bill_rows(self.order)

    @property
    def tip(self) -> str:
        """The tip as one would type it; empty without one."""
        return (
            format_amount(self.order.money(self.order.bill.tip), self.formatter.language) if self.order.bill.tip else ""
        )

    @property
    def history(self) -> list[HistoryEntry]:
        """Everything that has happened, newest first."""
        events = sorted(self._history_events(), key=lambda event: (event.at, event.number), reverse=True)
        return [HistoryEntry(event.at, event_sentence(self.order, event, self.formatter)) for event in events]

    def _history_events(self) -> list[OrderEvent]:
        """What has happened, without what was only known better later."""
        return [event for event in self.order.events if event.kind is not OrderEventKind.CORRECTED]

    def _moves(self) -> list[OrderEvent]:
        return [event for event in self.order.events if event.kind is OrderEventKind.PROMISE_MOVED]
