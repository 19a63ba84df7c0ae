"""An evening at a restaurant in which two programs of a third party receive every event of Open Dining's document.

This module knows only the document, keys and ids. The restaurant acts by the API, and the customer on their page.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.stories.evening.contract import ACCEPTED, ADJUSTED, REJECTED, Received
from tests.stories.evening.people import Customer, Restaurant
from tests.stories.evening.programs import Program, running

HERE = Path(__file__).parent
PIZZA, DESSERT = "52a7289e96ba1c6209000011", "52a7289e96ba1c6209000012"
TOO_BUSY = "We are too busy right now."


@dataclass(frozen=True)
class Access:
    """The addresses, keys and ids that a developer of such programs is given."""

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
        """Return the address of authorisation as in the document's examples."""
        return f"{self.address}/api/v1/pusher/auth?key={self.api_key}&{proof}"


@dataclass
class Evening:
    """The two programs, the restaurant and the customer."""

    access: Access
    restaurant: Restaurant
    customer: Customer
    customers_app: Program
    restaurants_app: Program

    def new_order(self, **more: object) -> str:
        """Place an order, check that the restaurant's program receives it, and let the customer's program subscribe."""
        order = self.restaurant.place(**more)
        assert self.restaurants_app.receive(order, "new_order") == {"order_id": order}
        self.customers_app.write_line(order)
        assert self.customers_app.next(order)[0] == "pusher:subscription_succeeded"
        return order

    def expect_confirmation(self, order: str, code: int, **more: str) -> None:
        """Check that the customer's program receives this code of the restaurant."""
        received = self.customers_app.receive(order, "order_confirmation")
        assert received == {"confirmation": code, **more}

    def expect_answer(self, order: str, code: int) -> None:
        """Check that the restaurant's program receives this code of the customer."""
        received = self.restaurants_app.receive(order, "order_user_confirmation")
        assert received == {"order_id": order, "confirmation": code}

    def progress(self, order: str, status: str) -> None:
        """Set this status of the order, and check that the customer's program receives it."""
        before = datetime.now(self.access.zone) - timedelta(seconds=2)
        self.restaurant.act(order, "progress", status=status)
        received = self.customers_app.receive(order, "order_tracker")
        assert received["status"] == status
        assert before <= datetime.fromisoformat(received["time"]) <= datetime.now(self.access.zone)

    def adjust(self, order: str, change: Mapping[str, object], expected: Mapping[str, object]) -> None:
        """Propose this change, and check that the customer's program receives it as expected."""
        self.restaurant.act(order, "adjust", **change)
        self.expect_confirmation(order, ADJUSTED)
        assert self.customers_app.receive(order, "order_adjustment") == expected


@contextmanager
def running_evening(access: Access) -> Iterator[Evening]:
    """Run both programs until the end of the block. The restaurant's program is subscribed at once."""
    customers = {"appKey": access.app_key, "port": access.engine_port}
    customers |= {"endpoint": access.endpoint(f"access_token={access.access_token}")}
    restaurants = {"app_key": access.app_key, "port": access.engine_port, "member": access.member}
    restaurants |= {
        "endpoint": access.endpoint(f"secret={access.api_secret}"),
        "channel": f"presence-r-{access.restaurant_id}",
    }
    with (
        running(access.node, str(HERE / "customer_app.cjs"), **customers) as customers_app,
        running(sys.executable, str(HERE / "restaurant_app.py"), **restaurants) as restaurants_app,
    ):
        assert restaurants_app.next()[0] == "pusher_internal:subscription_succeeded"
        restaurant = Restaurant(access.address, access.restaurant_id, access.api_secret, access.customer)
        yield Evening(access, restaurant, Customer(access.address, access.way_in), customers_app, restaurants_app)


def play(evening: Evening, *, give_no_time: Callable[[], None]) -> list[Received]:
    """Play the whole evening and return all events that both programs received.

    `give_no_time` sets the time to answer to zero, so that the last adjustment lapses at once.
    """
    for story in (confirmed_and_delivered, changed_and_accepted, put_off_over_midnight, cancelled, rejected):
        story(evening)
    give_no_time()
    not_answered(evening)
    return [*evening.customers_app.received, *evening.restaurants_app.received]


def confirmed_and_delivered(evening: Evening) -> None:
    """An order for as soon as possible is confirmed and delivered."""
    order = evening.new_order()
    evening.restaurant.act(order, "confirm", minutes=30)
    evening.expect_confirmation(order, ACCEPTED)
    evening.progress(order, "Out for Delivery")
    evening.progress(order, "Delivered")


def changed_and_accepted(evening: Evening) -> None:
    """The order takes longer and lacks the dessert and the cheese, and the customer accepts that."""
    order = evening.new_order()
    change = {"time": 45, "items": [DESSERT], "options": ["Extra cheese"]}
    evening.adjust(order, change | {"reason": "It is a busy evening."}, change)
    evening.customer.press(order, "accept")
    evening.expect_answer(order, ACCEPTED)
    evening.progress(order, "Out for Delivery")


def put_off_over_midnight(evening: Evening) -> None:
    """An order for shortly before midnight is put off until shortly after, and the customer rejects that."""
    day = datetime.now(evening.access.zone).date() + timedelta(days=2)
    order = evening.new_order(requested_for=f"{day.isoformat()}T23:30:00")
    then = {"order_date": f"{day + timedelta(days=1):%m/%d/%Y}", "eta": "12:15 AM"}
    evening.adjust(order, then, then | {"items": [], "options": []})
    evening.customer.press(order, "reject")
    evening.expect_answer(order, REJECTED)


def cancelled(evening: Evening) -> None:
    """The customer cancels the order before the restaurant has answered it."""
    order = evening.new_order()
    evening.customer.press(order, "cancel")
    evening.expect_answer(order, REJECTED)


def rejected(evening: Evening) -> None:
    """The restaurant rejects the order with a reason."""
    order = evening.new_order()
    evening.restaurant.act(order, "reject", reason=TOO_BUSY)
    evening.expect_confirmation(order, REJECTED, reason=TOO_BUSY)


def not_answered(evening: Evening) -> None:
    """The customer does not answer. Both programs receive the end of the order, and the customer's also a reason."""
    order = evening.new_order()
    evening.adjust(order, {"options": ["Extra cheese"]}, {"items": [], "options": ["Extra cheese"]})
    received = evening.customers_app.receive(order, "order_confirmation")
    assert received["confirmation"] == REJECTED
    assert "reason" in received
    evening.expect_answer(order, REJECTED)
