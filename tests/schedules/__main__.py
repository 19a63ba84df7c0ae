"""`python -m tests.schedules --count 10000` plays schedules on both databases and all cores, and prints the results."""

import argparse
import os
import secrets
import signal
import sys
import time

from tests.schedules.jobs import POSTGRESQL, Share, play_shares, runner_on, shares_of
from tests.schedules.runner import Report

PROGRESS_EVERY = 10.0
"""Seconds between two lines of progress."""


def main() -> int:
    """Play the schedules, print the results, and return 0 if no schedule failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the context managers clean up
    arguments = _parsed_arguments()
    first = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    databases = ["sqlite", "postgresql"] if arguments.database == "both" else [arguments.database]
    if arguments.show:
        with runner_on(databases[0]) as runner:
            return 1 if runner.play(first, _print).problems else 0
    shares = shares_of(databases, range(first, first + arguments.count), arguments.jobs)
    _print(
        f"{arguments.count} schedules on {' and '.join(databases)}, from seed {first} on, {arguments.jobs} at a time"
    )
    reports = {database: Report() for database in databases}
    try:
        play_shares(shares, arguments.jobs, reports, _Progress(arguments.count, stop=arguments.stop))
    finally:  # runs also when the run was stopped
        for database, report in reports.items():
            begin = min((share.seeds[0] for share in shares if share.database == database), default=first)
            _print(_summary(report, database, begin))
    return 1 if any(report.failed for report in reports.values()) else 0


def _parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many schedules")
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgresql", "both"),
        default="both",
        help="by default half of the schedules on each",
    )
    parser.add_argument("--seed", type=int, default=None, help="the first seed; the next are the numbers after it")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time; by default one for each core"
    )
    parser.add_argument("--show", action="store_true", help="print each step of the first schedule, and stop after it")
    parser.add_argument("--stop", action="store_true", help="stop at the first failure")
    arguments = parser.parse_args()
    if arguments.count < 1 or arguments.jobs < 1:
        parser.error("--count and --jobs must be at least 1")
    if POSTGRESQL in os.environ and arguments.jobs > 1:
        parser.error(f"{POSTGRESQL} names one database, and each job needs its own: use --jobs 1")
    return arguments


class _Progress:
    """Prints the progress, and each failure at once."""

    def __init__(self, count: int, *, stop: bool) -> None:
        self.count, self.stop, self.printed_at = count, stop, time.monotonic()
        self.played = self.failed = 0

    def __call__(self, share: Share, seed: int, problems: list[str]) -> None:
        self.played += 1
        if problems:
            self.failed += 1
            _print(f"FAILED seed {seed}; repeat it with: {_command_to_repeat(share.database, seed)}")
            for problem in problems:
                _print(f"  {problem}")
            if self.stop:
                sys.exit(1)
        if time.monotonic() - self.printed_at > PROGRESS_EVERY:
            self.printed_at = time.monotonic()
            _print(f"{self.played} of {self.count}, {self.failed} failed")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _command_to_repeat(database: str, seed: int) -> str:
    return f".venv/bin/python -m tests.schedules --count 1 --database {database} --seed {seed}"


def _summary(report: Report, database: str, first: int) -> str:
    counts = ", ".join(f"{number} {what}" for what, number in sorted(report.counts.items()))
    failed = f"{len(report.failed)} FAILED: {sorted(report.failed)}" if report.failed else "none failed"
    return (
        f"{report.schedules} schedules on {database} from seed {first} on in {report.seconds:.1f} s "
        f"({report.schedules / max(report.seconds, 0.001):.1f} a second): {failed}. In all {counts}."
    )


if __name__ == "__main__":
    sys.exit(main())
