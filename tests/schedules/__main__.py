"""`python -m tests.schedules --count 10000` plays schedules on both databases and all cores, and says how they went."""

import argparse
import os
import secrets
import signal
import sys
import time

from tests.schedules.jobs import POSTGRESQL, Share, play_shares, runner_on, shares_of
from tests.schedules.runner import Report

PROGRESS_EVERY = 10.0
"""Seconds."""


def main() -> int:
    """Play, tell, and return 0 if nothing was wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and not before everything is cleared away
    wishes = _wishes()
    first = secrets.randbelow(10**9) if wishes.seed is None else wishes.seed
    databases = ["sqlite", "postgresql"] if wishes.database == "both" else [wishes.database]
    if wishes.show:
        with runner_on(databases[0]) as runner:
            return 1 if runner.play(first, _say).problems else 0
    shares = shares_of(databases, range(first, first + wishes.count), wishes.jobs)
    _say(f"{wishes.count} schedules on {' and '.join(databases)}, from seed {first} on, {wishes.jobs} at a time")
    reports = {database: Report() for database in databases}
    try:
        play_shares(shares, wishes.jobs, reports, _Teller(wishes.count, stop=wishes.stop))
    finally:  # also if it was stopped
        for database, report in reports.items():
            begin = min((share.seeds[0] for share in shares if share.database == database), default=first)
            _say(_in_words(report, database, begin))
    return 1 if any(report.failed for report in reports.values()) else 0


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many schedules")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both", help="half on each")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; the next are the numbers after it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time; else all cores")
    parser.add_argument("--show", action="store_true", help="tell each step of the first schedule, and stop after it")
    parser.add_argument("--stop", action="store_true", help="stop at the first failure")
    wishes = parser.parse_args()
    if wishes.count < 1 or wishes.jobs < 1:
        parser.error("--count and --jobs must be at least 1")
    if POSTGRESQL in os.environ and wishes.jobs > 1:
        parser.error(f"{POSTGRESQL} names one database, and each job needs its own: say --jobs 1")
    return wishes


class _Teller:
    """Says how far it is, and each failure at once."""

    def __init__(self, count: int, *, stop: bool) -> None:
        self.count, self.stop, self.told_at = count, stop, time.monotonic()
        self.played = self.failed = 0

    def __call__(self, share: Share, seed: int, problems: list[str]) -> None:
        self.played += 1
        if problems:
            self.failed += 1
            _say(f"FAILED seed {seed}; again with: {_again(share.database, seed)}")
            for problem in problems:
                _say(f"  {problem}")
            if self.stop:
                sys.exit(1)
        if time.monotonic() - self.told_at > PROGRESS_EVERY:
            self.told_at = time.monotonic()
            _say(f"{self.played} of {self.count}, {self.failed} failed")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


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
