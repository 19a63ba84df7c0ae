"""Plays many schedules in one process: gets everything ready once, and forks from there."""

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
from tests.schedules.children import Parts, notice_request, region_request
from tests.schedules.driver import Schedule
from tests.schedules.engine import EngineProcess
from tests.schedules.family import Child
from tests.schedules.librarian import Librarian, Site, add_accounts, empty_tables, loaded, replace_sqlite
from tests.schedules.points import Leash, watch_statements
from tests.schedules.service import Service
from tests.schedules.world import some_lives
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
    """How they went."""

    schedules: int = 0
    seconds: float = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, seed: int, problems: list[str], counts: Counter[str], seconds: float) -> None:
        """One more has been played, so many seconds after the beginning."""
        self.schedules += 1
        self.seconds = seconds
        self.counts += counts
        if problems:
            self.failed[seed] = problems


class Runner:
    """Plays schedules on one database, which is emptied before each: a migrated PostgreSQL, or our own SQLite."""

    def __init__(self, folder: Path, postgresql_url: str | None) -> None:
        Leash.set_clock()
        watch_statements()
        self.service = Service()
        self.empty = folder / "empty.sqlite"
        database = Database(f"sqlite:///{self.empty}")
        migrate(database)
        database.close()
        self.site = self._site(folder / "site", postgresql_url)
        self.calm = self._site(folder / "calm", None)
        self.service.engine = EngineProcess(self.site.settings)
        self._warm_up()
        gc.collect()
        gc.freeze()  # or the first collection in each child would copy all that it shares with us
        self.parts = Parts(self.site.settings, self.site.database, self.site.app)
        self.nursery: list[Child] = []
        self.librarian = _fork_librarian(Librarian(self.site, self.calm, self.empty))

    def play(self, seed: int, show: Callable[[str], None] = lambda _: None) -> Schedule:
        """Play one schedule; its `problems` say what is wrong."""
        schedule = Schedule(seed, self.parts, self.service, self._ask, self.nursery, show)
        schedule.problems = schedule.play()
        return schedule

    def close(self) -> None:
        self.service.close()
        self.librarian.close()

    def _ask(self, question: str, *facts: Any) -> Any:
        self.librarian.send((question, facts))
        is_fine, answer = self.librarian.recv()
        if not is_fine:
            raise RuntimeError(answer)
        return answer

    def _site(self, folder: Path, postgresql_url: str | None) -> Site:
        folder.mkdir()
        settings = read_settings(
            environment="production",  # there, style sheets are read once, whoever changes them meanwhile
            secret_key="a secret key for schedules that is long enough",
            channels_secret="a secret of channels for schedules",
            smtp_url="smtp://mail.example.com:587",
            channels_port=self.service.port,
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
        """Do once what the children will do, so that they inherit what is compiled, and no open connection."""
        lives = some_lives(Random(SEED_OF_THE_WARM_UP))  # noqa: S311  it has to be the same each time
        for site in (self.site, self.calm):
            accounts = add_accounts(site)
            client = site.app.test_client(use_cookies=False)
            outbox = Outbox(site.database, _Nobody())  # type: ignore[arg-type]  # it only has to take messages
            for life in lives:
                for body in life.notices:
                    client.open(**notice_request(accounts.platform_accounts[life.platform_account], body))
                order = loaded(site, accounts.platform_accounts[life.platform_account], life.number)
                if order is None:
                    raise RuntimeError("Even the warm-up failed.")
                client.open(**region_request(order.id, accounts.cookies[life.customer], ""))
                client.open(**region_request(order.id, "", ""))  # who isn't signed in gets another page
            outbox.publish_pending(EVENING)
            outbox.close()
            site.database.close()


class _Nobody:
    def publish(self, messages: list[Message]) -> None:
        """Take them."""


@contextmanager
def a_runner(postgresql_url: str | None) -> Iterator[Runner]:
    """A runner with a folder of its own, in memory where the machine has such a place: no power is cut here."""
    memory = Path("/dev/shm")  # noqa: S108  a folder with a name that nobody can guess is made in it
    logging.disable(logging.CRITICAL)  # what is logged is what was meant to go wrong
    with tempfile.TemporaryDirectory(prefix="tracker-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        runner = Runner(Path(folder), postgresql_url)
        try:
            yield runner
        finally:
            runner.close()


def _fork_librarian(librarian: Librarian) -> PipeEnd:
    ours, theirs = Pipe()
    sys.stdout.flush()
    if os.fork() == 0:
        ours.close()
        try:
            _answer_questions(librarian, theirs)
        finally:
            os._exit(0)
    theirs.close()
    return ours


def _answer_questions(librarian: Librarian, pipe: PipeEnd) -> None:
    while True:
        try:
            question, facts = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send((True, getattr(librarian, question)(*facts)))
        except Exception as error:  # the driver raises it
            pipe.send((False, f"{type(error).__name__}: {error}"))
