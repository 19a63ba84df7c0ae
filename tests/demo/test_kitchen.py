"""The demo's kitchen: a failure does not stop it, and its notices describe possible orders."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.conftest import Clock
from tests.machine.ports import free_port
from tests.site import wait_for
from tracker.demo import kitchen
from tracker.demo.menu import DemoOrder
from tracker.demo.platform import DemoPlatform
from tracker.demo.world import ROBIN, seed_orders
from tracker.orders.refusals import NotNow

DROP = 0


@dataclass(frozen=True)
class RecordingPlatform(DemoPlatform):
    """A platform that records its notices instead of sending them."""

    webhook_url: str = ""
    verify_token: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    received: list[dict[str, Any]] = field(default_factory=list)
    refuses: int | None = None

    def _post(self, body: dict[str, Any]) -> None:
        event = body["Body"]
        number = event.get("OrderId") or event["Order"]["OrderId"]
        if number == self.refuses:
            raise HTTPError(self.webhook_url, 400, "Bad Request", Message(), None)
        self.received.append(event)

    def snapshots(self) -> list[tuple[datetime, dict[str, Any]]]:
        return [
            (datetime.fromisoformat(event["CreateTime"]), event["Order"]) for event in self.received if "Order" in event
        ]


@contextmanager
def a_web_server(*answers: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run a web server that responds with these statuses one after the other. Yield its address and the received
    bodies."""
    remaining, bodies = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = remaining.pop(0)
            if answer != DROP:
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=[0.01])
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/", bodies
        server.shutdown()
        serving.join()


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kitchen and the platform wait for milliseconds instead of seconds."""
    monkeypatch.setattr(kitchen, "STEP_SECONDS", 0.001)
    monkeypatch.setattr("tracker.demo.platform.RETRY_SECONDS", 0.001)


@pytest.fixture
def order(now: datetime) -> DemoOrder:
    return DemoOrder(4108, ROBIN, ["Margherita", "Tiramisù"], now - timedelta(minutes=4))


@contextmanager
def playing(
    platform: DemoPlatform, orders: list[DemoOrder], own: Iterator[Iterator[str]] | None = None
) -> Iterator[threading.Thread]:
    play = threading.Thread(target=kitchen.play, args=[platform, orders, own or iter(()), platform.stopping])
    play.start()
    yield play
    platform.stopping.set()
    play.join(timeout=10)
    assert not play.is_alive()


@pytest.mark.usefixtures("short_pauses")
def test_a_notice_that_the_site_could_not_take_is_sent_again_until_it_is_taken(order: DemoOrder, now: datetime) -> None:
    with a_web_server(503, DROP, 200) as (address, bodies):
        DemoPlatform(address, "token", threading.Event()).send_event("order.created", order, now)

    assert len(bodies) == 3
    assert bodies[0] == bodies[1] == bodies[2]


def test_a_notice_that_the_site_refuses_is_not_sent_again(order: DemoOrder, now: datetime) -> None:
    with a_web_server(400) as (address, bodies), pytest.raises(HTTPError) as refusal:
        DemoPlatform(address, "token", threading.Event()).send_event("order.created", order, now)
    refusal.value.close()

    assert len(bodies) == 1


def test_the_demo_can_be_ended_while_the_site_is_away(order: DemoOrder, now: datetime) -> None:
    platform = DemoPlatform(f"http://127.0.0.1:{free_port()}/", "token", threading.Event())
    telling = threading.Thread(target=platform.send_event, args=["order.created", order, now])
    telling.start()

    platform.stopping.set()
    telling.join(timeout=10)

    assert not telling.is_alive()


@pytest.mark.usefixtures("short_pauses")
def test_an_order_that_the_site_refuses_does_not_stop_the_kitchen(order: DemoOrder, now: datetime) -> None:
    other = DemoOrder(4107, ROBIN, ["Diavola"], now, delivery=False)
    platform = RecordingPlatform(refuses=order.number)

    with playing(platform, [order, other]):
        wait_for(lambda: any(event.get("Rating") for event in platform.received), "the other order to be rated")


@pytest.mark.usefixtures("short_pauses")
def test_when_all_orders_are_done_somebody_orders_again(order: DemoOrder) -> None:
    platform = RecordingPlatform()

    with playing(platform, [order]):
        wait_for(lambda: len(created(platform)) >= 3, "three new orders")

    numbers = created(platform)
    assert numbers == list(range(4109, 4109 + len(numbers)))


@pytest.mark.usefixtures("short_pauses")
def test_an_own_order_that_refuses_an_operation_does_not_stop_the_kitchen(order: DemoOrder) -> None:
    def refused() -> Iterator[str]:
        yield "placed"
        raise NotNow("This order was cancelled.")

    moved: list[str] = []

    def moves_order() -> Iterator[str]:
        while True:
            moved.append("once more")
            yield "moved"

    with playing(RecordingPlatform(), [order], iter([refused(), moves_order()])) as play:
        wait_for(lambda: len(moved) > 20, "the other own order to be moved")
        assert play.is_alive()


@pytest.mark.usefixtures("short_pauses")
def test_of_the_restaurants_own_orders_only_few_are_under_way_at_once(order: DemoOrder) -> None:
    story_of: list[int] = []

    def endless(number: int) -> Iterator[str]:
        story_of.append(number)
        while True:
            yield "waiting"

    platform = RecordingPlatform()
    with playing(platform, [order], (endless(number) for number in count())):
        wait_for(lambda: len(created(platform)) > 10, "ten orders of the platform")

    assert len(story_of) == kitchen.MAX_OWN_ORDERS


def created(platform: RecordingPlatform) -> list[int]:
    return [event["Order"]["OrderId"] for event in platform.received if event["EventName"] == "order.created"]


def test_nothing_is_ever_promised_for_a_time_that_has_passed(order: DemoOrder, clock: Clock) -> None:
    platform = RecordingPlatform()

    for _ in kitchen.story(platform, order, is_new=True):
        clock.move(seconds=6)

    confirmed = [(at, order["AcceptedFor"]) for at, order in platform.snapshots()][1:4]
    assert all(datetime.fromisoformat(promised) > at for at, promised in confirmed)
    assert len({promised for _, promised in confirmed}) == 3


def test_every_bill_of_the_demo_adds_up(now: datetime) -> None:
    platform = RecordingPlatform()

    seed_orders(platform, now=now)

    for _, order in platform.snapshots():
        items = sum(item["PriceIncludingOptionSetItems"] for item in order["OrderItems"])
        assert order["OrderItemsAmount"] == pytest.approx(items)
        assert order["Amount"] == pytest.approx(items + order["DeliveryAmount"] + order["TipAmount"])
        assert (order["RefundedAmount"] or 0) <= order["Amount"]


def test_no_notice_of_the_demo_is_sent_before_it_happens_or_from_the_future(now: datetime) -> None:
    platform = RecordingPlatform()

    seed_orders(platform, now=now)

    for at, order in platform.snapshots():
        assert datetime.fromisoformat(order["PlacedTime"]) <= at <= now


def test_one_order_of_the_demo_is_later_than_promised(now: datetime) -> None:
    platform = RecordingPlatform()

    seed_orders(platform, now=now)

    promised = {order["OrderId"]: order["AcceptedFor"] for _, order in platform.snapshots() if order["AcceptedFor"]}
    late = [number for number, time in promised.items() if number > 4000 and datetime.fromisoformat(time) < now]
    assert late == [4105]
