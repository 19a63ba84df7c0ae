"""`python -m tests.races --count 1000` plays pairs of simultaneous acts on both databases and prints impossible
results."""

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
from tests.races.site import a_race_site
from tracker.database import Database
from tracker.schema import migrate


def main() -> int:
    """Play the pairs, print the results, and return 0 if nothing was wrong."""
    arguments = _parsed_arguments()
    first = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    problems = 0
    for database in ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,):
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tracker-") as folder, _url_of(database, Path(folder)) as url:
            driver = play_pairs(url, Path(folder), range(first, first + arguments.count))
        for problem in driver.problems:
            _print(f"WRONG {problem}")
        problems += len(driver.problems)
        seconds = time.monotonic() - begin
        wrong = f"{len(driver.problems)} wrong"
        _print(f"{arguments.count} pairs on {database} from seed {first} on in {seconds:.1f} s: {wrong}")
        _print("  " + "; ".join(f"{what}: {count}" for what, count in sorted(driver.counts.items())))
    return 1 if problems else 0


def play_pairs(url: str, folder: Path, seeds: range) -> Driver:
    """Play a pair for each seed on this migrated database, and return the driver with its results."""
    with a_race_site(url, folder) as site:
        driver = Driver(site)
        driver.play(seeds)
        return driver


def _parsed_arguments() -> argparse.Namespace:
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


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
