"""The order as its page shows it. Seen from one minute, and as long as its version stays, it looks the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tracker.orders.model import Order, OrderEvent, OrderLine
from tracker.orders.progress import Handover, Step
from tracker.orders.refusals import Refusal
from tracker.orders.states import OrderEventKind, OrderState
from tracker.web.colour import Palette, palette
from tracker.web.format import Writing, rounded, soon, whole_minute
from tracker.web.order_bill import BillRow, bill_rows
from tracker.web.order_timeline import ShownStep, newest_step, own_words, reached_at, timeline
from tracker.web.order_words import as_sentence, bank_sentence, event_sentence, headline, money_sentence

_WAITED_FOR = {
    Handover.COLLECTION: "Ready to collect",
    Handover.DELIVERY: "With you",
    Handover.TABLE: "At your table",
}
_TOLD_BY_THE_HEADLINE = frozenset(
    {
        OrderEventKind.PLACED,
        OrderEventKind.CONFIRMED,
        OrderEventKind.COMPLETED,
        OrderEventKind.REJECTED,
        OrderEventKind.CANCELLED,
    }
)
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class When:
    """The time that the customer waits for."""

    label: str
    window: Window
    in_words: str
    is_promised: bool
    is_overdue: bool
    moved_from: Window | None = None
    moved_at: datetime | None = None
    moved_with_words: str | None = None
    """What the restaurant says, which may be why it moved."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the history."""

    at: datetime
    words: str


class OrderPage:
    """What templates/customer/_live.html shows beside what it reads from the order itself."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = whole_minute(now)
        self.refusal: Refusal | None = None
        """Why what the customer has just tried was not done."""

    @cached_property
    def writing(self) -> Writing:
        """How the page writes times and money."""
        return Writing(self.order.restaurant.locale, self.order.clock_zone, self.now)

    @property
    def looks_like(self) -> tuple[object, ...]:
        """Equal for two views that look the same."""
        restaurant = self.order.restaurant
        about_the_restaurant = (restaurant.name, restaurant.locale, restaurant.zone, restaurant.phone)
        return (self.order.id, self.order.version, self.now, restaurant.window_minutes, *about_the_restaurant)

    @cached_property
    def headline(self) -> str:
        """The state in one sentence, without a full stop."""
        return headline(self.order, self.now)

    @property
    def palette(self) -> Palette:
        """The restaurant's colours."""
        return palette(self.order.restaurant.colour)

    @property
    def came_to_nothing(self) -> bool:
        """Rejected or cancelled."""
        return self.order.state in (OrderState.REJECTED, OrderState.CANCELLED)

    @property
    def mood(self) -> str:
        """How the top of the page looks: live, done or lost."""
        if self.came_to_nothing:
            return "lost"
        return "done" if self.order.has_ended else "live"

    @property
    def reason(self) -> str:
        """Why the order came to nothing."""
        if self.order.reason:
            return as_sentence(self.order.reason)
        return "The restaurant gave no reason." if self.order.state is OrderState.REJECTED else "No reason was given."

    @property
    def money_sentence(self) -> str:
        """What is known of the customer's money when the order came to nothing."""
        return money_sentence(self.order, self.writing)

    @property
    def bank_sentence(self) -> str:
        """What is to be known of a refund that goes to a bank."""
        return bank_sentence(self.order)

    @property
    def announcement(self) -> str:
        """What a screen reader says when it has changed: the state, the time, and the newest if neither tells it."""
        said = [as_sentence(self.headline), self._time_announced()]
        if self.came_to_nothing:
            said += [self.reason, self.money_sentence]
        newest = max(self._told_events(), key=lambda event: event.number, default=None)
        if newest and newest.kind not in _TOLD_BY_THE_HEADLINE:
            said.append(as_sentence(event_sentence(self.order, newest, self.writing)))
            if newest.kind is OrderEventKind.PROMISE_MOVED:
                said.append(as_sentence(own_words(self.order) or ""))
        return " ".join(filter(None, said))

    def _time_announced(self) -> str:
        if not self.when:
            return ""
        window = self.writing.window(*self.when.window)
        if self.when.is_overdue:
            return f"It is later than promised; it was due {window}."
        return f"{self.when.label} {window}."

    @cached_property
    def when(self) -> When | None:
        """The time waited for, as long as there is something to wait for."""
        promised, requested = self.order.promised_at, self.order.requested_for
        if not self._is_waited_for:
            return None
        if promised:
            return self._promised(promised)
        return self._requested(requested) if requested and self.order.is_advance else None

    def _promised(self, promised: datetime) -> When:
        start, end = self._window(promised)
        move = self._last_move(promised)
        is_overdue = self.now > end
        return When(
            label="Was promised for" if is_overdue else _WAITED_FOR[self.order.handover],
            window=(start, end),
            in_words=soon(start, end, self.now),
            is_promised=True,
            is_overdue=is_overdue,
            moved_from=self._window(datetime.fromisoformat(move.data["from"])) if move else None,
            moved_at=move.at if move else None,
            moved_with_words=own_words(self.order) if move else None,
        )

    def _requested(self, requested: datetime) -> When:
        start, end = self._window(requested)
        in_words = "" if self.now > end else soon(start, end, self.now)
        return When("You asked for", (start, end), in_words, is_promised=False, is_overdue=False)

    @property
    def no_time_yet(self) -> str:
        """What is said in place of a time that there will be; empty when there is one or none is waited for."""
        if self.when or not self._is_waited_for:
            return ""
        is_asked = self.order.state is OrderState.PLACED
        return "The time follows when they confirm." if is_asked else "No time has been given yet."

    @property
    def since(self) -> datetime | None:
        """Since when the newest step is reached, where that matters and not when the next one comes."""
        is_ahead = self.order.has_ended or self._is_waited_for
        return None if is_ahead else reached_at(self.order, newest_step(self.order))

    @property
    def timeline(self) -> list[ShownStep]:
        """The steps."""
        return timeline(self.order)

    @property
    def bill(self) -> list[BillRow]:
        """The rows under the lines."""
        return bill_rows(self.order)

    def choices(self, line: OrderLine) -> str:
        """What was chosen for the line."""
        return ", ".join(option["name"] for option in line.options)

    @property
    def history(self) -> list[Happening]:
        """Everything that has happened, newest first."""
        events = sorted(self._told_events(), key=lambda event: (event.at, event.number), reverse=True)
        return [Happening(event.at, event_sentence(self.order, event, self.writing)) for event in events]

    @property
    def _is_waited_for(self) -> bool:
        arrived = {Step.ARRIVED, Step.HANDED_OVER}
        if self.order.handover is not Handover.DELIVERY:
            arrived.add(Step.READY)
        return not self.order.has_ended and newest_step(self.order) not in arrived

    def _told_events(self) -> list[OrderEvent]:
        """What has happened, without what was only known better later."""
        return [event for event in self.order.events if event.kind is not OrderEventKind.CORRECTED]

    def _last_move(self, promised: datetime) -> OrderEvent | None:
        moves = [event for event in self.order.events if event.kind is OrderEventKind.PROMISE_MOVED]
        last = max(moves, key=lambda event: event.number, default=None)
        told_of = last is not None and last.data["from"] and last.data["to"]
        return last if told_of and last and datetime.fromisoformat(last.data["to"]) == promised else None

    def _window(self, due: datetime) -> Window:
        start = rounded(due)
        return start, start + timedelta(minutes=self.order.restaurant.window_minutes)
