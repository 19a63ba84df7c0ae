"""The demo, run as a newcomer runs it: it serves, it says what to do, what it says works, and it ends."""

import asyncio
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin

import aiohttp
import pytest

from tests.demo.demonstration import Demo, a_demo, leads_to, signed_in
from tests.machine.ports import free_port
from tests.processes.machine import is_free, table
from tests.site import wait_for
from tracker import clock

SECONDS_TO_END = 10


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose kitchen is quiet."""
    with a_demo(tmp_path_factory.mktemp("quiet")) as demo:
        demo.start("--quiet-kitchen")
        yield demo


@pytest.fixture(scope="module")
def described(demo: Demo) -> dict[str, Any]:
    return demo.wait_until_described()


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory, described: dict[str, Any]) -> Iterator[Demo]:
    """A second demo, in another checkout, whose kitchen plays."""
    with a_demo(tmp_path_factory.mktemp("lively")) as demo:
        demo.start()
        demo.wait_until_described()
        yield demo


def test_everything_that_programs_need_is_in_demo_json(demo: Demo, described: dict[str, Any]) -> None:
    names = {name: sorted(part) if isinstance(part, dict) else None for name, part in described.items()}

    assert names == {
        "base_url": None,
        "engine": ["host", "key", "port"],
        "auth_endpoint": None,
        "application_id": None,
        "application_key": None,
        "shop_url": None,
        "embed_url": None,
        "flipdish": ["verify_token", "webhook_url"],
        "restaurant": ["id", "secret"],
        "customer": ["access_token", "email", "sign_in_url"],
        "console": ["email", "sign_in_url"],
        "orders": None,
    }
    assert described["base_url"] == f"http://localhost:{demo.port}"
    assert described["engine"]["port"] == demo.engine_port
    assert described["shop_url"] == f"http://localhost:{demo.shop_port}"
    more = [order.keys() ^ {"id", "platform_order_id", "state", "url"} for order in described["orders"]]
    assert sorted(more, key=len)[-2:] == [set(), {"share_url"}]
    states = {order["state"] for order in described["orders"]}
    assert {"placed", "adjusted", "confirmed", "completed", "rejected"} <= states


def test_the_sign_in_link_works_again_and_again_and_shows_the_orders(described: dict[str, Any]) -> None:
    for _ in range(2):
        page = signed_in(described["customer"]["sign_in_url"])

        assert "Your orders" in page
        assert all(f"/orders/{order['id']}" in page for order in described["orders"])


def test_who_opens_the_printed_link_finds_a_change_to_answer_with_time_enough(
    demo: Demo, described: dict[str, Any]
) -> None:
    [waiting] = [order for order in described["orders"] if order["state"] == "adjusted"]

    kept = demo.adjustment_of(waiting["id"])

    assert waiting["url"] in demo.said
    assert (kept.state, bool(kept.minutes), len(kept.lines), len(kept.options)) == ("open", True, 1, 1)
    assert kept.answer_by - kept.proposed_at == timedelta(minutes=15)
    assert 0 <= (clock.now() - kept.proposed_at).total_seconds() < 600


def test_the_printed_link_to_the_console_signs_in_who_owns_the_restaurant(
    demo: Demo, described: dict[str, Any]
) -> None:
    console, customer = described["console"], described["customer"]
    assert console["sign_in_url"] in demo.said

    for _ in range(2):
        assert leads_to(console["sign_in_url"]) == "/console"
        assert demo.signed_in_last() == console["email"]

    board = signed_in(console["sign_in_url"])
    live = [order["id"] for order in described["orders"] if order["state"] in ("placed", "adjusted", "confirmed")]
    assert all(f"/orders/{order_id}" in board for order_id in live)
    assert leads_to(customer["sign_in_url"]) == "/orders"
    assert demo.signed_in_last() == customer["email"]


@pytest.mark.parametrize("path", ["/demo/a-guess", "/demo/a-guess/console"])
def test_a_guessed_link_signs_nobody_in(described: dict[str, Any], path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        signed_in(urljoin(described["base_url"], path))
    refused.value.close()

    assert refused.value.status == 404


def test_somebody_elses_order_is_in_the_world_and_not_among_mine(demo: Demo, described: dict[str, Any]) -> None:
    mine = {order["platform_order_id"] or order["id"] for order in described["orders"]}

    assert demo.versions().keys() - mine == {"4106"}


def test_another_client_can_listen_to_every_order_that_is_listed(described: dict[str, Any]) -> None:
    channels = {f"private-o-{order['id']}" for order in described["orders"]}

    assert asyncio.run(subscribed(described, channels)) == channels


async def subscribed(described: dict[str, Any], channels: set[str]) -> set[str]:
    """The channels to which a client could subscribe that knows nothing but demo.json."""
    engine, customer = described["engine"], described["customer"]
    address = f"ws://{engine['host']}:{engine['port']}/app/{engine['key']}?protocol=7"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as connection:
        socket_id = re.findall(r"\d+\.\d+", (await connection.receive_json())["data"])[0]
        for channel in channels:
            form = {"access_token": customer["access_token"], "channel_name": channel, "socket_id": socket_id}
            key = {"key": described["application_key"]}
            async with session.post(described["auth_endpoint"], params=key, data=form) as response:
                assert response.status == 200
                auth = (await response.json())["auth"]
            await connection.send_json({"event": "pusher:subscribe", "data": {"auth": auth, "channel": channel}})
        answers = [await connection.receive_json(timeout=10) for _ in channels]
    return {each["channel"] for each in answers if each["event"] == "pusher_internal:subscription_succeeded"}


def test_what_is_printed_leads_to_a_page_and_moves_its_order(demo: Demo, described: dict[str, Any]) -> None:
    assert described["customer"]["sign_in_url"] in demo.said
    said = [order for order in described["orders"] if order["url"] in demo.said]
    [order] = [order for order in said if order["platform_order_id"]]
    number = order["platform_order_id"]
    before = demo.versions()[number]
    command = demo.said[demo.said.index("curl ") :].partition("\n\n")[0]

    told = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602  as one would

    assert told.stdout.strip() == '{"notice":"handled"}'
    wait_for(lambda: demo.versions()[number] == before + 1, "the order to move")


def test_the_kitchen_moves_orders_by_itself_and_a_quiet_one_does_not(
    demo: Demo, described: dict[str, Any], lively: Demo
) -> None:
    def moves(at_first: dict[str, int]) -> int:
        return sum(lively.versions().values()) - sum(at_first.values())

    quiet_before, before = demo.versions(), lively.versions()

    wait_for(lambda: moves(before) >= 2, "the kitchen to move two orders")

    assert demo.versions() == quiet_before
    assert before["1234"] == lively.versions()["1234"]


def test_it_is_only_said_of_a_kitchen_that_plays_that_it_does(demo: Demo, lively: Demo) -> None:
    assert "kitchen moves your other orders along every few seconds, adjusts some and rejects some" in lively.said
    assert "moves your other orders" not in demo.said
    assert "the kitchen is quiet" in demo.said


@pytest.mark.parametrize("name", ["PORT", "ENGINE_PORT", "SHOP_PORT"])
def test_a_port_that_somebody_else_has_is_refused_by_its_name(demo: Demo, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        taken = str(somebody_else.getsockname()[1])
        refused = demo.run(**{"PORT": str(free_port()), "ENGINE_PORT": str(free_port())} | {name: taken})

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert f"Port {taken} " in refused.stderr
    assert f" {name}," in refused.stderr
    assert "TRACKER_" not in refused.stderr


@pytest.mark.parametrize("name", ["PORT", "ENGINE_PORT", "SHOP_PORT"])
def test_what_is_no_port_is_refused_by_its_name(demo: Demo, name: str) -> None:
    refused = demo.run(**{name: "abc"})

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{name} is wrong: ")
    assert refused.stderr.count("\n") == 1


def test_one_port_for_both_is_refused(demo: Demo) -> None:
    same = str(free_port())

    refused = demo.run(PORT=same, ENGINE_PORT=same)

    assert refused.returncode == 2
    assert refused.stderr.startswith("PORT, ENGINE_PORT: ")


def test_a_second_demo_of_the_same_checkout_leaves_the_first_alone(demo: Demo, described: dict[str, Any]) -> None:
    refused = demo.run(PORT=str(free_port()), ENGINE_PORT=str(free_port()))

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Another demo" in refused.stderr
    assert demo.wait_until_described() == described
    assert "Your orders" in signed_in(described["customer"]["sign_in_url"])


def test_ctrl_c_ends_all_of_it_in_peace(lively: Demo) -> None:
    everybody = lively.everybody()
    assert lively.process is not None

    lively.process.send_signal(signal.SIGINT)

    assert lively.process.wait(timeout=SECONDS_TO_END) == 0
    assert everybody.isdisjoint(table())
    assert is_free(lively.port)
    assert is_free(lively.engine_port)
    assert lively.complaints == ""
    assert not (lively.place / "var/demo/demo.json").exists()


def test_ctrl_c_while_it_starts_ends_it_as_well_and_it_can_be_started_again(lively: Demo) -> None:
    lively.end()
    lively.port, lively.engine_port = free_port(), free_port()  # somebody may have taken the old ones meanwhile
    lively.start()
    assert lively.process is not None
    wait_for(lambda: lively.lives() and len(lively.everybody()) > 3, "its processes")
    everybody = lively.everybody()

    lively.process.send_signal(signal.SIGINT)

    assert lively.process.wait(timeout=SECONDS_TO_END) == 0
    assert everybody.isdisjoint(table())
    assert "Traceback" not in lively.complaints
