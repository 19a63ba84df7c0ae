"""Run the whole site as real processes: web server, worker and engine. Each can be killed and started again."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.builders import VERIFY_TOKEN, a_customer, a_platform_account
from tests.machine.ports import free_port
from tests.queries import order_by_platform_id
from tracker import clock
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.model import Application, Customer, PlatformAccount, PlatformCustomer
from tracker.accounts.registration import register_application
from tracker.accounts.sign_in import start_session
from tracker.config import DEMO_SECRET, ROOT
from tracker.database import Database
from tracker.orders.model import Order

SECRET_KEY = "a secret key for tests that is long enough"
SECONDS_TO_START = 30


@dataclass
class Site:
    """A running site with one restaurant and one customer, who has the number 1234 at the platform."""

    database: Database
    environment: dict[str, str]
    port: int
    engine_port: int
    platform_account: PlatformAccount
    customer: Customer
    application: Application
    access_token: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    log: Path | None = None
    """File to which the processes write their output. If it is None, they write to the output of the tests."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def open_orders(self, browser: Browser, **context: Any) -> Page:
        """Return a page in a new browser context, in which the customer is signed in and sees their orders."""
        page = browser.new_context(**context).new_page()
        page.goto(f"{self.url}/demo/let-me-in")
        return page

    def open_order(self, browser: Browser, platform_order_id: str = "1234", **context: Any) -> Page:
        """Return a page in a new browser context, in which the customer is signed in and sees this order."""
        page = self.open_orders(browser, **context)
        page.goto(f"{self.url}/orders/{self.order(platform_order_id).id}")
        return page

    def start(self, command: str) -> None:
        """Start the command, one of web, work and engine."""
        with self.log.open("ab") if self.log else nullcontext() as output:
            self.processes[command] = subprocess.Popen(
                [sys.executable, "-m", "tracker", command], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )

    def kill(self, command: str) -> None:
        """Kill the process of this command, so that it cannot tidy up."""
        process = self.processes.pop(command)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(timeout=15)

    def wait_until_up(self) -> None:
        for address in (f"{self.url}/ready", f"http://127.0.0.1:{self.engine_port}/up"):
            wait_for(lambda address=address: _is_up(address), f"a response of {address}")

    def post(self, notice: dict[str, Any]) -> None:
        """Send a notice as the platform would. Raises HTTPError if the site does not accept it."""
        address = f"http://127.0.0.1:{self.port}/webhooks/flipdish/{self.platform_account.id}"
        headers = {"X-Verify-Token": VERIFY_TOKEN, "Content-Type": "application/json"}
        request = urllib.request.Request(address, json.dumps(notice).encode(), headers)
        with urllib.request.urlopen(request) as response:  # noqa: S310  our own address
            assert 200 <= response.status < 300

    def order(self, platform_order_id: str = "1234") -> Order:
        with self.database.read_session() as session:
            order = order_by_platform_id(session, self.platform_account.id, platform_order_id)
            assert order is not None
            return order

    def session_token(self, customer: Customer | None = None) -> str:
        """Start a session of the customer and return its token, which a browser keeps in its cookie."""
        with self.database.transaction() as session:
            return start_session(session, customer or self.customer, remember=False, now=clock.now())


@contextmanager
def running_site(
    database_url: str,
    folder: Path,
    *,
    processes: tuple[str, ...] = ("engine", "web", "work"),
    log: Path | None = None,
    **settings: object,
) -> Iterator[Site]:
    """Run the site on this migrated database until the end of the block, with these settings by name."""
    database = Database(database_url)
    port, engine_port = free_port(), free_port()
    environment = os.environ | {
        "TRACKER_ENVIRONMENT": "development",
        "TRACKER_SECRET_KEY": SECRET_KEY,
        "TRACKER_CHANNELS_SECRET": DEMO_SECRET,
        "TRACKER_BASE_URL": f"http://localhost:{port}",
        "TRACKER_PORT": str(port),
        "TRACKER_CHANNELS_PORT": str(engine_port),
        "TRACKER_DATA_DIR": str(folder),
        "TRACKER_DATABASE_URL": database_url,
        "TRACKER_ENGINE_MAX_CONNECTIONS": "500",
        "TRACKER_WEB_PROCESSES": "1",
        "TRACKER_DEMO_DOOR": "let-me-in",
        "TRACKER_LOG_LEVEL": "WARNING",
    }
    environment |= {f"TRACKER_{name.upper()}": str(value) for name, value in settings.items()}
    site = Site(database, environment, port, engine_port, *_accounts(database), log=log)
    try:
        for command in processes:
            site.start(command)
        site.wait_until_up()
        yield site
    finally:
        site.stop()
        database.close()


def wait_for(condition: Any, what: str, *, seconds: float = SECONDS_TO_START) -> Any:
    """Return the first true result of the condition. Raises AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"Waited {seconds} s in vain for {what}.")


def _accounts(database: Database) -> tuple[PlatformAccount, Customer, Application, str]:
    now = clock.now()
    with database.transaction() as session:
        platform_account, customer = a_platform_account(), a_customer(email="robin@example.com", name="Robin Sample")
        application = register_application("Test application", [], now=now)
        session.add_all([platform_account, customer, application])
        session.flush()
        session.add(
            PlatformCustomer(platform_account_id=platform_account.id, platform_id="1234", customer_id=customer.id)
        )
        access_token, secret = grant_access(application, customer, lifetime=timedelta(hours=1), now=now)
        session.add(access_token)
    return platform_account, customer, application, secret


def _is_up(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310  our own address
        return bool(response.status == 200)
    return False
