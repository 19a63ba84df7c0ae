"""View of an order on its customer's page.

The view depends only on the order's version and the current minute, so a rendered region can be cached for a minute.
"""

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
    formatter_for,
    mood,
    newest_step_since,
    reloads_after,
    time_announcement,
    view_key,
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
    """One entry of the order's history."""

    at: datetime
    text: str


class OrderPage:
    """View of an order for templates/customer/_live.html, in addition to the order itself."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = whole_minute(now)
        self.refusal: Refusal | None = None
        """Refusal of the operation that the customer has just tried. None if there was none."""

    @cached_property
    def formatter(self) -> Formatter:
        """Formats times and money in the restaurant's language and time zone."""
        return formatter_for(self.order, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two views that look the same; part of the region's ETag."""
        restaurant = self.order.restaurant
        return (*view_key(self.order, self.now), restaurant.phone, restaurant.answer_minutes)

    @property
    def palette(self) -> Palette:
        """Colours of the restaurant."""
        return palette(self.order.restaurant.colour)

    @property
    def reloads_after(self) -> int:
        """Seconds after which the page reloads itself if scripts are off."""
        return reloads_after(self.order)

    @property
    def since(self) -> datetime | None:
        """Time at which the newest step was reached. None if it is not shown."""
        return newest_step_since(self.order)

    @cached_property
    def headline(self) -> str:
        """Sentence about the order's state, without a full stop."""
        return headline(self.order, self.now)

    @cached_property
    def question(self) -> Question | None:
        """The open adjustment. None if there is none."""
        adjustment = self.order.open_adjustment
        return Question(self.order, adjustment, self.formatter) if adjustment else None

    @property
    def receipt(self) -> str:
        """Sentence with the outcome of the last adjustment. Empty if there is none or it is open."""
        return receipt(self.order, self.formatter)

    @property
    def is_urgent(self) -> bool:
        """Whether screen readers announce the state at once: after an adjustment, a rejection or a cancellation."""
        return self.order.was_rejected_or_cancelled or self.question is not None

    @property
    def can_be_cancelled(self) -> bool:
        """Whether the customer can cancel: the restaurant has not confirmed the order."""
        return self.order.state in (OrderState.PLACED, OrderState.ADJUSTED)

    @property
    def can_be_shared(self) -> bool:
        """Whether the customer can make share links for the order now."""
        return can_be_shared(self.order, self.now)

    @property
    def shown_to_others_until(self) -> datetime | None:
        """Time at which the order's share links expire. None if they have expired."""
        ends_at = links_expire_at(self.order)
        return ends_at if self.now < ends_at else None

    @property
    def mood(self) -> str:
        """CSS class for the top of the page: live, asking, done or lost."""
        return mood(self.order)

    @property
    def reason(self) -> str:
        """Sentence that says why the order was rejected or cancelled."""
        return reason_sentence(self.order)

    @property
    def money_sentence(self) -> str:
        """Sentence about the customer's money after the order was rejected or cancelled."""
        return money_sentence(self.order, self.formatter)

    @property
    def bank_sentence(self) -> str:
        """Sentence about the days that a refund to a bank takes. Empty without one."""
        return bank_sentence(self.order)

    @property
    def announcement(self) -> str:
        """Announcement for screen readers after a change: state, time, and the newest event if neither contains it."""
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
        """Time at which the order is due. None if nothing is pending, or while an adjustment is open."""
        return None if self.question else due_time_of(self.order, self.now, self._moves())

    @property
    def due_label(self) -> str:
        """Label of the due time: Ready to collect, With you, At your table."""
        return DUE_LABELS[self.order.fulfilment]

    @property
    def no_time_yet(self) -> str:
        """Text in place of a time that is not known yet. Empty if a time is shown or nothing is pending."""
        if self.when or self.question or not is_pending(self.order):
            return ""
        is_asked = self.order.state is OrderState.PLACED
        return "The time follows when they confirm." if is_asked else "No time has been given yet."

    @property
    def timeline(self) -> list[ShownStep]:
        """Steps of the order, in their order."""
        return timeline(self.order)

    @property
    def bill(self) -> list[BillRow]:
        """Rows of the bill below the lines."""
        return bill_rows(self.order)

    @property
    def tip(self) -> str:
        """The tip as text for its input field. Empty if there is none."""
        return (
            format_amount(self.order.money(self.order.bill.tip), self.formatter.language) if self.order.bill.tip else ""
        )

    @property
    def history(self) -> list[HistoryEntry]:
        """Entries of the history, newest first."""
        events = sorted(self._history_events(), key=lambda event: (event.at, event.number), reverse=True)
        return [HistoryEntry(event.at, event_sentence(self.order, event, self.formatter)) for event in events]

    def _history_events(self) -> list[OrderEvent]:
        """Return the order's events without corrections of data, which are no entries of the history."""
        return [event for event in self.order.events if event.kind is not OrderEventKind.CORRECTED]

    def _moves(self) -> list[OrderEvent]:
        return [event for event in self.order.events if event.kind is OrderEventKind.PROMISE_MOVED]
