"""One command runs a machine: dead processes come back, no stored notice is lost, and the end is clean."""

import http.client
import json
import os
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from granian.server.mp import WorkerProcess
from sqlalchemy import func, select

from tests.builders import VERIFY_TOKEN, a_platform_account
from tests.processes.machine import Machine, a_machine, is_free, process_table
from tests.site import wait_for
from tracker.config import ROOT
from tracker.database import Database
from tracker.orders.model import OrderEvent
from tracker.web_server import is_alive

SEED = json.loads((ROOT / "tests/upstream/flipdish/seeds/order.created.json").read_text())
SECONDS_TO_END = 10


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Yield a machine that serves. The tests kill its processes one after the other."""
    with a_machine(tmp_path_factory.mktemp("machine")) as machine:
        machine.serve()
        machine.wait_until_up()
        yield machine


@pytest.fixture(scope="module")
def database(machine: Machine) -> Iterator[Database]:
    database = Database(f"sqlite:///{machine.folder}/data/tracker.sqlite")
    yield database
    database.close()


@pytest.fixture(scope="module")
def post(machine: Machine, database: Database) -> Callable[[int], None]:
    """Return a function that posts a notice about a new order with this number."""
    with database.transaction() as session:
        platform_account = a_platform_account()
        session.add(platform_account)
    address = f"http://localhost:{machine.port}/webhooks/flipdish/{platform_account.id}"

    def post(number: int) -> None:
        notice: dict[str, Any] = SEED | {
            "FlipdishEventId": f"event {number}",
            "Order": SEED["Order"] | {"OrderId": number},
        }
        request = urllib.request.Request(address, json.dumps(notice).encode(), {"X-Verify-Token": VERIFY_TOKEN})
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310  our own address
            assert response.status == 200

    return post


def published_count(database: Database) -> int:
    with database.read_session() as session:
        return session.scalar(select(func.count()).where(OrderEvent.published_at.is_not(None))) or 0


def event_count(database: Database) -> int:
    with database.read_session() as session:
        return session.scalar(select(func.count(OrderEvent.id))) or 0


def web_server(machine: Machine) -> int:
    return machine.process("web")


def web_worker(machine: Machine) -> int:
    return machine.web_workers()[0]


def worker(machine: Machine) -> int:
    return machine.process("work")


def engine(machine: Machine) -> int:
    return machine.process("engine")


def test_one_command_runs_web_server_worker_and_engine(machine: Machine, database: Database, post: Any) -> None:
    post(1)

    wait_for(lambda: published_count(database) == event_count(database) > 0, "all events to be published")


@pytest.mark.parametrize("victim", [web_server, web_worker, worker, engine])
def test_a_killed_process_comes_back_and_later_notices_are_published(
    machine: Machine, database: Database, post: Any, victim: Callable[[Machine], int]
) -> None:
    killed, before = victim(machine), machine.all_processes()

    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: killed not in process_table(), "the process to end")
    wait_for(lambda: machine.all_processes() - before, "a new process in its place")
    wait_for(lambda: len(machine.all_processes()) == len(before), "as many processes as before")
    machine.wait_until_up()
    post(10 + killed)

    wait_for(lambda: published_count(database) == event_count(database), "all events to be published")


def test_all_that_a_machine_writes_is_json_without_a_secret(machine: Machine, post: Any) -> None:
    post(2)

    lines = [json.loads(line) for line in machine.log.splitlines()]
    assert {"request"} <= {line["event"] for line in lines}
    assert VERIFY_TOKEN not in machine.log


def test_a_machine_that_is_told_to_end_ends_all_its_processes_in_seconds_without_an_error(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        machine.serve()
        machine.wait_until_up()
        all_processes = machine.all_processes()
        with (
            closing(http.client.HTTPConnection("127.0.0.1", machine.port)) as browser,
            closing(websocket_client(machine)),
        ):
            browser.request("GET", "/up")
            assert browser.getresponse().read()

            machine.serving.terminate()
            ended = machine.serving.wait(timeout=SECONDS_TO_END)

        assert ended == 0
        assert all_processes.isdisjoint(process_table())
        assert is_free(machine.port)
        assert is_free(machine.engine_port)
        assert machine.warnings_and_errors == []


def test_a_process_that_has_ended_counts_as_ended_even_if_another_thread_has_waited_for_it() -> None:
    worker = WorkerProcess(parent=cast(Any, None), idx=0, target=int, args=())
    worker.inner.start()

    os.waitpid(worker.inner.pid, 0)  # as another thread may have done

    assert worker.inner.is_alive()  # granian would kill it and log that it refused to stop
    assert not is_alive(worker)


def test_a_machine_that_is_told_to_end_while_it_starts_ends_without_an_error(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        machine.serve()
        machine.web_workers()
        all_processes = machine.all_processes()

        machine.serving.terminate()
        ended = machine.serving.wait(timeout=SECONDS_TO_END)

        assert ended == 0
        assert all_processes.isdisjoint(process_table())
        assert machine.warnings_and_errors == []


def test_a_machine_whose_first_process_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    with a_machine(tmp_path) as machine:
        machine.serve()
        machine.wait_until_up()
        all_processes = machine.all_processes()

        machine.serving.kill()
        machine.serving.wait()

        wait_for(lambda: all_processes.isdisjoint(process_table()), "all processes to end", seconds=SECONDS_TO_END)
        assert is_free(machine.port)
        assert is_free(machine.engine_port)


def websocket_client(machine: Machine) -> socket.socket:
    """Return a WebSocket that is open at the engine."""
    viewer = socket.create_connection(("127.0.0.1", machine.engine_port), timeout=10)
    viewer.sendall(
        b"GET /app/tracker?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert viewer.recv(12) == b"HTTP/1.1 101"
    return viewer
