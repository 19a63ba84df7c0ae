"""Requests a second of the real web server with one process for each core, beside the reference on the same server."""

import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection

from flask import Flask

from tests.benchmarks.reference import reference_app
from tests.benchmarks.serving_pages import both_worlds
from tests.benchmarks.table import Row, Size, at_least, benchmark
from tests.benchmarks.world import SECRET_KEY, World, a_notice, cookie, our_app, settings_for
from tests.builders import VERIFY_TOKEN
from tests.machine.ports import free_port
from tests.site import wait_for
from tracker.config import ROOT

CLIENTS = 4
WARM_UP = 1.0
"""Seconds after which every process has compiled its templates."""
NUMBERS = itertools.count(5_000_000)
Request = tuple[str, str, bytes | None, dict[str, str]]


@benchmark("served-requests")
def served(size: Size) -> Iterator[Row]:
    """Measure the best of several runs, in turn, over connections that stay open."""
    runs, seconds = {Size.QUICK: (1, 0.5), Size.USUAL: (4, 2.0), Size.FULL: (10, 5.0)}[size]
    with both_worlds() as worlds:
        for kind, world in worlds.items():
            with ExitStack() as stack:
                ours, reference = (stack.enter_context(server(world)) for server in (_our_server, _reference_server))
                for name in ("order page", "webhook ingest", "unchanged live region"):
                    best = [0.0, 0.0]
                    for port, requests in (ours, reference):
                        _rate(port, requests[name], WARM_UP)
                    for _ in range(runs):
                        for who, (port, requests) in enumerate((ours, reference)):
                            best[who] = max(best[who], _rate(port, requests[name], seconds))
                    note = f"requests/s, {os.cpu_count()} processes, whose cores {CLIENTS} clients share"
                    yield at_least(f"{name}, served, {kind}", best[1], best[0], None, note=note)


def _rate(port: int, request: Callable[[], Request], seconds: float) -> float:
    """Return the requests a second of all clients. Raises RuntimeError if a client had no successful response."""
    counts, end = [], time.monotonic() + seconds

    def send_requests() -> None:
        connection, count = HTTPConnection("127.0.0.1", port, timeout=20), 0
        while time.monotonic() < end:
            connection.request(*request())
            response = connection.getresponse()
            response.read()
            count += response.status in (200, 304)
        counts.append(count)
        connection.close()

    clients = [threading.Thread(target=send_requests) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if len(counts) < CLIENTS or not all(counts):
        raise RuntimeError(f"Not every client had a successful response: {counts}")
    return sum(counts) / seconds


def _requests(app: Flask, world: World, session: dict[str, str], unchanged: str) -> dict[str, Callable[[], Request]]:
    headers = {"Host": "orders.example.com", "Cookie": cookie(app, session), "If-None-Match": "*"}
    page = f"/orders/{world.order_id}"
    platform = {"Host": "orders.example.com", "X-Verify-Token": VERIFY_TOKEN, "Content-Type": "application/json"}
    path = f"/webhooks/flipdish/{world.platform_account_id}"
    return {
        "order page": lambda: ("GET", page, None, headers),
        "webhook ingest": lambda: ("POST", path, a_notice(next(NUMBERS)), platform),
        "unchanged live region": lambda: ("GET", unchanged.format(page), None, headers),
    }


@contextmanager
def _our_server(world: World) -> Iterator[tuple[int, dict[str, Callable[[], Request]]]]:
    settings = settings_for(world.url, world.folder).model_copy(update={"port": free_port()})
    own = {
        "secret_key": SECRET_KEY,
        "channels_secret": settings.channels_secret.get_secret_value(),
        "base_url": settings.base_url,
        "smtp_url": settings.smtp_url.get_secret_value(),
        "data_dir": world.folder,
        "database_url": world.url,
        "port": settings.port,
        "web_processes": os.cpu_count(),
    }
    environment = os.environ | {f"TRACKER_{name.upper()}": str(value) for name, value in own.items()}
    requests = _requests(our_app(world), world, {"_user_id": world.session_token}, "{}/live")
    with _running([sys.executable, "-m", "tracker", "web"], environment, settings.port):
        yield settings.port, requests


@contextmanager
def _reference_server(world: World) -> Iterator[tuple[int, dict[str, Callable[[], Request]]]]:
    port = free_port()
    app = reference_app(world.url, SECRET_KEY, world.folder / "nobody")
    command = [sys.executable, "-m", "tests.benchmarks.reference_server", str(port), world.as_text()]
    with _running(command, dict(os.environ), port):
        yield port, _requests(app, world, {"token": world.session_token}, "/hello")


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: _listens(port), "a web server")
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
