"""The own orders of the demo's restaurant, and what its kitchen does with them, using only the orders' operations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.model import Customer, Restaurant
from tracker.database import Database
from tracker.demo.menu import own_order
from tracker.orders.model import Order
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.by_customer import accept_adjustment
from tracker.orders.operations.by_restaurant import adjust_order, effective_statuses, progress_order, reject_order
from tracker.orders.operations.placement import place_order
from tracker.orders.operations.storage import find_order_for_restaurant
from tracker.orders.states import OrderState
from tracker.samples.demo_people import KITCHEN_ADDRESS

ACTOR_NAME = KITCHEN_ADDRESS

KitchenAction = Callable[[Order, datetime], object]
"""An operation of the kitchen on a new order, at the given time."""


@dataclass(frozen=True, slots=True)
class OwnKitchen:
    """The kitchen of a restaurant at which a customer orders without a platform."""

    database: Database
    restaurant_id: str
    customer_id: str

    def place(self, session: Session, *, is_advance: bool = False, at: datetime) -> Order:
        """Place an order at this time and return it."""
        restaurant = session.get_one(Restaurant, self.restaurant_id)
        customer = session.get_one(Customer, self.customer_id)
        details = own_order(restaurant.currency, is_advance=is_advance, at=at)
        order = place_order(restaurant, details, customer=customer, actor_name=ACTOR_NAME, now=at).order
        session.add(order)
        return order

    def advance(self, order_id: str, action: KitchenAction) -> OrderState:
        """Do the next step of the order and return its state.

        `action` is done with a placed order; a confirmed one gets the next status. Visitors of the demo may have
        changed the order meanwhile.
        """

        def work(session: Session) -> OrderState:
            order = find_order_for_restaurant(session, self.restaurant_id, order_id, now=(now := clock.now()))
            if order is None:
                raise LookupError("An own order of the demo no longer exists.")
            if order.state is OrderState.PLACED:
                action(order, now)
            elif order.state is OrderState.CONFIRMED:
                progress_order(order, _next_status(order), actor_name=ACTOR_NAME, now=now)
            return order.state

        return self.database.run_in_transaction(work)


def seed_own_orders(kitchen: OwnKitchen, *, now: datetime) -> str:
    """Create an order that was adjusted and completed, a rejected one, and one that waits for its customer's answer.

    Return the id of the last one. They are created in one transaction, so that the worker does not lapse an adjustment
    of the past before its answer is recorded.
    """

    def work(session: Session) -> str:
        eaten_at, rejected_at = now - timedelta(days=3), now - timedelta(hours=4)
        eaten = kitchen.place(session, at=eaten_at)
        without_water(eaten, eaten_at + timedelta(minutes=2))
        accept_adjustment(eaten, 1, now=eaten_at + timedelta(minutes=4))
        for minutes, status in zip((10, 25, 38), effective_statuses(eaten), strict=True):
            progress_order(eaten, status["name"], actor_name=ACTOR_NAME, now=eaten_at + timedelta(minutes=minutes))
        too_busy(kitchen.place(session, at=rejected_at), rejected_at + timedelta(minutes=3))
        waiting = kitchen.place(session, at=now - timedelta(minutes=2))
        all_at_once(waiting, now)
        return waiting.id

    return kitchen.database.run_in_transaction(work)


def own_stories(kitchen: OwnKitchen, waiting: str) -> Iterator[Iterator[str]]:
    """Yield the story of the order `waiting`, and then the stories of new orders without end."""
    yield _advance_until_done(kitchen, waiting, all_at_once)
    for action in cycle((too_busy, later, without_water, next_day, without_cheese)):
        yield _story(kitchen, action)


def later(order: Order, now: datetime) -> None:
    """Propose a later time."""
    adjust_order(
        order,
        ProposedChange(promised_at=_minutes_from(now, 55), reason="The oven is full."),
        actor_name=ACTOR_NAME,
        now=now,
    )


def without_water(order: Order, now: datetime) -> None:
    """Propose to leave out a line."""
    change = ProposedChange(lines=(order.lines[-1].ref,), reason="The mineral water has run out.")
    adjust_order(order, change, actor_name=ACTOR_NAME, now=now)


def without_cheese(order: Order, now: datetime) -> None:
    """Propose to leave out an option."""
    change = ProposedChange(options=("Extra mozzarella",), reason="There is no more mozzarella than for the pizzas.")
    adjust_order(order, change, actor_name=ACTOR_NAME, now=now)


def all_at_once(order: Order, now: datetime) -> None:
    """Propose a later time, and to leave out a line and an option."""
    change = ProposedChange(
        promised_at=_minutes_from(now, 50),
        lines=(order.lines[-1].ref,),
        options=("Extra mozzarella",),
        reason="It is a busy evening: the oven is full, and the water and most of the mozzarella are gone.",
    )
    adjust_order(order, change, actor_name=ACTOR_NAME, now=now)


def next_day(order: Order, now: datetime) -> None:
    """Propose the same time a day later."""
    requested_for = order.requested_for or now
    change = ProposedChange(
        promised_at=requested_for + timedelta(days=1), reason="We are closed for a wedding that evening."
    )
    adjust_order(order, change, actor_name=ACTOR_NAME, now=now)


def too_busy(order: Order, now: datetime) -> None:
    """Reject the order, with the first of the restaurant's reasons."""
    reject_order(order, next(iter(order.restaurant.reject_reasons), None), actor_name=ACTOR_NAME, now=now)


def _story(kitchen: OwnKitchen, action: KitchenAction) -> Iterator[str]:
    def work(session: Session) -> str:
        return kitchen.place(session, is_advance=action is next_day, at=clock.now()).id

    order_id = kitchen.database.run_in_transaction(work)
    yield "placed"
    yield from _advance_until_done(kitchen, order_id, action)


def _advance_until_done(kitchen: OwnKitchen, order_id: str, action: KitchenAction) -> Iterator[str]:
    while (state := kitchen.advance(order_id, action)) in (OrderState.ADJUSTED, OrderState.CONFIRMED):
        yield state


def _next_status(order: Order) -> str:
    names = [status["name"] for status in effective_statuses(order)]
    return names[names.index(order.status_text) + 1 if order.status_text in names else 0]


def _minutes_from(now: datetime, minutes: int) -> datetime:
    return now + timedelta(minutes=minutes)
