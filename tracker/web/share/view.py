"""View of an order on its shared page, for onlookers.

The view depends only on the order's version and the current minute, so a rendered region can be cached for a minute.
"""

from dataclasses import replace
from datetime import datetime
from functools import cached_property

from tracker.orders.model import Order, OrderEvent
from tracker.orders.queries.onlookers import SharedOrder
from tracker.orders.states import OrderEventKind, OrderState
from tracker.web.order.colour import Palette, palette
from tracker.web.order.due_time import DueTime, due_time_of, is_pending
from tracker.web.order.formatting import Formatter, whole_minute
from tracker.web.order.onlooker_sentences import (
    ASKED_FOR,
    DUE_LABELS,
    WAS_PROMISED,
    headline_for_onlookers,
    no_time_for_onlookers,
)
from tracker.web.order.sentences import with_full_stop
from tracker.web.order.timeline import Reached, ShownStep, is_set_back, timeline
from tracker.web.order.view import (
    formatter_for,
    mood_for_onlookers,
    newest_step_since,
    reloads_after,
    shared_link_title,
    time_announcement,
    view_key,
)

_CHANGES_THE_TOTAL = (
    OrderEventKind.CONTENTS_CHANGED,
    OrderEventKind.ADJUSTMENT_ACCEPTED,
    OrderEventKind.TIP_CHANGED,
)


class SharedPage:
    """View of an order for templates/share/_live.html. The order is loaded without its customer's personal data."""

    def __init__(self, shared: SharedOrder, secret: str, now: datetime) -> None:
        self.order = shared.order
        self.now = whole_minute(now)
        self.link_id, self.ends_at, self.secret = shared.link_id, shared.ends_at, secret

    @cached_property
    def formatter(self) -> Formatter:
        """Formats times and money in the restaurant's language and time zone."""
        return formatter_for(self.order, self.now)

    @property
    def view_key(self) -> tuple[object, ...]:
        """Equal for two views that look the same. It contains the link's id, because the region contains its URL."""
        return ("shared", self.link_id, *view_key(self.order, self.now))

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

    @property
    def title(self) -> str:
        """Title of the link's preview in other programs."""
        return shared_link_title(self.order.restaurant.name)

    @cached_property
    def headline(self) -> str:
        """Sentence about the order's state, without a full stop."""
        return headline_for_onlookers(self.order, self.now)

    @property
    def mood(self) -> str:
        """CSS class for the top of the page: live, done or lost."""
        return mood_for_onlookers(self.order)

    @cached_property
    def when(self) -> DueTime | None:
        """Time at which the order is due. None if nothing is pending, or while an adjustment is open."""
        if self.order.state is OrderState.ADJUSTED:
            return None
        due = due_time_of(self.order, self.now, self._events(OrderEventKind.PROMISE_MOVED))
        return replace(due, label=_label(self.order, due), moved_note=None) if due else None

    @property
    def no_time_yet(self) -> str:
        """Text in place of a time that is not known yet. Empty if a time is shown or nothing is pending."""
        if self.when or not is_pending(self.order):
            return ""
        return no_time_for_onlookers(self.order)

    @cached_property
    def timeline(self) -> list[ShownStep]:
        """Steps of the order. The restaurant's own notes are withheld."""
        return [replace(step, note=self._set_back if step.note else None) for step in timeline(self.order)]

    @property
    def is_urgent(self) -> bool:
        """Whether screen readers announce the state at once: the order was rejected or cancelled."""
        return self.order.was_rejected_or_cancelled

    @property
    def announcement(self) -> str:
        """Announcement for screen readers after a change: state, time, and the newest event if neither contains it."""
        sentences = [
            with_full_stop(self.headline),
            time_announcement(self.when, self.formatter),
            self._own_step_announcement(),
            self._set_back or "",
        ]
        newest = max(self.order.events, key=lambda event: event.number, default=None)
        if newest and newest.kind in _CHANGES_THE_TOTAL:
            sentences.append(f"The total is now {self.formatter.format_money(self.order.total)}.")
        return " ".join(filter(None, sentences))

    def _own_step_announcement(self) -> str:
        """Return the current status in the restaurant's own words: they can be finer than the headline."""
        steps = self.timeline if self.order.statuses else []
        return next((with_full_stop(step.name) for step in steps if step.reached is Reached.NOW), "")

    @property
    def _set_back(self) -> str | None:
        is_back = is_set_back(self.order)
        return f"{self.order.restaurant.name} has set the order back to this step." if is_back else None

    def _events(self, kind: OrderEventKind) -> list[OrderEvent]:
        return [event for event in self.order.events if event.kind is kind]


def _label(order: Order, when: DueTime) -> str:
    if not when.is_promised:
        return ASKED_FOR
    if when.is_overdue:
        return WAS_PROMISED
    return DUE_LABELS[order.fulfilment]
