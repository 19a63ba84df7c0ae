"""Two web processes and a worker on one database, and a channels service that hears what they tell the world."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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

KEY_OF_THE_DOOR = "let-me-in"


@dataclass
class Town:
    """One restaurant that goes ahead without an answer and one that cancels, and a customer of both."""

    database: Database
    service: PretendService
    doors: list[HTTPConnection]
    restaurants: list[Restaurant]
    customer: Customer
    secrets: dict[str, str]
    cookie: str = ""
    heard: dict[str, list[Message]] = field(default_factory=dict)

    def sign_in(self) -> None:
        """As the customer; the cookie is good in both processes."""
        self.doors[0].request("GET", f"/demo/{KEY_OF_THE_DOOR}")
        response = self.doors[0].getresponse()
        response.read()
        self.cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]

    def said(self) -> list[Message]:
        """All that the world was told, once nothing waits to be told any more."""
        wait_for(lambda: not self._waiting(), "everything to be published")
        return [
            Message(each["channel"], each["name"], json.loads(each["data"]))
            for batch in self.service.batches
            for each in batch
        ]

    def _waiting(self) -> int:
        with self.database.read_session() as session:
            return pending_summary(session, clock.now()).waiting


@contextmanager
def a_town(database_url: str, folder: Path) -> Iterator[Town]:
    """Run it on this migrated database until the end of the block."""
    with ExitStack() as at_the_end:
        service = at_the_end.enter_context(a_pretend_service())
        ports = [free_port(), free_port()]
        environment = _environment(database_url, folder, service.port, base_url=f"http://localhost:{ports[0]}")
        database = Database(database_url, after_commit=partial(notify, _notifier_path(folder)))
        at_the_end.callback(database.close)
        restaurants, customer, secrets = _people(database)
        for command, port in (("web", ports[0]), ("web", ports[1]), ("work", ports[0])):
            at_the_end.enter_context(_running(command, environment | {"TRACKER_PORT": str(port)}))
        doors = [HTTPConnection("127.0.0.1", port, timeout=30) for port in ports]
        for door in doors:
            wait_for(lambda door=door: _is_up(door), "an answer")
            at_the_end.callback(door.close)
        town = Town(database, service, doors, restaurants, customer, secrets)
        town.sign_in()
        yield town


def _environment(database_url: str, folder: Path, service_port: int, *, base_url: str) -> dict[str, str]:
    ours = {
        "ENVIRONMENT": "development",
        "SECRET_KEY": SECRET_KEY,
        "CHANNELS_SECRET": DEMO_SECRET,
        "CHANNELS_PORT": str(service_port),
        "BASE_URL": base_url,  # of both: the cookie's name comes from it
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "WEB_PROCESSES": "1",
        "DEMO_DOOR": KEY_OF_THE_DOOR,
        "LOG_LEVEL": "WARNING",
    }
    return os.environ | {f"TRACKER_{name}": value for name, value in ours.items()}


def _notifier_path(folder: Path) -> Path:
    as_theirs = {"environment": "development", "secret_key": SECRET_KEY, "channels_secret": DEMO_SECRET}
    return read_settings(data_dir=folder, **as_theirs).notifier_path


@contextmanager
def _running(command: str, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "tracker", command], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)


def _people(database: Database) -> tuple[list[Restaurant], Customer, dict[str, str]]:
    now = clock.now()
    customer = a_customer(email=DEMO_ADDRESS)
    restaurants = [a_restaurant(name=rule.value, if_unanswered=rule) for rule in IfUnanswered]
    secrets = {}
    with database.transaction() as session:
        session.add_all([customer, *restaurants])
        session.flush()
        for restaurant in restaurants:
            kept, secrets[restaurant.id] = issue_secret(restaurant, now=now)
            session.add(kept)
    return restaurants, customer, secrets


def _is_up(door: HTTPConnection) -> bool:
    try:
        door.request("GET", "/ready")
        response = door.getresponse()
        response.read()
    except OSError:
        door.close()
        return False
    return response.status == 200
