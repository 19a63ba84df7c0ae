"""The board: a restaurant's orders in sections by what needs doing. Within a minute, its look depends on them alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tracker.accounts.model import Restaurant
from tracker.orders.progress import Step
from tracker.orders.queries.board import BoardOrders, BoardVersions
from tracker.orders.states import OrderState
from tracker.web.console.card_view import Card
from tracker.web.console.sentences import join_codes
from tracker.web.order.formatting import whole_minute


@dataclass(frozen=True, slots=True)
class Section:
    """Orders with which the staff have the same thing to do."""

    key: str
    heading: str
    cards: list[Card]
    if_empty: str = ""
    """The text of a section without orders; if it is empty, such a section is not shown."""


class Board:
    """The view that templates/console/board/_live.html shows."""

    def __init__(self, restaurant: Restaurant, orders: BoardOrders, now: datetime) -> None:
        self.restaurant = restaurant
        self.now = whole_minute(now)
        self.more = orders.more
        self._live = [Card(order, now) for order in orders.live]
        self._ended = [Card(order, now, orders.final_events.get(order.id)) for order in orders.ended]

    @cached_property
    def to_answer(self) -> Section:
        """New orders, which the restaurant has to answer."""
        return Section("answer", "Needs your answer", self._in(OrderState.PLACED), "Nothing waits for your answer.")

    @cached_property
    def stopped(self) -> Section:
        """Orders that were just cancelled, which somebody may still be preparing."""
        return Section("stopped", "Cancelled just now", [card for card in self._ended if card.was_stopped])

    @property
    def columns(self) -> list[list[Section]]:
        """The columns from left to right, each with its sections from top to bottom."""
        active = [card for card in self._in(OrderState.CONFIRMED) if not card.is_left_open]
        later = [card for card in active if card.is_for_later]
        now = [card for card in active if not card.is_for_later]
        in_kitchen = [card for card in now if card.order.step in (Step.PLACED, Step.CONFIRMED)]
        under_way = [card for card in now if card.order.step not in (Step.PLACED, Step.CONFIRMED)]
        left_open = [card for card in self._in(OrderState.CONFIRMED) if card.is_left_open]
        ended = [card for card in self._ended if not card.was_stopped]
        waiting = sorted(
            self._in(OrderState.ADJUSTED), key=lambda card: card.asked.answer_by if card.asked else card.now
        )
        return [
            [self.stopped, self.to_answer, Section("waiting", "Waiting for the customer", waiting)],
            [
                Section("kitchen", "In the kitchen", _by_time(in_kitchen), "Nothing is being made."),
                Section("later", "For later", _by_time(later)),
            ],
            [
                Section("way", "Ready or on the way", _by_time(under_way), "Nothing is on its way."),
                Section("ended", "Ended in the last hour", ended),
                Section("open", "Left open", _by_time(left_open)),
            ],
        ]

    def _in(self, state: OrderState) -> list[Card]:
        return [card for card in self._live if card.order.state is state]

    @property
    def title(self) -> str:
        """The title of the browser's tab."""
        return title_of(self.restaurant, len(self.to_answer.cards))

    @property
    def announcement(self) -> str:
        """The text that screen readers announce when the board has changed."""
        new, stopped = _codes(self.to_answer.cards), _codes(self.stopped.cards)
        late = _codes(card for card in self._live if card.is_late)
        parts = [f"Cancelled: {join_codes(stopped)}."] if stopped else []
        parts += [f"{len(new)} to answer: {join_codes(new)}."] if new else ["Nothing to answer."]
        return " ".join([*parts, *([f"Late: {join_codes(late)}."] if late else [])])

    @property
    def calls(self) -> str:
        """The ids of the orders for which a sound is played: new ones, and ones that were just cancelled."""
        return " ".join(card.order.id for card in (*self.to_answer.cards, *self.stopped.cards))


def view_key(restaurant: Restaurant, versions: BoardVersions, now: datetime) -> tuple[object, ...]:
    """Return a key that is equal for two boards that look the same, for use in an ETag."""
    settings = (restaurant.id, restaurant.name, restaurant.locale, restaurant.zone, str(restaurant.statuses))
    return ("board", *settings, whole_minute(now), versions.live, versions.ended, versions.more)


def title_of(restaurant: Restaurant, to_answer: int) -> str:
    """Return the title of a restaurant's board, with the number of orders that need an answer."""
    return f"({to_answer}) {restaurant.name}" if to_answer else f"{restaurant.name}: board"


def _by_time(cards: list[Card]) -> list[Card]:
    """Sort the cards by when they are due, or by when they were ordered if they have no time."""
    return sorted(cards, key=lambda card: (card.due or card.order.placed_at, card.order.id))


def _codes(cards: Iterable[Card]) -> list[str]:
    return [card.order.short_code for card in cards]
