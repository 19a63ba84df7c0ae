"""The processes of one schedule, of which one runs at a time: starting, resuming, reading, killing and parking them."""

import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection as PipeEnd
from random import Random
from typing import Any

from tests.builders import EVENING
from tests.schedules.children import Services, fork
from tests.schedules.page import Page
from tests.schedules.proxy import ChannelsProxy
from tests.schedules.snapshot import PAGE_SECONDS
from tests.schedules.stop_points import Command

BURSTS = (1, 1, 2, 3, 5, 8, 13, 30)
"""The numbers of stop points that a process may run through at a time."""
FAR = 1_000_000
"""A number of stop points that no process reaches."""


@dataclass
class Job:
    """A request for a web process or the staff process. It is repeated until it has a good response."""

    role: str
    request: Any
    page: Page | None = None
    not_before: int = 0
    """The number of received messages before which the job is not tried again."""
    is_disturbed: bool = False
    """Whether a fault was injected that excuses a bad response."""


@dataclass
class Child:
    """A child process.

    state: idle, at (a stop point), blocked (at a stop point where it would have to wait), asleep, running (resumed, and
    has not reported since), parked, dead.
    """

    role: str
    pid: int
    pipe: PipeEnd
    state: str = "idle"
    where: str = ""
    wakes_at: float = 0
    job: Job | None = None


@dataclass
class ProcessPool:
    """`ask` sends a question to the examiner; `answered` and `abandoned` are called with the results of jobs."""

    services: Services
    proxy: ChannelsProxy
    ask: Callable[..., Any]
    parked: list[Child]
    """Processes that survived the schedule before. They are used again, because forking one costs as much as four
    notices."""
    rng: Random
    deadline: float
    answered: Callable[[Job, int, str], None]
    abandoned: Callable[[Job], None]
    problem: Callable[[str], None]
    show: Callable[[str], None]
    now: float = 7200
    """The time of the processes' clocks, in seconds since the evening began."""
    children: list[Child] = field(default_factory=list)
    resumed: Child | None = None

    def start_all(self, roles: list[str]) -> None:
        """Take or start a process for each of these roles."""
        self.children = [self._take_or_start(role) for role in roles]

    @property
    def alive(self) -> list[Child]:
        return [child for child in self.children if child.state != "dead"]

    def in_words(self) -> str:
        """Return the state of each process, for a message."""
        return "; ".join(f"{child.role} {child.state} {child.where[:60]}" for child in self.children)

    # --- running ----------------------------------------------------------------------------------------------------

    def begin(self, child: Child, job: Job) -> None:
        """Give the process a job and resume it."""
        child.job, child.where = job, "begin"
        self.resume(child, first=job.request)

    def resume(self, child: Child, *, first: Any = None, must_fail: bool = False, chores: bool = False) -> None:
        """Resume the process until one of its next stop points.

        Returns when the process stops there, or when it waits for a database lock that a stopped process holds.
        """
        command = Command(self._time_for(child), self.rng.choice(BURSTS), must_fail, chores)
        child.pipe.send((first, command) if first else command)
        child.state = "running"
        self.resumed = child
        while child.state == "running" and time.monotonic() < self.deadline:
            self.listen(0.03)
            if child.state == "running" and self._waits_for_row_lock(child):
                break
        self.resumed = None

    def listen(self, seconds: float) -> None:
        """Read what the running processes and the proxy's clients send, for at most so many seconds."""
        dark: dict[Any, Child] = {child.pipe: child for child in self.children if child.state == "running"}
        readable, _, _ = select.select([*dark, *self.proxy.sockets], [], [], max(seconds, 0))
        for each in readable:
            if each in dark:
                self._receive(dark[each])
            else:
                self.proxy.handle(each)

    def _time_for(self, child: Child) -> float:
        """Return the time for the process's clock. Pages are all rendered at one moment, because they show relative
        times."""
        return PAGE_SECONDS if child.job and child.job.page else self.now

    def _waits_for_row_lock(self, child: Child) -> bool:
        """Return whether the process waits for a row that a stopped process has locked.

        On SQLite a process waits only at the write lock, which is a stop point.
        """
        return not self.services.database.is_sqlite and self.ask("waits_for_lock", child.pid)

    def _receive(self, child: Child) -> None:
        try:
            what, detail = child.pipe.recv()
        except (EOFError, OSError):
            if child.state != "dead":
                self.problem(f"a {child.role} process died by itself, after {child.where}")
                self.remove(child)
            return
        if what == "locked":
            if detail == "SQLITE_BUSY":
                self.problem(f"a {child.role} process found SQLite locked, because it had not waited at the write lock")
            return
        self.log(f"{what} {detail}", child)
        child.where, child.state = str(detail), what
        if what == "asleep":
            child.wakes_at = (detail - EVENING) / timedelta(seconds=1)
        elif what == "answer":
            child.state = "idle"
            job, child.job = child.job, None
            if job:
                self.answered(job, *detail)

    def log(self, what: str, child: Child) -> None:
        """Pass a line to `show`, for a run with --show."""
        self.show(f"{self.now:9.3f} {child.role} {child.pid} {what}")

    # --- starting and ending ----------------------------------------------------------------------------------------

    def kill(self, child: Child) -> None:
        """End the process by kill -9."""
        self.log(f"is killed at {child.where}", child)
        self.remove(child)

    def kill_at_any_moment(self, child: Child) -> None:
        """Kill the process while it runs, wherever it is. This is one of the two places that the seed does not
        determine."""
        child.pipe.send(Command(self._time_for(child), FAR))
        child.state, child.where = "running", "some place"
        self.listen(self.rng.uniform(0, 0.004))
        self.kill(child)

    def kill_sender(self) -> None:
        """Kill the worker whose request has just been received, before it gets its response."""
        sending = [child for child in self.children if child.role == "worker" and child.state == "running"]
        if sending:
            self.kill(self.resumed if self.resumed in sending and self.resumed else sending[0])

    def restart(self, child: Child) -> None:
        """Start a process in the place of a dead one."""
        self.children[self.children.index(child)] = self._start(child.role)

    def replace(self, role: str) -> Child:
        """Kill a process of that role and return a new one in its place, whose caches are empty."""
        place = next(place for place, child in enumerate(self.children) if child.role == role)
        self.kill(self.children[place])
        self.restart(self.children[place])
        return self.children[place]

    def remove(self, child: Child) -> None:
        """Kill the process, if it is alive, and report its job as abandoned: nobody will get the response."""
        if child.state == "dead":
            return
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        child.pipe.close()
        child.state = "dead"
        self.proxy.drain()
        if not self.services.database.is_sqlite:
            self.ask("wait_until_gone", child.pid)
        job, child.job = child.job, None
        if job:
            self.abandoned(job)

    def park_all(self, *, all_is_well: bool) -> None:
        """Park the processes that are well until the next schedule, and kill the others."""
        for child in self.alive:
            if not (all_is_well and child.state in ("idle", "asleep")):
                self.remove(child)
                continue
            command = Command(self.now, FAR, schedule_is_over=True)
            child.pipe.send(command if child.role == "worker" else (None, command))
            child.state = "running"
        while any(child.state == "running" for child in self.children) and time.monotonic() < self.deadline:
            self.listen(0.1)
        for child in self.alive:
            if child.state == "parked":
                child.state = "at" if child.role == "worker" else "idle"
                self.parked.append(child)
            else:
                self.remove(child)

    def _take_or_start(self, role: str) -> Child:
        process = next((child for child in self.parked if child.role == role), None)
        if process is None:
            return self._start(role)
        self.parked.remove(process)
        return process

    def _start(self, role: str) -> Child:
        pid, pipe = fork(role, self.services)
        return Child(role, pid, pipe, state="at" if role == "worker" else "idle", where="start")
