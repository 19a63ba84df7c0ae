"""An evening at a restaurant, as two programs of a third party live through it: all that their document promises.

Known here are the document, keys and ids. The restaurant acts by its ordering system, the customer on their page.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.stories.evening.contract import ACCEPTED, ADJUSTED, REJECTED, Heard
from tests.stories.evening.people import Customer, Restaurant
from tests.stories.evening.programs import Program, running

HERE = Path(__file__).parent
PIZZA, DESSERT = "52a7289e96ba1c6209000011", "52a7289e96ba1c6209000012"
TOO_BUSY = "We are too busy right now."


@dataclass(frozen=True)
class Known:
    """What somebody is given who writes such programs."""

    node: str
    address: str
    app_key: str
    engine_port: int
    api_key: str
    access_token: str
    api_secret: str
    restaurant_id: str
    member: str
    zone: ZoneInfo
    customer: str
    way_in: str

    def endpoint(self, proof: str) -> str:
        """The address as the document's examples write it."""
        return f"{self.address}/api/v1/pusher/auth?key={self.api_key}&{proof}"


@dataclass
class Evening:
    """Both programs, and both people."""

    known: Known
    restaurant: Restaurant
    customer: Customer
    customers_app: Program
    restaurants_app: Program

    def new_order(self, **more: object) -> str:
        """An order is placed; the restaurant hears of it, and the customer's program listens from now on."""
        order = self.restaurant.place(**more)
        assert self.restaurants_app.receives(order, "new_order") == {"order_id": order}
        self.customers_app.tell(order)
        assert self.customers_app.next(order)[0] == "pusher:subscription_succeeded"
        return order

    def is_told(self, order: str, code: int, **more: str) -> None:
        """The customer hears what the restaurant did."""
        said = self.customers_app.receives(order, "order_confirmation")
        assert said == {"confirmation": code, **more}

    def has_answered(self, order: str, code: int) -> None:
        """The restaurant hears what the customer did."""
        said = self.restaurants_app.receives(order, "order_user_confirmation")
        assert said == {"order_id": order, "confirmation": code}

    def comes_so_far(self, order: str, status: str) -> None:
        """The restaurant says how far the order is, and the customer hears of it."""
        before = datetime.now(self.known.zone) - timedelta(seconds=2)
        self.restaurant.act(order, "progress", status=status)
        said = self.customers_app.receives(order, "order_tracker")
        assert said["status"] == status
        assert before <= datetime.fromisoformat(said["time"]) <= datetime.now(self.known.zone)

    def is_adjusted(self, order: str, said: Mapping[str, object], heard: Mapping[str, object]) -> None:
        """The restaurant would do it otherwise, and the customer hears how."""
        self.restaurant.act(order, "adjust", **said)
        self.is_told(order, ADJUSTED)
        assert self.customers_app.receives(order, "order_adjustment") == heard


@contextmanager
def begun(known: Known) -> Iterator[Evening]:
    """Both programs, listening, until the end of the block."""
    customers = {"appKey": known.app_key, "port": known.engine_port}
    customers |= {"endpoint": known.endpoint(f"access_token={known.access_token}")}
    restaurants = {"app_key": known.app_key, "port": known.engine_port, "member": known.member}
    restaurants |= {
        "endpoint": known.endpoint(f"secret={known.api_secret}"),
        "channel": f"presence-r-{known.restaurant_id}",
    }
    with (
        running(known.node, str(HERE / "customer_app.cjs"), **customers) as customers_app,
        running(sys.executable, str(HERE / "restaurant_app.py"), **restaurants) as restaurants_app,
    ):
        assert restaurants_app.next()[0] == "pusher_internal:subscription_succeeded"
        restaurant = Restaurant(known.address, known.restaurant_id, known.api_secret, known.customer)
        yield Evening(known, restaurant, Customer(known.address, known.way_in), customers_app, restaurants_app)


def play(evening: Evening, *, give_no_time: Callable[[], None]) -> list[Heard]:
    """The whole evening; `give_no_time` lets the restaurant ask without waiting for an answer.

    Returns everything that both programs received.
    """
    for story in (taken_on, changed_and_agreed_to, put_off_over_midnight, cancelled, rejected):
        story(evening)
    give_no_time()
    not_answered(evening)
    return [*evening.customers_app.heard, *evening.restaurants_app.heard]


def taken_on(evening: Evening) -> None:
    """An order for as soon as possible, from the kitchen to the door."""
    order = evening.new_order()
    evening.restaurant.act(order, "confirm", minutes=30)
    evening.is_told(order, ACCEPTED)
    evening.comes_so_far(order, "Out for Delivery")
    evening.comes_so_far(order, "Delivered")


def changed_and_agreed_to(evening: Evening) -> None:
    """It takes longer, without the dessert and the cheese; the customer agrees."""
    order = evening.new_order()
    change = {"time": 45, "items": [DESSERT], "options": ["Extra cheese"]}
    evening.is_adjusted(order, change | {"reason": "It is a busy evening."}, change)
    evening.customer.presses(order, "accept")
    evening.has_answered(order, ACCEPTED)
    evening.comes_so_far(order, "Out for Delivery")


def put_off_over_midnight(evening: Evening) -> None:
    """What was wanted shortly before midnight is possible shortly after; the customer doesn't want that."""
    day = datetime.now(evening.known.zone).date() + timedelta(days=2)
    order = evening.new_order(requested_for=f"{day.isoformat()}T23:30:00")
    then = {"order_date": f"{day + timedelta(days=1):%m/%d/%Y}", "eta": "12:15 AM"}
    evening.is_adjusted(order, then, then | {"items": [], "options": []})
    evening.customer.presses(order, "reject")
    evening.has_answered(order, REJECTED)


def cancelled(evening: Evening) -> None:
    """The customer takes it back before anybody has said anything."""
    order = evening.new_order()
    evening.customer.presses(order, "cancel")
    evening.has_answered(order, REJECTED)


def rejected(evening: Evening) -> None:
    """The restaurant says no, and why."""
    order = evening.new_order()
    evening.restaurant.act(order, "reject", reason=TOO_BUSY)
    evening.is_told(order, REJECTED, reason=TOO_BUSY)


def not_answered(evening: Evening) -> None:
    """The customer isn't there; both sides hear that the order has ended, the customer also why."""
    order = evening.new_order()
    evening.is_adjusted(order, {"options": ["Extra cheese"]}, {"items": [], "options": ["Extra cheese"]})
    said = evening.customers_app.receives(order, "order_confirmation")
    assert said["confirmation"] == REJECTED
    assert "reason" in said
    evening.has_answered(order, REJECTED)
