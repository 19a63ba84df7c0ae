"""The cost of a webhook, an order page and an unchanged live region, beside hand-written routes on the raw driver."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.calling import best_in_turn
from tests.benchmarks.calls import our_calls, reference_calls
from tests.benchmarks.counting import instructions
from tests.benchmarks.table import Row, Size, at_least, at_most, benchmark
from tests.benchmarks.world import World, a_world, settings_for
from tests.machine.postgres import postgres_server
from tracker.live.notifier import Notifier

NAMES = {
    "page": ("order page", 1.6),
    "again": ("order page looked at again in the same minute", 1.6),
    "ingest": ("webhook ingest", 1.9),
    "accepted": ("webhook ingest of what happens to a known order", None),
    "unchanged": ("unchanged live region", 2.0),
}
BIG_ENOUGH = 100_000


@contextmanager
def both_worlds() -> Iterator[dict[str, World]]:
    """Create one world on each kind of database."""
    with TemporaryDirectory() as sqlite, TemporaryDirectory() as other, postgres_server() as new_database:
        yield {
            "SQLite": a_world(f"sqlite:///{sqlite}/tracker.sqlite", Path(sqlite)),
            "PostgreSQL": a_world(new_database(), Path(other)),
        }


@benchmark("instructions")
def count(size: Size) -> Iterator[Row]:
    """Count the instructions of one call in the web server's process."""
    times = 10 if size is Size.QUICK else 40
    with both_worlds() as worlds:
        for kind, world in worlds.items():
            page_size = _page_size(world)
            ours = instructions(world, "ours", NAMES, page_size=page_size, times=times)
            reference = instructions(world, "reference", NAMES, page_size=page_size, times=times)
            for name, (what, goal) in NAMES.items():
                beside = "a hello of Flask" if name == "unchanged" else "by hand"
                note = f"beside {beside}; thousand instructions"
                yield at_most(f"{what}, {kind}", reference[name] / 1000, ours[name] / 1000, goal, note=note)


@benchmark("requests")
def speed(size: Size) -> Iterator[Row]:
    """Measure the requests a second of one thread without a server: the best of several medians, in turn."""
    rounds, times = (3, 15) if size is Size.QUICK else (8, 40)
    with both_worlds() as worlds:
        for kind, world in worlds.items():
            ahead = (rounds * times + 10) * 2
            with Notifier(settings_for(world.url, world.folder).notifier_path):
                ours = our_calls(world, 1_000_000, ahead)
                reference = reference_calls(world, 2_000_000, ahead, len(ours["page"]()))  # type: ignore[arg-type]
                for name, (what, _) in NAMES.items():
                    mine, theirs = best_in_turn((ours[name], reference[name]), rounds=rounds, times=times)
                    yield at_least(f"{what}, {kind}", 1000 / theirs, 1000 / mine, None, note="requests/s in process")


def _page_size(world: World) -> int:
    return len(our_calls(world, 0, 0)["page"]())  # type: ignore[arg-type]  # this call returns bytes
