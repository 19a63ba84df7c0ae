"""Two web processes and a worker on one database, and a Channels service that records what they publish."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from tests.builders import a_customer, a_restaurant
from tests.live.pretend_service import PretendService, a_pretend_service
from tests.machine.ports import free_port
from tests.site import SECRET_KEY, wait_for
from tracker import clock
from tracker.accounts.model import Customer, IfUnanswered, Restaurant
from tracker.accounts.registration import issue_secret
from tracker.config import DEMO_SECRET, ROOT, read_settings
from tracker.database import Database
from tracker.live.notifier import notify
from tracker.live.queries import pending_summary
from tracker.live.wire import Message
from tracker.samples.demo_people import DEMO_ADDRESS

DEMO_DOOR = "let-me-in"


@dataclass
class RaceSite:
    """A restaurant that goes ahead without an answer and one that cancels, and a customer of both."""

    database: Database
    service: PretendService
    connections: list[HTTPConnection]
    restaurants: list[Restaurant]
    customer: Customer
    secrets: dict[str, str]
    cookie: str = ""

    def sign_in(self) -> None:
        """Sign in as the customer; the cookie is valid in both processes."""
        self.connections[0].request("GET", f"/demo/{DEMO_DOOR}")
        response = self.connections[0].getresponse()
        response.read()
        self.cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]

    def published_messages(self) -> list[Message]:
        """Return all published messages, once no event is pending.

        Publication is at least once: a batch whose response takes over two seconds, as on a very busy machine, is sent
        again, and begins the next batch. It counts once.
        """
        wait_for(lambda: not self._pending_count(), "everything to be published")
        sent = self.service.batches
        batches = [
            batch for batch, following in zip(sent, [*sent[1:], []], strict=True) if following[: len(batch)] != batch
        ]
        return [
            Message(message["channel"], message["name"], json.loads(message["data"]))
            for batch in batches
            for message in batch
        ]

    def _pending_count(self) -> int:
        with self.database.read_session() as session:
            return pending_summary(session, clock.now()).waiting


@contextmanager
def a_race_site(database_url: str, folder: Path) -> Iterator[RaceSite]:
    """Run a site on this migrated database until the end of the block."""
    with ExitStack() as stack:
        service = stack.enter_context(a_pretend_service())
        ports = [free_port(), free_port()]
        environment = _environment(database_url, folder, service.port, base_url=f"http://localhost:{ports[0]}")
        database = Database(database_url, after_commit=partial(notify, _notifier_path(folder)))
        stack.callback(database.close)
        restaurants, customer, secrets = _add_people(database)
        for command, port in (("web", ports[0]), ("web", ports[1]), ("work", ports[0])):
            stack.enter_context(_running(command, environment | {"TRACKER_PORT": str(port)}))
        connections = [HTTPConnection("127.0.0.1", port, timeout=30) for port in ports]
        for connection in connections:
            wait_for(lambda connection=connection: _is_up(connection), "a response")
            stack.callback(connection.close)
        site = RaceSite(database, service, connections, restaurants, customer, secrets)
        site.sign_in()
        yield site


def _environment(database_url: str, folder: Path, service_port: int, *, base_url: str) -> dict[str, str]:
    settings = {
        "ENVIRONMENT": "development",
        "SECRET_KEY": SECRET_KEY,
        "CHANNELS_SECRET": DEMO_SECRET,
        "CHANNELS_PORT": str(service_port),
        "BASE_URL": base_url,  # the same for both, because the cookie's name comes from it
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "WEB_PROCESSES": "1",
        "DEMO_DOOR": DEMO_DOOR,
        "LOG_LEVEL": "WARNING",
    }
    return os.environ | {f"TRACKER_{name}": value for name, value in settings.items()}


def _notifier_path(folder: Path) -> Path:
    values = {"environment": "development", "secret_key": SECRET_KEY, "channels_secret": DEMO_SECRET}
    return read_settings(data_dir=folder, **values).notifier_path


@contextmanager
def _running(command: str, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "tracker", command], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)


def _add_people(database: Database) -> tuple[list[Restaurant], Customer, dict[str, str]]:
    now = clock.now()
    customer = a_customer(email=DEMO_ADDRESS)
    restaurants = [a_restaurant(name=rule.value, if_unanswered=rule) for rule in IfUnanswered]
    secrets = {}
    with database.transaction() as session:
        session.add_all([customer, *restaurants])
        session.flush()
        for restaurant in restaurants:
            secret, secrets[restaurant.id] = issue_secret(restaurant, now=now)
            session.add(secret)
    return restaurants, customer, secrets


def _is_up(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/ready")
        response = connection.getresponse()
        response.read()
    except OSError:
        connection.close()
        return False
    return response.status == 200
