"""Runs attacks on an engine of its own, mixed at random, and checks the viewers and the engine's memory."""

import asyncio
import dataclasses
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path
from random import Random

import aiohttp

from tests.engine.engine_process import RunningEngine, engine_settings, running_engine
from tests.engine.fire.attack_context import AttackContext
from tests.engine.fire.attacks import ATTACKS, LARGEST_FRAME, MOST_SLOW_READERS
from tests.engine.fire.report import Report
from tests.engine.fire.viewers import ALL, Publisher, Watcher
from tracker.engine import EngineSettings

MAX_PENDING_BYTES = 100_000

KB_A_SOCKET = 18.0
SLACK_KB = 16_000.0
"""Kilobytes by which Python's heap may stay larger after many connections, because it frees only whole arenas."""
ATTACKS_AT_ONCE = 4
WAVES_BETWEEN_RESTARTS = 10
PUBLISHING_PAUSE = 0.005
"""Seconds between two requests of the publisher; without a pause it would be the heaviest attack of all."""


def settings_with(patience: float) -> EngineSettings:
    """Return settings for an engine that waits for no client longer than so many seconds.

    Viewers on a busy machine need some seconds.
    """
    return engine_settings(
        activity_timeout=1,
        pong_timeout=patience,
        close_grace=patience / 2,
        http_idle_timeout=patience,
        body_timeout=patience,
        max_frame_bytes=LARGEST_FRAME,
        max_pending_bytes=MAX_PENDING_BYTES,
        send_buffer_bytes=16_384,
        max_channels=2_000,
    )


class AttackRun:
    """Several engines on one port, one after the other, with viewers and waves of attacks."""

    def __init__(self, seed: int, viewers: int, folder: Path, *, patience: float) -> None:
        self._settings, self._patience = settings_with(patience), patience
        self._rng = Random(seed)  # noqa: S311  has to be the same each time
        self._count, self._folder = viewers, folder
        self._own = [f"private-o-{number}" for number in range(max(1, viewers // 3))]
        self._engines = ExitStack()
        self._base_kb = 0.0
        self.report = Report(viewers=viewers)

    async def run(self, seconds: float) -> Report:
        """Run for at least so many seconds, and until each attack was made and an engine has ended in each way."""
        started_at = time.monotonic()
        try:
            async with AsyncExitStack() as stack:
                await self._begin(stack)
                for number, wave in enumerate(self._waves()):
                    await self._wave(wave)
                    if number % WAVES_BETWEEN_RESTARTS == 2:
                        await self._restart("kill -9")
                        await self._restart("SIGTERM")
                    if time.monotonic() - started_at > seconds and len(self.report.attacks) == len(ATTACKS):
                        break
        finally:
            self._engines.close()
        self._sum_up(time.monotonic() - started_at)
        return self.report

    async def _begin(self, stack: AsyncExitStack) -> None:
        self._engine = self._started(0)
        port, problems = self._engine.port, self.report.problems
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        self._publisher = Publisher(port, http, self._rng)
        self._context = AttackContext(port, self._rng, self._publisher, http, self._patience)
        channels = [[ALL, self._own[number % len(self._own)]] for number in range(self._count)]
        self._watchers = [Watcher(port, http, each, problems, self.report.latencies) for each in channels]
        tasks = [asyncio.create_task(watcher.watch()) for watcher in self._watchers]
        stack.push_async_callback(_cancelled, tasks)
        await self._wait_until(
            lambda: all(watcher.is_there for watcher in self._watchers), "Not all viewers could subscribe."
        )
        await self._publisher.publish_some(self._own)
        self._base_kb = self._memory_kb()
        tasks.append(asyncio.create_task(self._watch_memory()))

    def _started(self, port: int) -> RunningEngine:
        log = self._folder / f"engine-{self.report.engines}.log"
        self.report.engines += 1
        return self._engines.enter_context(running_engine(dataclasses.replace(self._settings, port=port), log=log))

    def _waves(self) -> Iterator[list[str]]:
        """Yield the names of simultaneous attacks: all attacks in random order, again and again without end."""
        while True:
            names = self._rng.sample(sorted(ATTACKS), len(ATTACKS))
            for start in range(0, len(names), ATTACKS_AT_ONCE):
                yield names[start : start + ATTACKS_AT_ONCE]

    async def _wave(self, names: list[str]) -> None:
        publishing = asyncio.create_task(self._publish())
        results = await asyncio.gather(*(ATTACKS[name](self._context) for name in names), return_exceptions=True)
        publishing.cancel()
        results += await asyncio.gather(publishing, return_exceptions=True)
        for name, end in zip([*names, "publishing"], results, strict=True):
            if isinstance(end, Exception):
                self.report.problems.append(f"{name}: {end or repr(end)}")
        self.report.attacks.update(names)
        await self._check_after_wave(f"after {', '.join(names)}")

    async def _publish(self) -> None:
        while True:
            await asyncio.shield(self._publisher.publish_some([ALL, *self._own]))
            await asyncio.sleep(PUBLISHING_PAUSE)

    async def _check_after_wave(self, when: str) -> None:
        """Check that every viewer received everything, and that no connection or channel of the attackers is left."""
        await self._wait_until(self._all_is_received, f"Not every viewer received everything {when}.")
        left: dict[str, int] = {}
        expected = {"connections": self._count, "channels": 1 + len(self._own)}
        end = time.monotonic() + self._context.patience
        while left != expected and time.monotonic() < end:
            left = await self._publisher.counts()
        if left != expected:
            self.report.problems.append(f"The engine had {left} {when}, not {expected}.")

    def _all_is_received(self) -> bool:
        published = self._publisher.published
        return all(watcher.received[name] == published[name] for watcher in self._watchers for name in watcher.channels)

    async def _restart(self, how: str) -> None:
        """End the engine with all its sockets, also unresponsive ones, and start another. Wait until all viewers are
        back."""
        for watcher in self._watchers:
            watcher.may_be_closed, watcher.subscribed_at = True, 0.0
        async with self._context.sockets(20):
            started_at = time.monotonic()
            await asyncio.to_thread(self._engine.kill if how == "kill -9" else self._engine.stop)
            self._engine = await asyncio.to_thread(self._started, self._engine.port)
            await self._wait_until(
                lambda: all(watcher.is_back for watcher in self._watchers), f"Not all were back after {how}."
            )
        started_at += self._engine.seconds_waiting_for_cpu()
        return_times = [watcher.subscribed_at - started_at for watcher in self._watchers]
        self.report.restarts[how].append((min(return_times), max(return_times)))
        close_codes = {watcher.close_code for watcher in self._watchers}
        if close_codes != {1006 if how == "kill -9" else 1001}:
            self.report.problems.append(f"{how} closed viewers with {close_codes}.")
        for watcher in self._watchers:
            watcher.may_be_closed = False
        self._base_kb = self._memory_kb()

    async def _wait_until(self, condition: Callable[[], bool], problem: str) -> None:
        end = time.monotonic() + self._context.patience
        while not condition():
            if time.monotonic() > end:
                self.report.problems.append(problem)
                return
            await asyncio.sleep(0.01)

    async def _watch_memory(self) -> None:
        while True:
            with suppress(OSError, IndexError):  # the process is being killed
                used, bound = self._memory_kb(), self._bound_kb()
                if used > bound and not self.report.is_over_bound:
                    self.report.problems.append(f"The engine has {used:,.0f} kB; it may have {bound:,.0f} kB.")
                    self.report.is_over_bound = True
                self.report.memory = max(self.report.memory, (used, bound))
            await asyncio.sleep(0.05)

    def _bound_kb(self) -> float:
        """Return the memory without attackers plus what the largest number of simultaneous attackers may cost."""
        return (
            self._base_kb
            + SLACK_KB
            + self._context.most_open * KB_A_SOCKET
            + MOST_SLOW_READERS * MAX_PENDING_BYTES / 1000
        )

    def _memory_kb(self) -> float:
        return int(Path(f"/proc/{self._engine.pid}/statm").read_text().split()[1]) * 4.096

    def _sum_up(self, seconds: float) -> None:
        report = self.report
        report.seconds, report.most_sockets = seconds, self._context.most_open + self._count
        report.published = sum(self._publisher.published.values())
        report.received = sum(sum(watcher.received.values()) for watcher in self._watchers)
        errors = defaultdict[str, int](int)
        for log in self._folder.glob("engine-*.log"):
            for line in log.read_text().splitlines():
                if " ERROR " in line or line.startswith("Traceback"):
                    errors[line.partition(" ERROR ")[2] or line] += 1
        report.problems += [f"The engine logged {number} times: {line}" for line, number in errors.items()]


async def _cancelled(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
