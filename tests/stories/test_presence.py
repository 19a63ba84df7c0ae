"""Programs listen to the channel of a restaurant, through a real web server, a real engine and the outbox: pusher-js
and pysher with its secret, and a console page of a staff member."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import an_order
from tests.engine.engine_process import engine_settings, running_engine
from tests.machine.node import node_path
from tests.processes.machine import Machine, a_machine
from tests.stories.test_third_party_clients import HERE, SUBSCRIBED, Program, a_web_server, is_refused, running
from tests.web.pusher_auth.presence import World, a_world
from tracker.accounts.registration import register_application
from tracker.accounts.tokens import PAGES_KEY
from tracker.config import Settings
from tracker.database import Database
from tracker.live.outbox import Outbox
from tracker.live.pusher import ChannelsClient
from tracker.orders.model import Order

PYSHER_SUBSCRIBED = "pusher_internal:subscription_succeeded"


@dataclass
class Site:
    """The running processes, and what a restaurant and its two programs know about them."""

    database: Database
    outbox: Outbox
    now: datetime
    service: dict[str, Any]
    """The engine's port and key."""
    address: str
    world: World
    till: str
    """The id of the second application."""
    till_key: str

    def endpoint(self, **changed: str) -> str:
        """Return the address of authorisation as in the example of Open Dining's "Real-time Communication"."""
        proof = {"key": self.world.key, "secret": self.world.secret} | changed
        return f"{self.address}/api/v1/pusher/auth?{'&'.join(f'{name}={value}' for name, value in proof.items())}"

    @property
    def channel(self) -> str:
        return f"presence-r-{self.world.restaurant.id}"

    def place_order(self) -> str:
        """Store another order, publish its events through the outbox, and return its id."""
        with self.database.transaction() as session:
            first = session.get_one(Order, self.world.order)
            order = an_order(platform_account=first.platform_account, customer=first.customer)
            order.platform_order_id = "1235"
            session.add(order)
        self.outbox.publish_pending(self.now)
        return order.id


@pytest.fixture
def site(settings: Settings, database: Database, now: datetime) -> Iterator[Site]:
    world, till = a_world(database, settings, now), register_application("Till", [], now=now)
    with database.transaction() as session:
        session.add(till)
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
            service = {"key": settings.channels_key, "port": engine.port}
            yield Site(database, outbox, now, service, address, world, till.id, till.key)


def a_page(site: Site, **options: Any) -> AbstractContextManager[Program]:
    """Run a program with pusher-js that subscribes to the restaurant's channel."""
    about = {"channel": site.channel, "options": options, "tamper": ""}
    return running(node_path(), str(HERE / "third_party_pusher_js.cjs"), **site.service, **about)


def a_pysher(site: Site, endpoint: str, member: dict[str, str]) -> AbstractContextManager[Program]:
    """Run a program with pysher that subscribes to the restaurant's channel with this channel data."""
    about = {"channel": site.channel, "endpoint": endpoint, "member": member}
    return running(sys.executable, str(HERE / "third_party_pysher_restaurant.py"), **site.service, **about)


def next_named(program: Program, name: str) -> Any:
    """Return the data of the next event with this name, and skip events with other names."""
    while True:
        event, data = program.next_event()
        if event == name:
            return data


def test_two_programs_of_a_restaurant_see_each_other_and_receive_a_new_order(site: Site) -> None:
    with a_page(site, authEndpoint=site.endpoint()) as page:
        shop = next_named(page, SUBSCRIBED)
        with a_pysher(site, site.endpoint(key=site.till_key), {"user_id": site.till}) as program:
            roster = next_named(program, PYSHER_SUBSCRIBED)
            joined = next_named(page, "pusher:member_added")

            order_id = site.place_order()

            assert next_named(page, "new_order") == next_named(program, "new_order") == {"order_id": order_id}
    assert (shop["count"], shop["myID"]) == (1, site.world.application)
    assert roster["presence"]["ids"] == [site.world.application, site.till]
    assert joined["id"] == site.till


def test_a_pysher_program_that_does_not_know_its_member_id_asks_for_it_first(site: Site) -> None:
    with a_pysher(site, site.endpoint(), {}) as program:
        roster = next_named(program, PYSHER_SUBSCRIBED)

    assert roster["presence"]["ids"] == [site.world.application]


def test_a_pysher_program_with_the_member_id_of_another_is_refused(site: Site) -> None:
    with a_pysher(site, site.endpoint(), {"user_id": site.till}) as impostor:
        event, error = impostor.next_event()

    assert (event, error["status"]) == ("pusher:subscription_error", 401)


def test_current_pusher_js_can_keep_the_secret_out_of_the_address(site: Site) -> None:
    endpoint = f"{site.address}/api/v1/pusher/auth?key={site.world.key}"
    asking = {"endpoint": endpoint, "transport": "ajax", "params": {"secret": site.world.secret}}

    with a_page(site, channelAuthorization=asking) as page:
        assert next_named(page, SUBSCRIBED)["count"] == 1
        order_id = site.place_order()
        assert next_named(page, "new_order") == {"order_id": order_id}


def test_the_console_page_of_a_staff_member_receives_a_new_order_without_a_secret(site: Site) -> None:
    endpoint = f"{site.address}/api/v1/pusher/auth?key={PAGES_KEY}"
    asking = {"endpoint": endpoint, "transport": "ajax", "params": {"secret": site.world.console}}

    with a_page(site, channelAuthorization=asking) as page:
        members = next_named(page, SUBSCRIBED)
        order_id = site.place_order()
        assert next_named(page, "new_order") == {"order_id": order_id}

    assert members["count"] == 1
    assert site.world.zoe.customer_id not in json.dumps(members)


@pytest.mark.parametrize("wrong", ["a guess", "another restaurant's", "a customer's"])
def test_without_the_restaurants_secret_a_program_receives_nothing(site: Site, wrong: str) -> None:
    proof = {
        "a guess": {"secret": "a-guess"},
        "another restaurant's": {"secret": site.world.others_secret},
        "a customer's": {"secret": site.world.adas_token},
    }[wrong]

    with a_page(site, authEndpoint=site.endpoint(**proof)) as page:
        assert is_refused(page) == 403
    with a_pysher(site, site.endpoint(**proof), {"user_id": site.world.application}) as program:
        assert program.next_event()[0] == "refused"


# --- the log ---


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Run the site in production with the most detailed log."""
    with a_machine(tmp_path, LOG_LEVEL="DEBUG") as machine:
        machine.serve()
        machine.wait_until_up()
        yield machine


def status_of(machine: Machine, proof: dict[str, str]) -> int:
    """Return the status of the response to a GET request for authorisation."""
    address = f"http://localhost:{machine.port}/api/v1/pusher/auth?{urllib.parse.urlencode(proof)}"
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a23_a_secret_in_the_address_is_never_written_to_the_log(machine: Machine) -> None:
    restaurant = {"name": "Bella Napoli", "zone": "Europe/Dublin", "currency": "EUR", "locale": "en-IE"}
    options = [word for name, value in restaurant.items() for word in (f"--{name}", value)]
    new_restaurant = json.loads(machine.run("add-restaurant", *options).stdout)
    new_application = json.loads(machine.run("add-application", "--name", "Till").stdout)
    query = {"socket_id": "1.2", "channel_name": f"presence-r-{new_restaurant['restaurant']}"}
    query["key"] = new_application["key"]

    right = status_of(machine, query | {"secret": new_restaurant["secret"]})
    wrong = status_of(machine, query | {"secret": "a-wrong-guess"})
    malformed = status_of(machine, query | {"secret": new_restaurant["secret"], "socket_id": "x"})
    without_channel = status_of(
        machine, {"secret": new_restaurant["secret"], "key": new_application["key"]} | {"channel_name": "x" * 9_000}
    )

    assert [right, wrong, malformed, without_channel] == [200, 403, 400, 400]
    assert machine.log.count("/api/v1/pusher/auth") == 4
    for secret in (new_restaurant["secret"], "a-wrong-guess"):
        assert secret not in machine.log
