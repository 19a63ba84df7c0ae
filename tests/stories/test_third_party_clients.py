"""Programs of third parties, written as Open Dining's documentation describes, listen to an order: the official
pusher-js under Node and pysher, through a real web server, a real engine and the outbox."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.builders import EVENING, a_customer, a_platform_account, an_order, report
from tests.engine.engine_process import engine_settings, running_engine
from tests.live.orders_that_move import confirmed, delivered, happen, has_status
from tests.machine.node import node_path
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.registration import register_application
from tracker.application import create_app
from tracker.config import Settings
from tracker.database import Database
from tracker.live.outbox import Outbox
from tracker.live.pusher import ChannelsClient
from tracker.orders.operations import by_platform

PATIENCE = 10
HERE = Path(__file__).parent
SUBSCRIBED = "pusher:subscription_succeeded"
REFUSED = "pusher:subscription_error"

PUBLISHED: list[tuple[str, dict[str, Any]]] = [
    ("order_confirmation", {"confirmation": 1}),
    ("order_tracker", {"time": "2026-11-20T18:02:00+00:00", "status": "Out for Delivery"}),
    ("order_changed", {"version": 4}),
    ("order_tracker", {"time": "2026-11-20T18:50:00+00:00", "status": "Delivered"}),
]


@dataclass
class Site:
    """The running processes, and what two customers and an application know about them."""

    database: Database
    outbox: Outbox
    now: datetime
    app_key: str
    engine_port: int
    address: str
    api_key: str
    token: str
    bobs_token: str
    order_id: str
    bobs_order: str
    restaurant_id: str

    def endpoint(self, **changed: str) -> str:
        """Return the address of authorisation as in the example of Open Dining's "Real-time Communication"."""
        proof = {"key": self.api_key, "access_token": self.token} | changed
        return f"{self.address}/api/v1/pusher/auth?{'&'.join(f'{name}={value}' for name, value in proof.items())}"

    def play_order(self) -> None:
        """Run several operations on Ada's order, and publish the events of each by themselves."""
        refund = report(3, "refund")
        acts = (
            confirmed,
            has_status("Out for Delivery"),
            lambda order: by_platform.refund_order(order, 250, ref="1", report=refund, now=EVENING),
            delivered,
        )
        for act in acts:
            happen(self.database, self.order_id, act)
            self.outbox.publish_pending(self.now)

    def reject_order(self) -> None:
        happen(
            self.database,
            self.order_id,
            lambda order: by_platform.reject_order(order, reason="Too busy", at=None, report=report(1), now=EVENING),
        )
        self.outbox.publish_pending(self.now)


class _Silent(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass


@contextmanager
def a_web_server(settings: Settings, database: Database) -> Iterator[str]:
    """Serve the application on a port of this machine and yield its address."""
    server = make_server("127.0.0.1", 0, create_app(settings, database), threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(settings: Settings, database: Database, now: datetime) -> Iterator[Site]:
    ada, bob, platform_account = a_customer(), a_customer(email="bob@example.com"), a_platform_account()
    order, bobs_order = (an_order(platform_account=platform_account, customer=customer) for customer in (ada, bob))
    bobs_order.platform_order_id = "1235"
    app = register_application("An app", [], now=now)
    with database.transaction() as session:
        session.add_all([order, bobs_order, app])
        session.flush()
        grants = [grant_access(app, customer, lifetime=timedelta(hours=1), now=now) for customer in (ada, bob)]
        session.add_all(access_token for access_token, _ in grants)

    account = {"app_id": settings.channels_app_id, "key": settings.channels_key}
    secret = settings.channels_secret.get_secret_value()
    with running_engine(engine_settings(**account, secret=secret)) as engine:
        here = settings.model_copy(update={"channels_port": engine.port})
        with (
            a_web_server(here, database) as address,
            closing(ChannelsClient(here)) as channels,
            closing(Outbox(database, channels)) as outbox,
        ):
            outbox.publish_pending(now)
            identifiers = (app.key, grants[0][1], grants[1][1], order.id, bobs_order.id, platform_account.restaurant.id)
            yield Site(database, outbox, now, settings.channels_key, engine.port, address, *identifiers)


class Program:
    """Reads the events that a third party's program reports on its standard output."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.reader = threading.Thread(target=self._read, args=(process,))
        self.reader.start()

    def next_event(self) -> tuple[str, Any]:
        """Wait for the next event and return its name and its data."""
        return self._events.get(timeout=PATIENCE)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                received = json.loads(line)
                self._events.put((received["event"], received["data"]))


@contextmanager
def running(*command: str, **options: Any) -> Iterator[Program]:
    """Run a third party's program until the end of the block. Its only argument is the options as JSON."""
    process = subprocess.Popen([*command, json.dumps(options)], stdout=subprocess.PIPE, text=True)
    program = Program(process)
    try:
        yield program
    finally:
        process.kill()
        process.wait(timeout=PATIENCE)
        program.reader.join(timeout=PATIENCE)


def a_page(site: Site, channel: str, *, tamper: str = "", **options: Any) -> AbstractContextManager[Program]:
    """Run a program with pusher-js that subscribes to this channel."""
    options = options or {"authEndpoint": site.endpoint()}
    about = {"key": site.app_key, "port": site.engine_port, "channel": channel, "options": options, "tamper": tamper}
    return running(node_path(), str(HERE / "third_party_pusher_js.cjs"), **about)


def a_pysher(site: Site, channel: str, endpoint: str) -> AbstractContextManager[Program]:
    """Run a program with pysher that subscribes to this channel."""
    about = {"key": site.app_key, "port": site.engine_port, "channel": channel, "endpoint": endpoint}
    return running(sys.executable, str(HERE / "third_party_pysher.py"), **about)


def is_refused(page: Program) -> int:
    """Return the status with which the subscription is refused. Fails if the first event is another one."""
    event, data = page.next_event()
    assert event == REFUSED, (event, data)
    return int(data["status"])


def test_a26_a_program_copied_from_the_contracts_example_receives_all_events(site: Site) -> None:
    with a_page(site, f"private-o-{site.order_id}", authEndpoint=site.endpoint()) as page:
        assert page.next_event()[0] == SUBSCRIBED

        site.play_order()

        assert [page.next_event() for _ in PUBLISHED] == PUBLISHED


def test_current_pusher_js_receives_the_events_of_an_order(site: Site) -> None:
    asking = {"endpoint": f"{site.address}/api/v1/pusher/auth?key={site.api_key}", "transport": "ajax"}
    with a_page(
        site, f"private-o-{site.order_id}", channelAuthorization=asking | {"params": {"access_token": site.token}}
    ) as page:
        assert page.next_event()[0] == SUBSCRIBED

        site.reject_order()

        assert page.next_event() == ("order_confirmation", {"confirmation": 3, "reason": "Too busy"})


def test_pysher_receives_the_events_of_an_order(site: Site) -> None:
    with a_pysher(site, f"private-o-{site.order_id}", site.endpoint()) as program:
        assert program.next_event()[0] == "pusher_internal:subscription_succeeded"

        site.play_order()

        assert [program.next_event() for _ in PUBLISHED] == PUBLISHED


def test_another_customers_token_opens_nothing(site: Site) -> None:
    endpoint = site.endpoint(access_token=site.bobs_token)

    with a_page(site, f"private-o-{site.order_id}", authEndpoint=endpoint) as page:
        assert is_refused(page) == 403
    with a_pysher(site, f"private-o-{site.order_id}", endpoint) as program:
        assert program.next_event()[0] == "refused"


def test_a_made_up_order_opens_nothing(site: Site) -> None:
    with a_page(site, "private-o-52a7289e96ba1c6209000003") as page:
        assert is_refused(page) == 403


def test_a_made_up_token_opens_nothing(site: Site) -> None:
    with a_page(site, f"private-o-{site.order_id}", authEndpoint=site.endpoint(access_token="a-guess")) as page:
        assert is_refused(page) == 403


def test_a_tampered_signature_opens_nothing(site: Site) -> None:
    with a_page(site, f"private-o-{site.order_id}", tamper="signature") as page:
        assert is_refused(page) == 401


def test_the_signature_for_an_own_order_does_not_open_the_order_of_another_customer(site: Site) -> None:
    with a_page(site, f"private-o-{site.bobs_order}", tamper=f"private-o-{site.order_id}") as page:
        assert is_refused(page) == 401


def test_a_customers_token_does_not_open_the_restaurants_channel(site: Site) -> None:
    with a_page(site, f"presence-r-{site.restaurant_id}") as page:
        assert is_refused(page) == 403


def test_a_restaurants_secret_does_not_open_an_order(site: Site) -> None:
    endpoint = f"{site.address}/api/v1/pusher/auth?key={site.api_key}&secret=a-secret"

    with a_page(site, f"private-o-{site.order_id}", authEndpoint=endpoint) as page:
        assert is_refused(page) == 403
