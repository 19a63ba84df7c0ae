"""The demo as a newcomer runs it, in a checkout of its own, so that it does not disturb a demo that runs here."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from tests.machine.ports import free_port
from tests.processes.machine import children_of, process_table
from tests.site import wait_for
from tracker.accounts.model import CustomerSession
from tracker.config import ROOT
from tracker.database import Database
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order

SECONDS_TO_SERVE = 60


@dataclass
class Demo:
    """A demo in the checkout `folder`. Its standard output is in `folder`/output, its standard error in
    `folder`/errors."""

    folder: Path
    port: int = field(default_factory=free_port)
    engine_port: int = field(default_factory=free_port)
    shop_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tracker", "demo", *arguments]
        with (self.folder / "output").open("wb") as output, (self.folder / "errors").open("wb") as errors:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment({}), stdout=output, stderr=errors
            )

    def end(self) -> None:
        """Terminate the demo, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=15)

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run another demo in the same checkout, which must end by itself."""
        return subprocess.run(
            [sys.executable, "-m", "tracker", "demo"],
            cwd=self.folder,
            env=self._environment({"SHOP_PORT": str(free_port())} | environment),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        ports = {"PORT": str(self.port), "ENGINE_PORT": str(self.engine_port), "SHOP_PORT": str(self.shop_port)}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
        return inherited | ports | more

    def wait_until_described(self) -> dict[str, Any]:
        """Return the content of demo.json, once it exists."""
        path = self.folder / "var/demo/demo.json"
        wait_for(lambda: self.is_running() and path.exists(), "demo.json", seconds=SECONDS_TO_SERVE)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        description: dict[str, Any] = json.loads(path.read_text())
        return description

    def is_running(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.errors
        return True

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    @property
    def errors(self) -> str:
        return (self.folder / "errors").read_text()

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        database = Database(f"sqlite:///{self.folder}/var/demo/tracker.sqlite")
        with database.read_session() as session:
            yield session
        database.close()

    def versions(self) -> dict[str, int]:
        """Return the version of each order, by the platform's number, or by our id for an own order."""
        with self.read_session() as session:
            return {order.platform_order_id or order.id: order.version for order in session.query(Order)}

    def adjustment_of(self, order_id: str) -> Adjustment:
        """Return the first adjustment of this order."""
        with self.read_session() as session:
            return session.get_one(Adjustment, (order_id, 1))

    def last_signed_in_address(self) -> str | None:
        """Return the address of the customer who signed in last, or None."""
        with self.read_session() as session:
            newest = session.query(CustomerSession).order_by(CustomerSession.created_at.desc()).first()
            return newest.customer.email if newest else None

    def all_processes(self) -> set[int]:
        assert self.process is not None
        all_processes = {self.process.pid, *children_of(self.process.pid)}
        return all_processes | {each for one in all_processes for each in children_of(one)}


@contextmanager
def a_demo(folder: Path) -> Iterator[Demo]:
    """Yield a demo that is not started yet. It ends with the block."""
    for part in ("tracker", "templates", "static"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    demo = Demo(folder)
    try:
        yield demo
    finally:
        if demo.process is not None and demo.process.poll() is None:
            all_processes = demo.all_processes()
            demo.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                demo.process.wait(timeout=15)
            for process in all_processes & set(process_table()):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            demo.process.wait()


def fetch_signed_in(address: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> str:
    """Return the page that a browser shows after opening this address, or after posting the body to it."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    request = urllib.request.Request(address, body, headers or {})  # noqa: S310  the demo's own addresses
    with browser.open(request, timeout=10) as response:
        return str(response.read().decode())


def redirect_path(address: str) -> str:
    """Return the path to which this address redirects. Raises AssertionError if it does not redirect."""
    try:
        urllib.request.build_opener(_NoRedirects()).open(address, timeout=10)
    except HTTPError as redirect:
        redirect.close()
        return urlsplit(redirect.headers["Location"]).path
    raise AssertionError(f"{address} leads nowhere.")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
