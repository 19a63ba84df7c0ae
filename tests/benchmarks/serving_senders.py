"""Sixteen senders at once on SQLite: how long each waits with our write lock, and with SQLite's busy timeout alone.

As a program it is one of the web server's processes, with four of the senders in it as threads.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from tests.benchmarks.calls import ingest_into
from tests.benchmarks.table import Row, Size, at_least, at_most, below, benchmark
from tests.benchmarks.world import a_world, read_world, settings_for
from tracker.application import create_app
from tracker.config import ROOT
from tracker.database import Database

PROCESSES, THREADS = 4, 4
WARM_UP = 5


@benchmark("senders")
def senders(size: Size) -> Iterator[Row]:
    """The waits of each notice with the write lock and without, on a fresh database each."""
    each = {Size.QUICK: 8, Size.USUAL: 40, Size.FULL: 200}[size]
    with_lock, without = _run(each, write_lock=True), _run(each, write_lock=False)
    who = f"{PROCESSES * THREADS} senders on SQLite"
    p99 = {name: quantiles(run.waits, n=100)[98] * 1000 for name, run in (("ours", with_lock), ("reference", without))}
    yield at_most(f"{who}, p99", p99["reference"], p99["ours"], 0.15, note="ms; beside the busy timeout alone")
    worst = {run: max(run.waits) * 1000 for run in (without, with_lock)}
    yield at_most(f"{who}, worst wait", worst[without], worst[with_lock], None, note="ms")
    yield at_least(f"{who}, notices/s", without.a_second, with_lock.a_second, None)
    yield below(
        f"{who}, not answered", with_lock.failed, 1, form="{:.0f}", note=f"{without.failed} without the write lock"
    )


class _Run:
    def __init__(self, said: list[dict[str, list[float]]]) -> None:
        self.waits = [wait for one in said for wait in one["waits"]]
        self.failed = sum(len(one["failed"]) for one in said)
        self.a_second = len(self.waits) / (max(max(one["ends"]) for one in said) - min(one["began"][0] for one in said))


def _run(each: int, *, write_lock: bool) -> _Run:
    with TemporaryDirectory() as folder:
        world = a_world(f"sqlite:///{folder}/tracker.sqlite", Path(folder)).as_text()
        started = [
            subprocess.Popen(
                [sys.executable, "-m", __name__, world, str(number), str(each), "write_lock" if write_lock else "none"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(PROCESSES)
        ]
        for process in started:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("One of the senders did not come so far.")
        for process in started:
            print("go", file=process.stdin, flush=True)
        said = [json.loads(process.communicate()[0]) for process in started]
    return _Run(said)


def main() -> None:
    """`python -m tests.benchmarks.serving_senders world number each write_lock|none`: when a line comes, it sends; then
    it says its waits as JSON."""
    text, number, each, write_lock = sys.argv[1:]
    world = read_world(text)
    database = Database(world.url)
    if write_lock == "none":
        database._write_lock = None
    app = create_app(settings_for(world.url, world.folder), database)
    said: dict[str, list[float]] = {"waits": [], "failed": [], "ends": [], "began": []}

    def send(tell: Callable[[], object]) -> None:
        for _ in range(int(each)):
            start = time.perf_counter()
            try:
                tell()
            except RuntimeError:
                said["failed"].append(time.time())
            said["waits"].append(time.perf_counter() - start)
            said["ends"].append(time.time())

    starts = [1_000_000 * (1 + int(number)) + 10_000 * thread for thread in range(THREADS)]
    tells = [ingest_into(app, world, first, int(each) + WARM_UP) for first in starts]
    for tell in tells * WARM_UP:
        tell()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    said["began"].append(time.time())
    threads = [threading.Thread(target=send, args=(tell,)) for tell in tells]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
