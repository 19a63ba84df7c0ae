"""`python -m tests.engine.fire --minutes 10 --viewers 60 --seed 1`: the long form. Fails if anything was wrong."""

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from tests.engine.fire.attack_run import AttackRun


def main() -> int:
    """Run the attacks, print the report, and return 0 if nothing was wrong."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # SIGINT also ends the engine
    parser = argparse.ArgumentParser(prog="python -m tests.engine.fire", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--viewers", type=int, default=60, help="the number of well-behaved viewers")
    parser.add_argument("--seed", type=int, default=None, help="the seed of the attacks' order and choices")
    parser.add_argument("--patience", type=float, default=5.0, help="seconds for which the engine waits for a client")
    arguments = parser.parse_args()
    seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    with tempfile.TemporaryDirectory(prefix="fire-") as folder:
        report = asyncio.run(
            AttackRun(seed, arguments.viewers, Path(folder), patience=arguments.patience).run(arguments.minutes * 60)
        )
    sys.stdout.write(f"Seed {seed}. {report.in_words()}\n")
    return int(bool(report.problems))


if __name__ == "__main__":
    sys.exit(main())
