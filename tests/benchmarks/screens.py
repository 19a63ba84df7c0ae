"""Run a site as real processes, the bare page as its reference, and one Chromium that shows both from any distance."""

import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from pusher import Pusher
from pusher.pusher_client import PusherClient

from tests.benchmarks import bare_site
from tests.benchmarks.far_away import further_away
from tests.benchmarks.world import a_notice
from tests.builders import VERIFY_TOKEN
from tests.machine.chromium import chromium_path
from tests.machine.ports import free_port
from tests.site import Site, running_site, wait_for
from tracker.config import DEMO_SECRET, ROOT
from tracker.database import Database
from tracker.schema import migrate

BROWSER = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-quic")
Act = Callable[[], float]
"""Sends something, and returns the time at which its last byte was sent, in seconds since 1970."""


class Screens:
    """Opens pages of the site and of the reference in one browser, and sends what changes them.

    `ports` are those that the browser uses; the bare page's server listens on `bare_port`.
    """

    def __init__(self, site: Site, browser: Browser, ports: dict[str, int], bare_port: int) -> None:
        self.site, self.browser, self.ports, self.bare_port = site, browser, ports, bare_port
        self.cookies = site.open_orders(browser).context.cookies()
        self._orders = 1_000_000

    def order_address(self) -> tuple[int, str]:
        """Create a confirmed order. Return its number and the address of its page in the browser."""
        self._orders += 1
        self._post_notice(json.loads(a_notice(self._orders)))
        self._post_notice(json.loads(a_notice(self._orders, "order.accepted", minute=1)))
        return self._orders, f"http://localhost:{self.ports['web']}/orders/{self.site.order(str(self._orders)).id}"

    def open(self, address: str) -> Page:
        """Open this page in a new browser context of the customer, and return it when it is live and idle."""
        context = self.browser.new_context()
        context.add_cookies(self.cookies)  # type: ignore[arg-type]  # they have the form in which Playwright returned them
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("[data-state=live]", timeout=30_000)
        page.wait_for_load_state("networkidle")
        return page

    def post_status(self, number: int, status: str) -> float:
        """Send the notice of the platform about a new status, and return the time of its last byte."""
        event = {"EventName": "order.fulfillment.status.updated", "OrderId": number, "StatusName": status}
        return self._post_notice(
            event | {"FlipdishEventId": str(uuid.uuid4()), "CreateTime": datetime.now(UTC).isoformat()}
        )

    @cached_property
    def triggers(self) -> dict[str, Act]:
        """The two triggers of the bare page: by the official client, and by the plainest request to the engine."""
        engine = {"app_id": "1", "key": "tracker", "secret": DEMO_SECRET, "host": "127.0.0.1", "ssl": False}
        client = Pusher(**engine, port=self.site.engine_port)
        plain = PusherClient(**engine, port=self.site.engine_port)
        message = (bare_site.CHANNEL, bare_site.EVENT, {"version": 7})

        def official() -> float:
            at = time.time()
            client.trigger(*message)
            return at

        def plainest() -> float:
            request = plain.trigger.make_request(*message)
            return _post(self.site.engine_port, request.signed_path, request.headers, request.body)

        return {"official": official, "plainest": plainest}

    def _post_notice(self, event: dict[str, Any]) -> float:
        headers = {"X-Verify-Token": VERIFY_TOKEN, "Content-Type": "application/json"}
        path = f"/webhooks/flipdish/{self.site.platform_account.id}"
        return _post(self.site.port, path, headers, json.dumps(event).encode())


@contextmanager
def screens(round_trip: float, *, to_open: float | None = None) -> Iterator[Screens]:
    """Run the site and a browser with this round trip between them, in seconds, without the reference's page."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url, engine = f"sqlite:///{folder}/tracker.sqlite", free_port()
        database = Database(url)
        migrate(database)
        database.close()
        public = engine if round_trip else 0
        site = stack.enter_context(running_site(url, folder, web_processes=2, channels_public_port=public))
        near = ports = {"web": site.port, "engine": site.engine_port, "bare": free_port()}
        if round_trip:
            ports = {"web": free_port(), "engine": engine, "bare": free_port()}
            stack.enter_context(further_away(round_trip, {ports[name]: near[name] for name in near}, to_open=to_open))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(BROWSER))
        stack.callback(browser.close)
        yield Screens(site, browser, ports, near["bare"])


@contextmanager
def the_bare_page(to: Screens, text: str) -> Iterator[Page]:
    """Run the reference's server with this text, and yield its live page."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "text.html"
        file.write_text(text)
        command = [sys.executable, "-m", bare_site.__name__, str(to.bare_port), str(to.ports["engine"]), str(file)]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            wait_for(lambda: _listens(to.bare_port), "the bare page's server")
            yield to.open(f"http://localhost:{to.ports['bare']}/")
        finally:
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def _post(port: int, path: str, headers: dict[str, str], body: bytes) -> float:
    lines = [f"POST {path} HTTP/1.1", f"Host: localhost:{port}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[:-1])
        at = time.time()
        connection.sendall(body[-1:])
        response = connection.recv(65_536)
    if b" 200 " not in response[:20]:
        raise RuntimeError(f"{path} was answered with {response[:100]!r}.")
    return at
