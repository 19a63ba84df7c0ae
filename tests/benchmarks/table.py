"""The form of a benchmark, which is a named function that yields rows, and the table of these rows.

    @benchmark("publishing")
    def publishing(size: Size) -> Iterator[Row]:
        yield at_least("events a second", reference=316, ours=3100, times=5)

Every module of this package is imported; those that are also programs have their start behind `if __name__`. Then the
benchmarks named in the command run, or all. `at_most`, `at_least` and `below` return a row with its ratio and whether
the goal is met.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Size(StrEnum):
    """How much to measure: `quick` takes seconds, `usual` is for the table, `full` has the long sizes."""

    QUICK = "quick"
    USUAL = "usual"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `reference` and `ours` are formatted texts.

    `ratio` is ours divided by the reference's; `met` is None for a figure without a goal.
    """

    what: str
    reference: str
    ours: str
    ratio: float | None
    goal: str
    met: bool | None
    note: str = ""


def at_most(
    what: str, reference: float, ours: float, times: float | None, *, form: str = "{:,.0f}", note: str = ""
) -> Row:
    """Return a row whose figure should be small: ours may be at most so many times the reference's."""
    ratio = ours / reference
    met = None if times is None else ratio <= times
    return Row(what, form.format(reference), form.format(ours), ratio, _goal("≤", times), met, note)


def at_least(
    what: str, reference: float, ours: float, times: float | None, *, form: str = "{:,.0f}", note: str = ""
) -> Row:
    """Return a row whose figure should be great: ours must be at least so many times the reference's."""
    ratio = ours / reference
    met = None if times is None else ratio >= times
    return Row(what, form.format(reference), form.format(ours), ratio, _goal("≥", times), met, note)


def below(what: str, ours: float, limit: float, *, form: str = "{:,.2f}", note: str = "") -> Row:
    """Return a row without a reference: the figure itself must be below the limit."""
    return Row(what, "", form.format(ours), None, "< " + form.format(limit), ours < limit, note)


def _goal(sign: str, times: float | None) -> str:
    return "" if times is None else f"{sign} {times:g} ×"


Benchmark = Callable[[Size], Iterable[Row]]
REGISTRY: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a function that yields rows under the name by which the command calls it."""

    def register(function: Benchmark) -> Benchmark:
        if name in REGISTRY:
            raise ValueError(f"There are two benchmarks called {name}.")
        REGISTRY[name] = function
        return function

    return register


HEAD = "| what | reference | ours | ratio | goal | met? |\n|---|---|---|---|---|---|"


def as_markdown(row: Row) -> str:
    """Return the row as a line of the table, with its note behind its name."""
    what = f"{row.what} ({row.note})" if row.note else row.what
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    return f"| {what} | {row.reference} | {row.ours} | {ratio} | {row.goal} | {met} |"


def keep(rows: Iterable[tuple[str, Row]], path: Path) -> None:
    """Write the rows as JSON, each with the name of its benchmark. Stored rows of other benchmarks stay."""
    rows = list(rows)
    run = {name for name, _ in rows}
    stored = json.loads(path.read_text()) if path.exists() else []
    fresh = [{"benchmark": name, **asdict(row)} for name, row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row for row in stored if row["benchmark"] not in run] + fresh, indent=1) + "\n")


def kept(path: Path) -> list[Row]:
    """Return the stored rows, those of one benchmark together."""
    rows = json.loads(path.read_text()) if path.exists() else []
    return [Row(**{name: value for name, value in row.items() if name != "benchmark"}) for row in rows]


def run(names: Iterable[str], size: Size) -> Iterator[tuple[str, Row]]:
    """Run the benchmarks. One that fails yields a row with its error, and the others go on."""
    for name in names:
        try:
            for row in REGISTRY[name](size):
                yield name, row
        except Exception as problem:  # a failing benchmark must not end the others
            yield name, Row(name, "", "failed", None, "", False, f"{type(problem).__name__}: {problem}"[:200])
