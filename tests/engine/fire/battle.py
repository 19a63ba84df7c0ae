"""Throws attacks at an engine of its own, mixed at random, and looks whether viewers and memory bear it."""

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
from tests.engine.fire.attacks import ATTACKS, LARGEST_FRAME, MOST_DEAF
from tests.engine.fire.report import Report
from tests.engine.fire.sky import Sky
from tests.engine.fire.viewers import ALL, Publisher, Watcher
from tracker.engine import EngineSettings

PENDING = 100_000

KB_A_SOCKET = 18.0
SLACK_KB = 16_000.0
"""What Python's own heap may be larger after much coming and going: it gives memory back in whole arenas only."""
AT_ONCE = 4
WAVES_BETWEEN_RESTARTS = 10
PAUSE = 0.005
"""Seconds between two requests of the publisher, who would else be the heaviest attack of all."""


def settings_with(patience: float) -> EngineSettings:
    """An engine that waits for nobody longer than so many seconds; viewers on a busy machine need some."""
    return engine_settings(
        activity_timeout=1,
        pong_timeout=patience,
        close_grace=patience / 2,
        http_idle_timeout=patience,
        body_timeout=patience,
        max_frame_bytes=LARGEST_FRAME,
        max_pending_bytes=PENDING,
        send_buffer_bytes=16_384,
        max_channels=2_000,
    )


class Battle:
    """One engine after the other on one port, so many viewers, and wave after wave."""

    def __init__(self, seed: int, viewers: int, folder: Path, *, patience: float) -> None:
        self._settings, self._patience = settings_with(patience), patience
        self._chance = Random(seed)  # noqa: S311  it has to be the same each time
        self._count, self._folder = viewers, folder
        self._own = [f"private-o-{number}" for number in range(max(1, viewers // 3))]
        self._engines = ExitStack()
        self._base_kb = 0.0
        self.report = Report(viewers=viewers)

    async def fight(self, seconds: float) -> Report:
        """Fight for so long, and at least until each kind of attack was seen and one engine has died of each cause."""
        began = time.monotonic()
        try:
            async with AsyncExitStack() as stack:
                await self._begin(stack)
                for number, wave in enumerate(self._waves()):
                    await self._wave(wave)
                    if number % WAVES_BETWEEN_RESTARTS == 2:
                        await self._restart("kill -9")
                        await self._restart("SIGTERM")
                    if time.monotonic() - began > seconds and len(self.report.attacks) == len(ATTACKS):
                        break
        finally:
            self._engines.close()
        self._sum_up(time.monotonic() - began)
        return self.report

    async def _begin(self, stack: AsyncExitStack) -> None:
        self._engine = self._started(0)
        port, problems = self._engine.port, self.report.problems
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        self._publisher = Publisher(port, http, self._chance)
        self._sky = Sky(port, self._chance, self._publisher, http, self._patience)
        channels = [[ALL, self._own[number % len(self._own)]] for number in range(self._count)]
        self._watchers = [Watcher(port, http, each, problems, self.report.latencies) for each in channels]
        tasks = [asyncio.create_task(watcher.watch()) for watcher in self._watchers]
        stack.push_async_callback(_cancelled, tasks)
        await self._until(lambda: all(watcher.is_there for watcher in self._watchers), "Not all viewers came in.")
        await self._publisher.some(self._own)
        self._base_kb = self._memory_kb()
        tasks.append(asyncio.create_task(self._look_at_memory()))

    def _started(self, port: int) -> RunningEngine:
        log = self._folder / f"engine-{self.report.engines}.log"
        self.report.engines += 1
        return self._engines.enter_context(running_engine(dataclasses.replace(self._settings, port=port), log=log))

    def _waves(self) -> Iterator[list[str]]:
        """Some attacks at a time: each kind once, in any order, and so again without end."""
        while True:
            names = self._chance.sample(sorted(ATTACKS), len(ATTACKS))
            for start in range(0, len(names), AT_ONCE):
                yield names[start : start + AT_ONCE]

    async def _wave(self, names: list[str]) -> None:
        publishing = asyncio.create_task(self._publish())
        ends = await asyncio.gather(*(ATTACKS[name](self._sky) for name in names), return_exceptions=True)
        publishing.cancel()
        ends += await asyncio.gather(publishing, return_exceptions=True)
        for name, end in zip([*names, "publishing"], ends, strict=True):
            if isinstance(end, Exception):
                self.report.problems.append(f"{name}: {end or repr(end)}")
        self.report.attacks.update(names)
        await self._peace(f"after {', '.join(names)}")

    async def _publish(self) -> None:
        while True:
            await asyncio.shield(self._publisher.some([ALL, *self._own]))
            await asyncio.sleep(PAUSE)

    async def _peace(self, when: str) -> None:
        """All that was published has been heard, and of the attackers nothing is left."""
        await self._until(self._all_is_heard, f"Not every viewer heard everything {when}.")
        left: dict[str, int] = {}
        expected = {"connections": self._count, "channels": 1 + len(self._own)}
        end = time.monotonic() + self._sky.patience
        while left != expected and time.monotonic() < end:
            left = await self._publisher.counts()
        if left != expected:
            self.report.problems.append(f"The engine had {left} {when}, not {expected}.")

    def _all_is_heard(self) -> bool:
        published = self._publisher.published
        return all(watcher.heard[name] == published[name] for watcher in self._watchers for name in watcher.channels)

    async def _restart(self, how: str) -> None:
        """End the engine with all its sockets, dead ones too, and start another: until all viewers are back."""
        for watcher in self._watchers:
            watcher.may_be_closed, watcher.subscribed_at = True, 0.0
        async with self._sky.sockets(20):
            began = time.monotonic()
            await asyncio.to_thread(self._engine.kill if how == "kill -9" else self._engine.stop)
            self._engine = await asyncio.to_thread(self._started, self._engine.port)
            await self._until(lambda: all(one.is_back for one in self._watchers), f"Not all were back after {how}.")
        began += self._engine.held_up()
        backs = [watcher.subscribed_at - began for watcher in self._watchers]
        self.report.restarts[how].append((min(backs), max(backs)))
        codes = {watcher.closed_with for watcher in self._watchers}
        if codes != {1006 if how == "kill -9" else 1001}:
            self.report.problems.append(f"{how} closed viewers with {codes}.")
        for watcher in self._watchers:
            watcher.may_be_closed = False
        self._base_kb = self._memory_kb()

    async def _until(self, claim: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + self._sky.patience
        while not claim():
            if time.monotonic() > end:
                self.report.problems.append(otherwise)
                return
            await asyncio.sleep(0.01)

    async def _look_at_memory(self) -> None:
        while True:
            with suppress(OSError, IndexError):  # it is being killed
                used, bound = self._memory_kb(), self._bound_kb()
                if used > bound and not self.report.is_over_bound:
                    self.report.problems.append(f"The engine has {used:,.0f} kB; {bound:,.0f} would be right.")
                    self.report.is_over_bound = True
                self.report.memory = max(self.report.memory, (used, bound))
            await asyncio.sleep(0.05)

    def _bound_kb(self) -> float:
        """What it has without attackers, and for the most that were there at once what each of them may cost."""
        return self._base_kb + SLACK_KB + self._sky.most_open * KB_A_SOCKET + MOST_DEAF * PENDING / 1000

    def _memory_kb(self) -> float:
        return int(Path(f"/proc/{self._engine.pid}/statm").read_text().split()[1]) * 4.096

    def _sum_up(self, seconds: float) -> None:
        report = self.report
        report.seconds, report.most_sockets = seconds, self._sky.most_open + self._count
        report.published = sum(self._publisher.published.values())
        report.heard = sum(sum(watcher.heard.values()) for watcher in self._watchers)
        said = defaultdict[str, int](int)
        for log in self._folder.glob("engine-*.log"):
            for line in log.read_text().splitlines():
                if " ERROR " in line or line.startswith("Traceback"):
                    said[line.partition(" ERROR ")[2] or line] += 1
        report.problems += [f"The engine logged {number} times: {line}" for line, number in said.items()]


async def _cancelled(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
