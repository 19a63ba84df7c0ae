"""The time from a commit to a subscriber, the cost of the idle worker, and the cost of publishing."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from pusher import Pusher

from tests.benchmarks.machine import listening, processor_seconds, running
from tests.benchmarks.serving_pages import both_worlds
from tests.benchmarks.table import Row, Size, at_least, below, benchmark
from tests.benchmarks.world import World
from tracker import clock
from tracker.config import Settings
from tracker.database import Database
from tracker.ids import new_id
from tracker.live.notifier import notify
from tracker.live.pusher import MAX_BATCH, ChannelsClient
from tracker.live.wire import Message, order_channel
from tracker.orders.model import Order
from tracker.orders.operations.by_platform import change_tip
from tracker.orders.reports import Report
from tracker.schema import migrate

RUNS = 3
"""The best run counts, because other programs may take both cores for a tenth of a second."""
LIMITS = {"SQLite": 10.0, "PostgreSQL": 20.0}


@benchmark("commit-to-publish")
def commit_to_publish(size: Size) -> Iterator[Row]:
    """Measure the time from the end of the commit until a socket has the message, with real worker and engine."""
    changes, seconds = {Size.QUICK: (60, 5), Size.USUAL: (300, 10), Size.FULL: (3000, 60)}[size]
    with both_worlds() as worlds:
        for kind, world in worlds.items():
            with running(world.url, world.folder, "engine", "work") as (settings, processes):
                runs = [quantiles(_changes(world, settings, changes), n=100) for _ in range(RUNS)]
                for percent in (50, 99):
                    figure = min(run[percent - 1] for run in runs)
                    note = f"ms, through the engine; the best of {RUNS} runs"
                    yield below(f"commit → received, p{percent}, {kind}", figure, LIMITS[kind], note=note)
                before = processor_seconds(processes["work"])
                time.sleep(seconds)  # the idle worker is measured
                used = (processor_seconds(processes["work"]) - before) / seconds * 100
                yield below(f"worker without work, {kind}", used, 0.2, form="{:.3f} %", note="of one core")


def _changes(world: World, settings: Settings, changes: int) -> list[float]:
    """Return the milliseconds of each of so many changes of one order, without the first five."""
    committed = [0.0]

    def after_commit() -> None:
        committed[0] = time.perf_counter()
        notify(settings.notifier_path)

    database, taken = Database(world.url, after_commit=after_commit), []
    with listening(settings, order_channel(world.order_id)) as next_message:
        for number in range(changes + 5):
            with database.transaction() as session:
                now = datetime.now(UTC)
                order = session.get_one(Order, world.order_id)
                change_tip(order, number, report=Report(now, f"{now.isoformat()} 0 {number}"), now=now)
            while next_message()["data"] != f'{{"version":{order.version}}}':
                pass  # messages about earlier versions
            taken.append((time.perf_counter() - committed[0]) * 1000)
            time.sleep(0.005)  # so that the other processes are idle again
    database.close()
    return taken[5:]


@benchmark("publishing")
def publishing(size: Size) -> Iterator[Row]:
    """Measure events a second, and a second of processor time, of our batches and of the official client's triggers."""
    singles, rounds = {Size.QUICK: (60, 2), Size.USUAL: (200, 5), Size.FULL: (1000, 10)}[size]
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/tracker.sqlite"
        database = Database(url)
        migrate(database)
        database.close()
        with running(url, folder, "engine") as (settings, _):
            yield from _publishing(settings, singles, rounds)


def _publishing(settings: Settings, singles: int, rounds: int) -> Iterator[Row]:
    theirs = Pusher(
        app_id=settings.channels_app_id,
        key=settings.channels_key,
        secret=settings.channels_secret.get_secret_value(),
        host=settings.channels_host,
        port=settings.channels_port,
        ssl=False,
    )
    channels = ChannelsClient(settings)
    batch = [Message(order_channel(new_id(clock.now())), "order_changed", {"version": 7}) for _ in range(MAX_BATCH)]

    def in_batches() -> None:
        for _ in range(singles // MAX_BATCH):
            channels.publish(batch)

    def one_by_one() -> None:
        for number in range(singles):
            message = batch[number % MAX_BATCH]
            theirs.trigger(message.channel, message.name, message.data)

    ours, reference = [(0.0, 0.0)], [(0.0, 0.0)]
    for _ in range(rounds):
        ours.append(_rates(in_batches, singles))
        reference.append(_rates(one_by_one, singles))
    channels.close()
    best = [[max(rates) for rates in zip(*rounds_of_one, strict=True)] for rounds_of_one in (reference, ours)]
    beside = "beside single triggers of the official client"
    yield at_least("publishing in batches, events/s", best[0][0], best[1][0], 5, note=beside)
    note = f"{beside}; {1e6 / best[0][1]:,.0f} and {1e6 / best[1][1]:,.0f} µs an event"
    yield at_least("publishing in batches, events a second of processor", best[0][1], best[1][1], 5, note=note)


def _rates(work: Callable[[], None], events: int) -> tuple[float, float]:
    start, used = time.perf_counter(), time.process_time()
    work()
    return events / (time.perf_counter() - start), events / (time.process_time() - used)
