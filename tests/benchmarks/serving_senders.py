"""The waiting times of sixteen senders at once on SQLite, with our write lock and with SQLite's busy timeout alone.

As a program this module is one of the web server's processes, with four of the senders as threads.
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
    """Measure the wait of each notice with the write lock and without it, each on a fresh database."""
    notices = {Size.QUICK: 8, Size.USUAL: 40, Size.FULL: 200}[size]
    with_lock, without = _run(notices, write_lock=True), _run(notices, write_lock=False)
    who = f"{PROCESSES * THREADS} senders on SQLite"
    p99 = {name: quantiles(run.waits, n=100)[98] * 1000 for name, run in (("ours", with_lock), ("reference", without))}
    yield at_most(f"{who}, p99", p99["reference"], p99["ours"], 0.15, note="ms; beside the busy timeout alone")
    worst = {run: max(run.waits) * 1000 for run in (without, with_lock)}
    yield at_most(f"{who}, worst wait", worst[without], worst[with_lock], None, note="ms")
    yield at_least(f"{who}, notices/s", without.a_second, with_lock.a_second, None)
    yield below(
        f"{who}, not answered",
        with_lock.failed,
        1,
        form="{:.0f}",
        note=f"{without.failed} without the write lock",
    )


class _Run:
    def __init__(self, results: list[dict[str, list[float]]]) -> None:
        self.waits = [wait for result in results for wait in result["waits"]]
        self.failed = sum(len(result["failed"]) for result in results)
        began, ended = min(result["began"][0] for result in results), max(max(result["ends"]) for result in results)
        self.a_second = len(self.waits) / (ended - began)


def _run(notices: int, *, write_lock: bool) -> _Run:
    with TemporaryDirectory() as folder:
        world = a_world(f"sqlite:///{folder}/tracker.sqlite", Path(folder)).as_text()
        started = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    __name__,
                    world,
                    str(number),
                    str(notices),
                    "write_lock" if write_lock else "none",
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(PROCESSES)
        ]
        for process in started:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("One of the senders did not get ready.")
        for process in started:
            print("go", file=process.stdin, flush=True)
        results = [json.loads(process.communicate()[0]) for process in started]
    return _Run(results)


def main() -> None:
    """`python -m tests.benchmarks.serving_senders world number notices write_lock|none`.

    It sends after a line on standard input, and then writes its waiting times as JSON.
    """
    text, number, notices, write_lock = sys.argv[1:]
    world = read_world(text)
    database = Database(world.url)
    if write_lock == "none":
        database._write_lock = None
    app = create_app(settings_for(world.url, world.folder), database)
    result: dict[str, list[float]] = {"waits": [], "failed": [], "ends": [], "began": []}

    def send(post_notice: Callable[[], object]) -> None:
        for _ in range(int(notices)):
            start = time.perf_counter()
            try:
                post_notice()
            except RuntimeError:
                result["failed"].append(time.time())
            result["waits"].append(time.perf_counter() - start)
            result["ends"].append(time.time())

    starts = [1_000_000 * (1 + int(number)) + 10_000 * thread for thread in range(THREADS)]
    posts = [ingest_into(app, world, first, int(notices) + WARM_UP) for first in starts]
    for post_notice in posts * WARM_UP:
        post_notice()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    result["began"].append(time.time())
    threads = [threading.Thread(target=send, args=(post_notice,)) for post_notice in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
