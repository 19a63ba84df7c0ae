"""The demo as a newcomer runs it, in a checkout of its own, so that it is in nobody's way who runs one here."""

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
from tests.processes.machine import children_of, table
from tests.site import wait_for
from tracker.accounts.model import CustomerSession
from tracker.config import ROOT
from tracker.database import Database
from tracker.orders.adjustment import Adjustment
from tracker.orders.model import Order

SECONDS_TO_SERVE = 60


@dataclass
class Demo:
    """A demo in the checkout `place`. What it says is in `place`/said, what it complains of in `place`/complaints."""

    place: Path
    port: int = field(default_factory=free_port)
    engine_port: int = field(default_factory=free_port)
    shop_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "tracker", "demo", *arguments]
        with (self.place / "said").open("wb") as said, (self.place / "complaints").open("wb") as complaints:
            self.process = subprocess.Popen(
                command, cwd=self.place, env=self._environment({}), stdout=said, stderr=complaints
            )

    def end(self) -> None:
        """End it, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=15)

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Start another demo in the same checkout, which must end by itself."""
        return subprocess.run(
            [sys.executable, "-m", "tracker", "demo"],
            cwd=self.place,
            env=self._environment({"SHOP_PORT": str(free_port())} | environment),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        ours = {"PORT": str(self.port), "ENGINE_PORT": str(self.engine_port), "SHOP_PORT": str(self.shop_port)}
        theirs = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
        return theirs | ours | more

    def wait_until_described(self) -> dict[str, Any]:
        """What demo.json says, as soon as it is there."""
        path = self.place / "var/demo/demo.json"
        wait_for(lambda: self.lives() and path.exists(), "demo.json", seconds=SECONDS_TO_SERVE)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        described: dict[str, Any] = json.loads(path.read_text())
        return described

    def lives(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.complaints
        return True

    @property
    def said(self) -> str:
        return (self.place / "said").read_text()

    @property
    def complaints(self) -> str:
        return (self.place / "complaints").read_text()

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        database = Database(f"sqlite:///{self.place}/var/demo/tracker.sqlite")
        with database.read_session() as session:
            yield session
        database.close()

    def versions(self) -> dict[str, int]:
        """How often each order has changed, by the platform's number, or by its id where no platform knows it."""
        with self.read_session() as session:
            return {order.platform_order_id or order.id: order.version for order in session.query(Order)}

    def adjustment_of(self, order_id: str) -> Adjustment:
        """The first change that the restaurant has proposed to this order."""
        with self.read_session() as session:
            return session.get_one(Adjustment, (order_id, 1))

    def signed_in_last(self) -> str | None:
        """The address of whoever signed in last."""
        with self.read_session() as session:
            newest = session.query(CustomerSession).order_by(CustomerSession.created_at.desc()).first()
            return newest.customer.email if newest else None

    def everybody(self) -> set[int]:
        assert self.process is not None
        everybody = {self.process.pid, *children_of(self.process.pid)}
        return everybody | {each for one in everybody for each in children_of(one)}


@contextmanager
def a_demo(place: Path) -> Iterator[Demo]:
    """A demo that is not started yet; it ends with the block."""
    for part in ("tracker", "templates", "static"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    demo = Demo(place)
    try:
        yield demo
    finally:
        if demo.process is not None and demo.process.poll() is None:
            everybody = demo.everybody()
            demo.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                demo.process.wait(timeout=15)
            for process in everybody & set(table()):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            demo.process.wait()


def signed_in(address: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> str:
    """The page that a browser sees which opens this address, or sends this there."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    asked = urllib.request.Request(address, body, headers or {})  # noqa: S310  the demo's own addresses
    with browser.open(asked, timeout=10) as response:
        return str(response.read().decode())


def leads_to(address: str) -> str:
    """Where a browser comes that opens this address."""
    try:
        urllib.request.build_opener(_NotFurther()).open(address, timeout=10)
    except HTTPError as sent_on:
        sent_on.close()
        return urlsplit(sent_on.headers["Location"]).path
    raise AssertionError(f"{address} leads nowhere.")


class _NotFurther(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
