"""Plays schedules in as many processes at a time as there are cores, each with a runner of its own."""

import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as PipeEnd
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from tests.machine.postgres import postgres_server
from tests.schedules.runner import Report, Runner, a_runner
from tracker.database import Database
from tracker.schema import migrate

POSTGRESQL = "SCHEDULES_POSTGRESQL"
"""Names the variable with the URL of a migrated PostgreSQL whose rows may be deleted.

Without it, one PostgreSQL is started for each process.
"""
SCHEDULES_PER_SHARE = 250
"""Schedules for one process: few enough that all cores have work until the end."""

Played = tuple[int, list[str], Counter[str]]
"""A seed, its problems, and what was counted."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one process plays."""

    database: str
    seeds: range


def shares_of(databases: list[str], seeds: range, jobs: int) -> list[Share]:
    """Divide the seeds equally between the databases, in shares that occupy all jobs."""
    each = -(-len(seeds) // len(databases))
    size = max(1, min(SCHEDULES_PER_SHARE, -(-each // jobs)))
    services = [(name, seeds[number * each :][:each]) for number, name in enumerate(databases)]
    in_shares = [[Share(name, part[at:][:size]) for at in range(0, len(part), size)] for name, part in services]
    return [share for together in zip(*in_shares, strict=False) for share in together] + [
        share for share_of_one in in_shares for share in share_of_one[min(map(len, in_shares)) :]
    ]


def play_shares(
    shares: list[Share], jobs: int, reports: dict[str, Report], on_played: Callable[[Share, int, list[str]], None]
) -> None:
    """Play the shares, `jobs` at a time.

    Each result is in the report of its database at once, so that it counts even if the run is stopped. `on_played` is
    called with each result, and may raise to end the run.
    """
    begin, waiting, playing = time.monotonic(), list(shares), dict[PipeEnd, _Job]()
    try:
        while waiting or playing:
            while waiting and len(playing) < jobs:
                job = _Job(waiting.pop(0))
                playing[job.pipe] = job
            for pipe in wait(list(playing)):
                job = playing[pipe]  # type: ignore[index]  # the pipe is one of those passed to wait()
                for seed, problems, counts in job.results():
                    reports[job.share.database].add(seed, problems, counts, time.monotonic() - begin)
                    on_played(job.share, seed, problems)
                if job.is_over:
                    del playing[job.pipe]
    finally:
        for job in playing.values():
            job.stop()


class _Job:
    """One process with its share."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self._left = list(share.seeds)
        self.pipe, child_end = multiprocessing.Pipe(duplex=False)
        fresh = multiprocessing.get_context("spawn")  # the child forks, so it must not inherit our state
        self._process: BaseProcess = fresh.Process(target=_play, args=(share, child_end))
        self._process.start()
        child_end.close()

    @property
    def is_over(self) -> bool:
        return not self._left

    def results(self) -> list[Played]:
        """Return the results that have arrived. If the process has died, the seeds that were left count as failed."""
        try:
            played: Played = self.pipe.recv()
        except EOFError:
            died, self._left = self._left, []
            self._process.join()
            problem = f"the job ended with {self._process.exitcode} before it was played"
            return [(seed, [problem], Counter()) for seed in died]
        self._left.remove(played[0])
        if self.is_over:
            self._process.join()
        return [played]

    def stop(self) -> None:
        """Terminate the process so that it cleans up, and kill it if that takes too long."""
        self._process.terminate()
        self._process.join(timeout=60)
        self._process.kill()


def _play(share: Share, pipe: PipeEnd) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the context managers clean up
    with runner_on(share.database) as runner:
        for seed in share.seeds:
            schedule = runner.play(seed)
            pipe.send((seed, schedule.problems, schedule.counts))


@contextmanager
def runner_on(database: str) -> Iterator[Runner]:
    """Yield a runner on a database of that kind."""
    with _url_of(database) as url, a_runner(url) as runner:
        yield runner


@contextmanager
def _url_of(database: str) -> Iterator[str | None]:
    if database == "sqlite":
        yield None
    elif url := os.environ.get(POSTGRESQL):
        yield url
    else:
        with postgres_server() as new_database:
            url = new_database()
            fresh = Database(url)
            migrate(fresh)
            fresh.close()
            yield url
