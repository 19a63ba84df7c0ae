"""The board: a restaurant's orders by what needs doing. Seen from one minute, the same orders look the same."""

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
    """The orders with which the same needs doing."""

    key: str
    heading: str
    cards: list[Card]
    if_empty: str = ""
    """What is said when there is none; nothing: then it isn't shown."""


class Board:
    """What templates/console/board/_live.html shows."""

    def __init__(self, restaurant: Restaurant, orders: BoardOrders, now: datetime) -> None:
        self.restaurant = restaurant
        self.now = whole_minute(now)
        self.more = orders.more
        self._live = [Card(order, now) for order in orders.live]
        self._ended = [Card(order, now, orders.final_events.get(order.id)) for order in orders.ended]

    @cached_property
    def to_answer(self) -> Section:
        """New orders."""
        return Section("answer", "Needs your answer", self._in(OrderState.PLACED), "Nothing waits for your answer.")

    @cached_property
    def stopped(self) -> Section:
        """What somebody may still be making, though nobody wants it any more."""
        return Section("stopped", "Cancelled just now", [card for card in self._ended if card.was_stopped])

    @property
    def columns(self) -> list[list[Section]]:
        """The sections from left to right, and in each column from top to bottom."""
        made = [card for card in self._in(OrderState.CONFIRMED) if not card.is_left_open]
        later = [card for card in made if card.is_for_later]
        now = [card for card in made if not card.is_for_later]
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
        """What the tab says."""
        return title_of(self.restaurant, len(self.to_answer.cards))

    @property
    def announcement(self) -> str:
        """What a screen reader says when it has changed."""
        new, stopped = _codes(self.to_answer.cards), _codes(self.stopped.cards)
        late = _codes(card for card in self._live if card.is_late)
        parts = [f"Cancelled: {join_codes(stopped)}."] if stopped else []
        parts += [f"{len(new)} to answer: {join_codes(new)}."] if new else ["Nothing to answer."]
        return " ".join([*parts, *([f"Late: {join_codes(late)}."] if late else [])])

    @property
    def calls(self) -> str:
        """The ids of the orders for which there is a sound: what needs an answer, and what was stopped."""
        return " ".join(card.order.id for card in (*self.to_answer.cards, *self.stopped.cards))


def view_key(restaurant: Restaurant, versions: BoardVersions, now: datetime) -> tuple[object, ...]:
    """Equal for two boards that look the same."""
    about_it = (restaurant.id, restaurant.name, restaurant.locale, restaurant.zone, str(restaurant.statuses))
    return ("board", *about_it, whole_minute(now), versions.live, versions.ended, versions.more)


def title_of(restaurant: Restaurant, to_answer: int) -> str:
    """The name of a restaurant's board, with how many orders need an answer."""
    return f"({to_answer}) {restaurant.name}" if to_answer else f"{restaurant.name}: board"


def _by_time(cards: list[Card]) -> list[Card]:
    """What is due first comes first; what has no time goes by when it was ordered."""
    return sorted(cards, key=lambda card: (card.due or card.order.placed_at, card.order.id))


def _codes(cards: Iterable[Card]) -> list[str]:
    return [card.order.short_code for card in cards]
