"""The simulated kitchen: it moves the demo's orders along every few seconds, and starts new ones when they are done."""

import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from threading import Event
from urllib.error import HTTPError

from tracker import clock
from tracker.demo.menu import PRICES, DemoOrder
from tracker.demo.platform import DemoPlatform
from tracker.orders.refusals import Refusal

log = logging.getLogger(__name__)

STEP_SECONDS = 6.0
STEPS_PER_OWN_ORDER = 10
MAX_OWN_ORDERS = 3


def play(platform: DemoPlatform, orders: list[DemoOrder], own: Iterator[Iterator[str]], stop: Event) -> None:
    """Move the orders along until `stop` is set: every STEP_SECONDS one of the platform's orders and one own order.

    `own` yields the stories of the restaurant's own orders. The next one begins every STEPS_PER_OWN_ORDER steps, if
    fewer than MAX_OWN_ORDERS are in progress.
    """
    chance = random.Random(7)  # noqa: S311  no secret; always the same demo
    stories = [story(platform, order) for order in orders]
    own_stories: list[Iterator[str]] = []
    number = max(order.number for order in orders)
    step = 0
    while not stop.wait(STEP_SECONDS):
        if not stories:
            number += 1
            stories.append(story(platform, _make_next_order(orders[0], number, chance), is_new=True))
        if step % STEPS_PER_OWN_ORDER == 0 and len(own_stories) < MAX_OWN_ORDERS:
            own_stories.extend(islice(own, 1))
        for active in (stories, own_stories):
            _advance_one(active, chance)
        step += 1


def _advance_one(stories: list[Iterator[str]], chance: random.Random) -> None:
    chosen = chance.choice(stories) if stories else iter(())
    try:
        state = next(chosen, None)
    except HTTPError as refusal:
        log.warning("The site refused a notice of the kitchen with %s; the kitchen leaves its order", refusal.code)
        state = None
    except Refusal as refusal:
        log.warning("The site refused an operation of the kitchen, which leaves the order: %s", refusal.sentence)
        state = None
    if state is None and chosen in stories:
        stories.remove(chosen)


def story(platform: DemoPlatform, order: DemoOrder, *, is_new: bool = False) -> Iterator[str]:
    """Play the rest of an order: send one notice in each step, and yield what has happened.

    With `is_new`, the first step places the order.
    """
    if is_new:
        platform.send_event("order.created", order, clock.now())
        yield "placed"
    if order.accepted_for is None:
        order.accepted_for = clock.now() + timedelta(minutes=15)
        at = clock.now()
        platform.send_event("order.accepted", order, at, OrderAcceptedTime=at.isoformat())
        yield "accepted"
    platform.send_status(order, "In the oven", clock.now())
    yield "in the oven"
    order.accepted_for = max(order.accepted_for, clock.now()) + timedelta(minutes=10)
    platform.send_status(order, "The oven is busy, ten minutes more", clock.now())
    platform.send_event("order.accepted", order, clock.now())
    yield "later than promised"
    yield from _fulfil(platform, order)


def _fulfil(platform: DemoPlatform, order: DemoOrder) -> Iterator[str]:
    if order.delivery:
        order.accepted_for = clock.now() + timedelta(minutes=6)
        platform.send_event("order.dispatched", order, clock.now())
        yield "on the way"
        arrived = {"DeliveryTrackingStatus": "ArrivedAtLocation"}
        platform.send_event("order.deliverytracking.status.updated", order, clock.now(), state=arrived)
        yield "at the door"
    else:
        platform.send_status(order, "Ready to collect", clock.now())
        yield "ready"
    platform.send_status(order, "Delivered" if order.delivery else "Collected", clock.now())
    yield "handed over"
    order.tip = 3.0
    platform.send_event("order.tip.updated", order, clock.now(), TipAmount=3.0)
    yield "tipped"
    platform.send_event("order.rating.updated", order, clock.now(), Rating=5)
    yield "rated"


def _make_next_order(like: DemoOrder, number: int, chance: random.Random) -> DemoOrder:
    dishes = chance.choices(list(PRICES), k=3)
    return replace(
        like,
        number=number,
        dishes=dishes,
        choices={},
        placed=clock.now(),
        accepted_for=None,
        note=None,
        tip=0.0,
        refunded=None,
        delivery=chance.random() < 0.7,
    )
