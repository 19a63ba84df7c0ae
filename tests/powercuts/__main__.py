"""The long form: python -m tests.powercuts --cuts 10000 --seed 7. Says what was found; fails if anything was lost."""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.powercuts.after import Found, cut_and_look
from tests.powercuts.disk import seeded
from tests.powercuts.evening import record_evening

CUTS_AN_EVENING = 250


def main() -> int:
    """Record evenings and cut each at many moments; the answer is 1 if one of them lost or tore something."""
    parser = argparse.ArgumentParser(prog="python -m tests.powercuts", description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=["FULL", "NORMAL", "OFF"], default="FULL")
    asked = parser.parse_args()

    began, found = time.monotonic(), list[Found]()
    for seed in range(asked.seed, asked.seed - (-asked.cuts // CUTS_AN_EVENING)):
        folder = Path(tempfile.mkdtemp(prefix="powercuts-"))
        pages = seeded(seed).choice([10, 50, 1000])
        evening = record_evening(folder, seed, synchronous=asked.synchronous, checkpoint_pages=pages)
        news = cut_and_look(evening, min(CUTS_AN_EVENING, asked.cuts - len(found)), seed, folder)
        found += news
        say(f"seed {seed}: {len(evening.notices)} notices, {evening.recording.moment} operations, {len(news)} cuts")
        if bad := [one for one in news if one.is_bad]:
            for one in bad:
                say(f"  {one.cut.place.name}: {len(one.lost)} lost; {one.torn or 'not torn'}")
            say(f"  The disks are kept in {folder}/bad-*.")
        else:
            shutil.rmtree(folder)
    say(report(found, time.monotonic() - began))
    return int(any(one.is_bad for one in found))


def report(found: list[Found], seconds: float) -> str:
    """The figures of all cuts, one a line."""
    unsynced = Counter(name for one in found for name in one.cut.unsynced)
    return "\n".join(
        [
            f"power cuts                      {len(found)} in {seconds:.0f} s, {len(found) / seconds:.1f} a second",
            *[f"  {name + ' unsynced':<30}{count}" for name, count in sorted(unsynced.items())],
            f"acknowledged notices looked for {sum(one.acknowledged for one in found)}",
            f"  lost                          {sum(len(one.lost) for one in found)}",
            f"cuts that lost something        {sum(bool(one.lost) for one in found)}",
            f"cuts that tore something        {sum(bool(one.torn) for one in found)}",
        ]
    )


def say(text: str) -> None:
    """A line for whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
