"""`python -m tests.races --count 1000` has pairs of acts meet, on both databases, and says what could not have been."""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.machine.postgres import postgres_server
from tests.races.driver import Driver
from tests.races.town import a_town
from tracker.database import Database
from tracker.schema import migrate


def main() -> int:
    """Play, tell, and return 0 if nothing was wrong."""
    wishes = _wishes()
    first = secrets.randbelow(10**9) if wishes.seed is None else wishes.seed
    problems = 0
    for database in ("sqlite", "postgresql") if wishes.database == "both" else (wishes.database,):
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tracker-") as folder, _url_of(database, Path(folder)) as url:
            driver = played(url, Path(folder), range(first, first + wishes.count))
        for problem in driver.problems:
            _say(f"WRONG {problem}")
        problems += len(driver.problems)
        seconds = time.monotonic() - begin
        _say(
            f"{wishes.count} pairs on {database} from seed {first} on in {seconds:.1f} s: {len(driver.problems)} wrong"
        )
        _say("  " + "; ".join(f"{what}: {count}" for what, count in sorted(driver.counts.items())))
    return 1 if problems else 0


def played(url: str, folder: Path, seeds: range) -> Driver:
    """The driver after all of these pairs, on this migrated database."""
    with a_town(url, folder) as town:
        driver = Driver(town)
        driver.play(seeds)
        return driver


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many pairs, on each database")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; the next are the numbers after it")
    return parser.parse_args()


@contextmanager
def _url_of(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield _migrated(f"sqlite:///{folder / 'tracker.sqlite'}")
        return
    with postgres_server() as new_database:
        yield _migrated(new_database())


def _migrated(url: str) -> str:
    database = Database(url)
    migrate(database)
    database.close()
    return url


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
