"""`python -m tests.benchmarks [names...] [--quick | --full]` runs benchmarks and stores their table.

The rows are stored in var/benchmarks.json; `--kept` prints the stored rows of all earlier runs.
"""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from tests import benchmarks
from tests.benchmarks import table

STORED_ROWS = Path("var/benchmarks.json")


def main() -> int:
    """Run the chosen benchmarks. Return the exit code, which is 1 if a goal was missed."""
    for module in sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__)):
        if not module.startswith("_"):
            importlib.import_module(f"{benchmarks.__name__}.{module}")
    arguments = _arguments()
    write_line(table.HEAD)
    if arguments.kept:
        for row in table.kept(STORED_ROWS):
            write_line(table.as_markdown(row))
        return 0
    rows = []
    for name, row in table.run(arguments.names or table.REGISTRY, arguments.size):
        rows.append((name, row))
        write_line(table.as_markdown(row))
    table.keep(rows, STORED_ROWS)
    return int(any(row.met is False for _, row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*table.REGISTRY, []], help="the benchmarks to run (default: all)")
    sizes = parser.add_mutually_exclusive_group()
    for size, help_text in ((table.Size.QUICK, "run small sizes, in seconds"), (table.Size.FULL, "run the long sizes")):
        sizes.add_argument(f"--{size}", dest="size", action="store_const", const=size, help=help_text)
    parser.add_argument("--kept", action="store_true", help="run nothing, and print the stored table")
    parser.set_defaults(size=table.Size.USUAL)
    return parser.parse_args()


def write_line(line: str) -> None:
    """Write a line of the table to standard output at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
