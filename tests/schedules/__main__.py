"""`python -m tests.schedules --count 10000 --database sqlite --seed 1` plays schedules and says how they went."""

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.machine.postgres import postgres_server
from tests.schedules.runner import Report, a_runner, play_all
from tracker.database import Database
from tracker.schema import migrate

PROGRESS_EVERY = 10.0
"""Seconds."""
POSTGRESQL = "SCHEDULES_POSTGRESQL"
"""The URL of a migrated PostgreSQL whose rows may be deleted; without it, one is started."""


def main() -> int:
    """Play, tell, and return 0 if nothing was wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and not before everything is cleared away
    parser = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many schedules")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; the next are the numbers after it")
    parser.add_argument("--show", action="store_true", help="tell each step of each schedule")
    parser.add_argument("--stop", action="store_true", help="stop at the first failure")
    wishes = parser.parse_args()
    first = secrets.randbelow(10**9) if wishes.seed is None else wishes.seed
    _say(f"{wishes.count} schedules on {wishes.database}, from seed {first} on")
    with _postgresql(wishes.database) as url, a_runner(url) as runner:
        if wishes.show:
            return 1 if runner.play(first, _say).problems else 0
        report = play_all(
            runner, range(first, first + wishes.count), _Teller(wishes.database, wishes.count), stop=wishes.stop
        )
    _say(_in_words(report, wishes.database, first))
    return 1 if report.failed else 0


class _Teller:
    """Says how far it is, and each failure at once."""

    def __init__(self, database: str, count: int) -> None:
        self.database, self.count, self.told_at = database, count, time.monotonic()

    def __call__(self, report: Report, seed: int, problems: list[str]) -> None:
        if problems:
            _say(f"FAILED seed {seed}; again with: {_again(self.database, seed)}")
            for problem in problems:
                _say(f"  {problem}")
        if time.monotonic() - self.told_at > PROGRESS_EVERY:
            self.told_at = time.monotonic()
            _say(f"{report.schedules} of {self.count}, {len(report.failed)} failed")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def _postgresql(database: str) -> Iterator[str | None]:
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


def _again(database: str, seed: int) -> str:
    return f".venv/bin/python -m tests.schedules --count 1 --database {database} --seed {seed}"


def _in_words(report: Report, database: str, first: int) -> str:
    counts = ", ".join(f"{number} {what}" for what, number in sorted(report.counts.items()))
    failed = f"{len(report.failed)} FAILED: {sorted(report.failed)}" if report.failed else "none failed"
    return (
        f"{report.schedules} schedules on {database} from seed {first} on in {report.seconds:.1f} s "
        f"({report.schedules / max(report.seconds, 0.001):.1f} a second): {failed}. In all {counts}."
    )


if __name__ == "__main__":
    sys.exit(main())
