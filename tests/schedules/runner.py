"""Plays many schedules in one process: creates everything once, and forks from there."""

import gc
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection as PipeEnd
from pathlib import Path
from random import Random
from typing import Any

from tests.builders import EVENING
from tests.schedules.children import Services, notice_request, region_request
from tests.schedules.driver import Schedule
from tests.schedules.engine import EngineProcess
from tests.schedules.examiner import Examiner, Site, add_accounts, empty_tables, load_order, replace_sqlite
from tests.schedules.process_pool import Child
from tests.schedules.proxy import ChannelsProxy
from tests.schedules.scenarios import random_scenarios
from tests.schedules.stop_points import DriverLink, watch_statements
from tracker.application import create_app
from tracker.config import read_settings
from tracker.database import Database
from tracker.live.notifier import notify
from tracker.live.outbox import Outbox
from tracker.live.wire import Message
from tracker.schema import migrate

SEED_OF_THE_WARM_UP = 3


@dataclass
class Report:
    """The results of many schedules."""

    schedules: int = 0
    seconds: float = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, seed: int, problems: list[str], counts: Counter[str], seconds: float) -> None:
        """Add the result of one schedule; `seconds` is the time since the first one began."""
        self.schedules += 1
        self.seconds = seconds
        self.counts += counts
        if problems:
            self.failed[seed] = problems


class Runner:
    """Plays schedules on one database, which is emptied before each: a migrated PostgreSQL, or a SQLite of its own."""

    def __init__(self, folder: Path, postgresql_url: str | None) -> None:
        DriverLink.set_clock()
        watch_statements()
        self.proxy = ChannelsProxy()
        self.empty = folder / "empty.sqlite"
        database = Database(f"sqlite:///{self.empty}")
        migrate(database)
        database.close()
        self.site = self._site(folder / "site", postgresql_url)
        self.reference_site = self._site(folder / "calm", None)
        self.proxy.engine = EngineProcess(self.site.settings)
        self._warm_up()
        gc.collect()
        gc.freeze()  # else the first collection in each child would copy all memory shared with this process
        self.services = Services(self.site.settings, self.site.database, self.site.app)
        self.parked: list[Child] = []
        self.examiner = _fork_examiner(Examiner(self.site, self.reference_site, self.empty))

    def play(self, seed: int, show: Callable[[str], None] = lambda _: None) -> Schedule:
        """Play one schedule and return it with its `problems`."""
        schedule = Schedule(seed, self.services, self.proxy, self._ask_examiner, self.parked, show)
        schedule.problems = schedule.play()
        return schedule

    def close(self) -> None:
        self.proxy.close()
        self.examiner.close()

    def _ask_examiner(self, question: str, *facts: Any) -> Any:
        self.examiner.send((question, facts))
        is_fine, result = self.examiner.recv()
        if not is_fine:
            raise RuntimeError(result)
        return result

    def _site(self, folder: Path, postgresql_url: str | None) -> Site:
        folder.mkdir()
        settings = read_settings(
            environment="production",  # there, style sheets are read once, even if they change meanwhile
            secret_key="a secret key for schedules that is long enough",
            channels_secret="a secret of channels for schedules",
            smtp_url="smtp://mail.example.com:587",
            channels_port=self.proxy.port,
            base_url="http://localhost",
            data_dir=folder,
            database_url=postgresql_url or f"sqlite:///{folder / 'tracker.sqlite'}",
        )
        database = Database(settings.database, after_commit=lambda: notify(settings.notifier_path))
        if database.is_sqlite:
            replace_sqlite(database, self.empty)
        else:
            empty_tables(database)
        return Site(settings, database, create_app(settings, database))

    def _warm_up(self) -> None:
        """Do once what the children will do, so that they inherit compiled statements, but no open connection."""
        scenarios = random_scenarios(Random(SEED_OF_THE_WARM_UP))  # noqa: S311  has to be the same each time
        for site in (self.site, self.reference_site):
            accounts = add_accounts(site)
            client = site.app.test_client(use_cookies=False)
            outbox = Outbox(site.database, _NullClient())  # type: ignore[arg-type]  # it only has to take messages
            for scenario in scenarios:
                for body in scenario.notices:
                    client.open(**notice_request(accounts.platform_accounts[scenario.platform_account], body))
                order = load_order(site, accounts.platform_accounts[scenario.platform_account], scenario.number)
                if order is None:
                    raise RuntimeError("The warm-up failed: the order was not placed.")
                client.open(**region_request(order.id, accounts.cookies[scenario.customer], ""))
                client.open(**region_request(order.id, "", ""))  # without signing in, another page is rendered
            outbox.publish_pending(EVENING)
            outbox.close()
            site.database.close()


class _NullClient:
    def publish(self, messages: list[Message]) -> None:
        """Accept the messages."""


@contextmanager
def a_runner(postgresql_url: str | None) -> Iterator[Runner]:
    """Yield a runner with a folder of its own, in memory where the machine has such a place: no power is cut here."""
    memory = Path("/dev/shm")  # noqa: S108  the folder inside has a name that nobody can guess
    logging.disable(logging.CRITICAL)  # the errors that would be logged are intended
    with tempfile.TemporaryDirectory(prefix="tracker-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        runner = Runner(Path(folder), postgresql_url)
        try:
            yield runner
        finally:
            runner.close()


def _fork_examiner(examiner: Examiner) -> PipeEnd:
    driver_end, child_end = Pipe()
    sys.stdout.flush()
    if os.fork() == 0:
        driver_end.close()
        try:
            _answer_questions(examiner, child_end)
        finally:
            os._exit(0)
    child_end.close()
    return driver_end


def _answer_questions(examiner: Examiner, pipe: PipeEnd) -> None:
    while True:
        try:
            question, facts = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send((True, getattr(examiner, question)(*facts)))
        except Exception as error:  # the driver raises it again
            pipe.send((False, f"{type(error).__name__}: {error}"))
