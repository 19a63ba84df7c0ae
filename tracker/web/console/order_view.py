"""The console's page of one order: its buttons, its contents, its bill and its history."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tracker.accounts.model import Restaurant
from tracker.orders.events import ending_of
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.adjustments import has_option
from tracker.orders.queries.board import OrderVersion
from tracker.orders.states import OrderState
from tracker.web.console.buttons import Button, confirm_buttons, later_buttons, status_buttons
from tracker.web.console.card_view import Card
from tracker.web.console.sentences import actor_label, event_text
from tracker.web.order.bill import BillRow, bill_rows
from tracker.web.order.formatting import whole_minute
from tracker.web.order.sentences import bank_sentence
from tracker.web.order.view import mood, remaining_lines

_UNANSWERED = (OrderState.PLACED, OrderState.ADJUSTED)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the history: the time, the event in words, and who did it."""

    at: datetime
    what: str
    actor_name: str


class ConsoleOrder:
    """The view that templates/console/order/_live.html shows, beside the order itself."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.card = Card(order, now, ending_of(order))
        """The view of the order's card on the board, parts of which the page shows too."""
        self.formatter = self.card.formatter

    @property
    def title(self) -> str:
        """The title of the browser's tab."""
        return f"{self.order.short_code}: {self.card.state_label}"

    @property
    def mood(self) -> str:
        """The style of the page: live, asking, done or lost."""
        return mood(self.order)

    @property
    def announcement(self) -> str:
        """The text that screen readers announce when the order has changed: its state and its newest event."""
        newest = self.history[0]
        return f"{self.order.short_code}: {self.card.state_label}. {newest.what}, {newest.actor_name}."

    @property
    def history(self) -> list[HistoryEntry]:
        """All events of the order, newest first."""
        events = sorted(self.order.events, key=lambda event: (event.at, event.number), reverse=True)
        return [self._entry(event) for event in events]

    @property
    def can_be_answered(self) -> bool:
        """Whether the restaurant can still confirm the order."""
        return self.order.state in _UNANSWERED

    @cached_property
    def confirming(self) -> list[Button]:
        """The buttons that confirm the order; empty if it can't be confirmed any more."""
        return confirm_buttons(self.order, self.card.now, self.formatter) if self.can_be_answered else []

    @cached_property
    def progressing(self) -> list[Button]:
        """The buttons that set another status."""
        return status_buttons(self.order)

    @cached_property
    def putting_off(self) -> list[Button]:
        """The buttons that postpone the promised time."""
        return later_buttons(self.order)

    @property
    def options_by_name(self) -> list[tuple[str, list[str]]]:
        """Each option that can be left out, with the names of all lines that have it and that it is left out of."""
        found: dict[str, list[str]] = {}
        for line in remaining_lines(self.order):
            for option in line.options:
                if has_option(line, option["name"]):
                    found.setdefault(option["name"], []).append(line.name)
        return list(found.items())

    @property
    def bill(self) -> list[BillRow]:
        """The rows of the bill below the dishes."""
        return bill_rows(self.order)

    @property
    def bank_sentence(self) -> str:
        """The sentence about a refund to a bank account; empty if there is none."""
        return bank_sentence(self.order)

    def _entry(self, event: OrderEvent) -> HistoryEntry:
        return HistoryEntry(event.at, event_text(self.order, event, self.formatter), actor_label(event))


def order_view_key(restaurant: Restaurant, order_version: OrderVersion, now: datetime) -> tuple[object, ...]:
    """Return a key that is equal for two views of an order that look the same, for use in an ETag."""
    settings = (restaurant.name, restaurant.locale, restaurant.zone, str(restaurant.statuses))
    return ("order of restaurant", restaurant.id, *order_version, *settings, whole_minute(now))
