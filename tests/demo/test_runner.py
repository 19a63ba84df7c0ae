"""The demo as a newcomer runs it: it serves, prints what to do, and ends; and what it prints works."""

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

from tests.demo.demonstration import Demo, a_demo, fetch_signed_in, redirect_path
from tests.machine.ports import free_port
from tests.processes.machine import is_free, process_table
from tests.site import wait_for
from tracker import clock

SECONDS_TO_END = 10


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Yield a demo whose kitchen is quiet."""
    with a_demo(tmp_path_factory.mktemp("quiet")) as demo:
        demo.start("--quiet-kitchen")
        yield demo


@pytest.fixture(scope="module")
def description(demo: Demo) -> dict[str, Any]:
    return demo.wait_until_described()


@pytest.fixture(scope="module")
def second_checkout(tmp_path_factory: pytest.TempPathFactory, description: dict[str, Any]) -> Iterator[Demo]:
    """Yield a demo in another checkout, which is not started yet."""
    with a_demo(tmp_path_factory.mktemp("lively")) as demo:
        yield demo


@pytest.fixture
def playing(second_checkout: Demo) -> Demo:
    """Return a second demo, whose kitchen plays. It is started again if the test before has ended it."""
    demo = second_checkout
    if demo.process is None or demo.process.poll() is not None:
        # Another process may have taken the old ports meanwhile.
        demo.port, demo.engine_port, demo.shop_port = free_port(), free_port(), free_port()
        demo.start()
        demo.wait_until_described()
    return demo


def test_everything_that_programs_need_is_in_demo_json(demo: Demo, description: dict[str, Any]) -> None:
    names = {name: sorted(part) if isinstance(part, dict) else None for name, part in description.items()}

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
    assert description["base_url"] == f"http://localhost:{demo.port}"
    assert description["engine"]["port"] == demo.engine_port
    assert description["shop_url"] == f"http://localhost:{demo.shop_port}"
    more = [order.keys() ^ {"id", "platform_order_id", "state", "url"} for order in description["orders"]]
    assert sorted(more, key=len)[-2:] == [set(), {"share_url"}]
    states = {order["state"] for order in description["orders"]}
    assert {"placed", "adjusted", "confirmed", "completed", "rejected"} <= states


def test_the_sign_in_link_works_again_and_again_and_shows_the_orders(description: dict[str, Any]) -> None:
    for _ in range(2):
        page = fetch_signed_in(description["customer"]["sign_in_url"])

        assert "Your orders" in page
        assert all(f"/orders/{order['id']}" in page for order in description["orders"])


def test_the_printed_link_leads_to_an_adjustment_with_enough_time_to_answer(
    demo: Demo, description: dict[str, Any]
) -> None:
    [waiting] = [order for order in description["orders"] if order["state"] == "adjusted"]

    adjustment = demo.adjustment_of(waiting["id"])

    assert waiting["url"] in demo.output
    assert (adjustment.state, len(adjustment.lines), len(adjustment.options)) == ("open", 1, 1)
    assert adjustment.minutes
    assert adjustment.answer_by - adjustment.proposed_at == timedelta(minutes=15)
    assert 0 <= (clock.now() - adjustment.proposed_at).total_seconds() < 600


def test_the_printed_link_to_the_console_signs_in_the_owner(demo: Demo, description: dict[str, Any]) -> None:
    console, customer = description["console"], description["customer"]
    assert console["sign_in_url"] in demo.output

    for _ in range(2):
        assert redirect_path(console["sign_in_url"]) == "/console"
        assert demo.last_signed_in_address() == console["email"]

    board = fetch_signed_in(console["sign_in_url"])
    live = [order["id"] for order in description["orders"] if order["state"] in ("placed", "adjusted", "confirmed")]
    assert all(f"/orders/{order_id}" in board for order_id in live)
    assert redirect_path(customer["sign_in_url"]) == "/orders"
    assert demo.last_signed_in_address() == customer["email"]


@pytest.mark.parametrize("path", ["/demo/a-guess", "/demo/a-guess/console"])
def test_a_guessed_link_signs_nobody_in(description: dict[str, Any], path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        fetch_signed_in(urljoin(description["base_url"], path))
    refused.value.close()

    assert refused.value.status == 404


def test_the_demo_has_an_order_of_another_customer_that_is_not_listed(demo: Demo, description: dict[str, Any]) -> None:
    listed = {order["platform_order_id"] or order["id"] for order in description["orders"]}

    assert demo.versions().keys() - listed == {"4106"}


def test_another_client_can_listen_to_every_order_that_is_listed(description: dict[str, Any]) -> None:
    channels = {f"private-o-{order['id']}" for order in description["orders"]}

    assert asyncio.run(subscribed(description, channels)) == channels


async def subscribed(description: dict[str, Any], channels: set[str]) -> set[str]:
    """Return the channels to which a client can subscribe that knows nothing but demo.json."""
    engine, customer = description["engine"], description["customer"]
    address = f"ws://{engine['host']}:{engine['port']}/app/{engine['key']}?protocol=7"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as connection:
        socket_id = re.findall(r"\d+\.\d+", (await connection.receive_json())["data"])[0]
        for channel in channels:
            form = {"access_token": customer["access_token"], "channel_name": channel, "socket_id": socket_id}
            key = {"key": description["application_key"]}
            async with session.post(description["auth_endpoint"], params=key, data=form) as response:
                assert response.status == 200
                auth = (await response.json())["auth"]
            await connection.send_json({"event": "pusher:subscribe", "data": {"auth": auth, "channel": channel}})
        answers = [await connection.receive_json(timeout=10) for _ in channels]
    return {each["channel"] for each in answers if each["event"] == "pusher_internal:subscription_succeeded"}


def test_what_is_printed_leads_to_a_page_and_moves_its_order(demo: Demo, description: dict[str, Any]) -> None:
    assert description["customer"]["sign_in_url"] in demo.output
    printed = [order for order in description["orders"] if order["url"] in demo.output]
    [order] = [order for order in printed if order["platform_order_id"]]
    number = order["platform_order_id"]
    before = demo.versions()[number]
    command = demo.output[demo.output.index("curl ") :].partition("\n\n")[0]

    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602  as one would

    assert result.stdout.strip() == '{"notice":"handled"}'
    wait_for(lambda: demo.versions()[number] == before + 1, "the order to move")


def test_the_kitchen_moves_orders_by_itself_and_a_quiet_one_does_not(
    demo: Demo, description: dict[str, Any], playing: Demo
) -> None:
    def moves(at_first: dict[str, int]) -> int:
        return sum(playing.versions().values()) - sum(at_first.values())

    quiet_before, before = demo.versions(), playing.versions()

    wait_for(lambda: moves(before) >= 2, "the kitchen to move two orders")

    assert demo.versions() == quiet_before
    assert before["1234"] == playing.versions()["1234"]


def test_only_a_playing_kitchen_is_announced(demo: Demo, playing: Demo) -> None:
    assert "kitchen moves your other orders along every few seconds, adjusts some and rejects some" in playing.output
    assert "moves your other orders" not in demo.output
    assert "the kitchen is quiet" in demo.output


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
def test_a_wrong_port_is_refused_by_its_name(demo: Demo, name: str) -> None:
    refused = demo.run(**{name: "abc"})

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{name} is wrong: ")
    assert refused.stderr.count("\n") == 1


def test_one_port_for_both_is_refused(demo: Demo) -> None:
    same = str(free_port())

    refused = demo.run(PORT=same, ENGINE_PORT=same)

    assert refused.returncode == 2
    assert refused.stderr.startswith("PORT, ENGINE_PORT: ")


def test_a_second_demo_of_the_same_checkout_leaves_the_first_alone(demo: Demo, description: dict[str, Any]) -> None:
    refused = demo.run(PORT=str(free_port()), ENGINE_PORT=str(free_port()))

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Another demo" in refused.stderr
    assert demo.wait_until_described() == description
    assert "Your orders" in fetch_signed_in(description["customer"]["sign_in_url"])


def test_ctrl_c_ends_all_processes_without_an_error(playing: Demo) -> None:
    all_processes = playing.all_processes()
    assert playing.process is not None

    playing.process.send_signal(signal.SIGINT)

    assert playing.process.wait(timeout=SECONDS_TO_END) == 0
    assert all_processes.isdisjoint(process_table())
    assert is_free(playing.port)
    assert is_free(playing.engine_port)
    assert playing.errors == ""
    assert not (playing.folder / "var/demo/demo.json").exists()


def test_ctrl_c_while_it_starts_ends_it_as_well_and_it_can_be_started_again(playing: Demo) -> None:
    playing.end()
    # Another process may have taken the old ports meanwhile.
    playing.port, playing.engine_port = free_port(), free_port()
    playing.start()
    assert playing.process is not None
    wait_for(lambda: playing.is_running() and len(playing.all_processes()) > 3, "its processes")
    all_processes = playing.all_processes()

    playing.process.send_signal(signal.SIGINT)

    assert playing.process.wait(timeout=SECONDS_TO_END) == 0
    assert all_processes.isdisjoint(process_table())
    assert "Traceback" not in playing.errors
