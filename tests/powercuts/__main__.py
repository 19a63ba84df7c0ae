"""The long form: `python -m tests.powercuts --cuts 10000 --seed 7`. Prints the results; fails if anything was lost."""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.powercuts.cut_results import CutResult, cut_and_check
from tests.powercuts.disk import seeded_random
from tests.powercuts.evening import record_evening

CUTS_AN_EVENING = 250


def main() -> int:
    """Record evenings and cut each at many moments; return 1 if one of the cuts lost or tore something."""
    parser = argparse.ArgumentParser(prog="python -m tests.powercuts", description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=["FULL", "NORMAL", "OFF"], default="FULL")
    arguments = parser.parse_args()

    started_at, results = time.monotonic(), list[CutResult]()
    for seed in range(arguments.seed, arguments.seed - (-arguments.cuts // CUTS_AN_EVENING)):
        folder = Path(tempfile.mkdtemp(prefix="powercuts-"))
        pages = seeded_random(seed).choice([10, 50, 1000])
        evening = record_evening(folder, seed, synchronous=arguments.synchronous, checkpoint_pages=pages)
        new_results = cut_and_check(evening, min(CUTS_AN_EVENING, arguments.cuts - len(results)), seed, folder)
        results += new_results
        recorded = f"{len(evening.notices)} notices, {evening.recording.moment} operations"
        print_line(f"seed {seed}: {recorded}, {len(new_results)} cuts")
        if bad := [result for result in new_results if result.is_bad]:
            for result in bad:
                print_line(f"  {result.cut.folder.name}: {len(result.lost)} lost; {result.torn or 'not torn'}")
            print_line(f"  The disks are kept in {folder}/bad-*.")
        else:
            shutil.rmtree(folder)
    print_line(report(results, time.monotonic() - started_at))
    return int(any(result.is_bad for result in results))


def report(results: list[CutResult], seconds: float) -> str:
    """Return the figures of all cuts, one a line."""
    unsynced = Counter(name for result in results for name in result.cut.unsynced)
    return "\n".join(
        [
            f"power cuts                      {len(results)} in {seconds:.0f} s, {len(results) / seconds:.1f} a second",
            *[f"  {name + ' unsynced':<30}{count}" for name, count in sorted(unsynced.items())],
            f"acknowledged notices checked    {sum(result.acknowledged for result in results)}",
            f"  lost                          {sum(len(result.lost) for result in results)}",
            f"cuts that lost something        {sum(bool(result.lost) for result in results)}",
            f"cuts that tore something        {sum(bool(result.torn) for result in results)}",
        ]
    )


def print_line(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
