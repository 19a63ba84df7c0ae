"""`python -m tests.benchmarks [names...] [--quick | --full]`: one command, one table, kept in var/benchmarks.json.

`--kept` prints what was kept, of whichever run it is.
"""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from tests import benchmarks
from tests.benchmarks import table

KEPT = Path("var/benchmarks.json")


def main() -> int:
    """Run what was asked for. The exit code is 1 when a goal was missed."""
    for module in sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__)):
        if not module.startswith("_"):
            importlib.import_module(f"{benchmarks.__name__}.{module}")
    asked = _asked()
    say(table.HEAD)
    if asked.kept:
        for row in table.kept(KEPT):
            say(table.as_markdown(row))
        return 0
    rows = []
    for name, row in table.run(asked.names or table.REGISTRY, asked.size):
        rows.append((name, row))
        say(table.as_markdown(row))
    table.keep(rows, KEPT)
    return int(any(row.met is False for _, row in rows))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*table.REGISTRY, []], help="which; all, if none is named")
    sizes = parser.add_mutually_exclusive_group()
    for size, help_text in ((table.Size.QUICK, "a look, in seconds"), (table.Size.FULL, "the long sizes")):
        sizes.add_argument(f"--{size}", dest="size", action="store_const", const=size, help=help_text)
    parser.add_argument("--kept", action="store_true", help="run nothing: print the table that was kept")
    parser.set_defaults(size=table.Size.USUAL)
    return parser.parse_args()


def say(line: str) -> None:
    """A line of the table, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
