"""The processes of one schedule, of which one goes on at a time: started, let on, listened to, killed, laid to rest."""

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
from tests.schedules.children import Parts, fork
from tests.schedules.page import Page
from tests.schedules.picture import PAGE_SECONDS
from tests.schedules.points import Order
from tests.schedules.service import Service

BURSTS = (1, 1, 2, 3, 5, 8, 13, 30)
"""For how many points a process runs on at a time."""
FAR = 1_000_000
"""Points, more than there are."""


@dataclass
class Job:
    """Something to be done by a web process or the hand, until it is answered well."""

    role: str
    request: Any
    page: Page | None = None
    not_before: int = 0
    """Not until so many messages were heard."""
    is_disturbed: bool = False
    """Something was done to it that excuses a bad answer."""


@dataclass
class Child:
    """A process of ours.

    state: idle, at (a point), blocked (at a point where it would have to wait), asleep, dark (let on, and not heard of
    since), resting, dead.
    """

    role: str
    pid: int
    pipe: PipeEnd
    state: str = "idle"
    where: str = ""
    wakes_at: float = 0
    job: Job | None = None


@dataclass
class Family:
    """`ask` puts a question to the librarian; `answered` and `abandoned` hear how jobs went."""

    parts: Parts
    service: Service
    ask: Callable[..., Any]
    nursery: list[Child]
    """Processes that the schedule before did not kill; to fork one costs as much as four notices."""
    rng: Random
    deadline: float
    answered: Callable[[Job, int, str], None]
    abandoned: Callable[[Job], None]
    problem: Callable[[str], None]
    show: Callable[[str], None]
    now: float = 7200
    """What their clocks say, in seconds of the evening."""
    children: list[Child] = field(default_factory=list)
    granted: Child | None = None

    def gather(self, roles: list[str]) -> None:
        """Have a process for each of these roles."""
        self.children = [self._take_or_start(role) for role in roles]

    @property
    def alive(self) -> list[Child]:
        return [child for child in self.children if child.state != "dead"]

    def in_words(self) -> str:
        """Who is where."""
        return "; ".join(f"{child.role} {child.state} {child.where[:60]}" for child in self.children)

    # --- going on -----------------------------------------------------------------------------------------------------

    def begin(self, child: Child, job: Job) -> None:
        """Give it something to do."""
        child.job, child.where = job, "begin"
        self.let_on(child, first=job.request)

    def let_on(self, child: Child, *, first: Any = None, stumbles: bool = False, chores: bool = False) -> None:
        """Let it go on to one of its next points; wait until it is there, or waits itself for one who is not let on."""
        order = Order(self._time_for(child), self.rng.choice(BURSTS), stumbles, chores)
        child.pipe.send((first, order) if first else order)
        child.state = "dark"
        self.granted = child
        while child.state == "dark" and time.monotonic() < self.deadline:
            self.listen(0.03)
            if child.state == "dark" and self._waits_in_the_database(child):
                break
        self.granted = None

    def listen(self, seconds: float) -> None:
        """Take whatever the dark ones and the service's clients say, for at most so long."""
        dark: dict[Any, Child] = {child.pipe: child for child in self.children if child.state == "dark"}
        readable, _, _ = select.select([*dark, *self.service.sockets], [], [], max(seconds, 0))
        for each in readable:
            if each in dark:
                self._hear(dark[each])
            else:
                self.service.turn(each)

    def _time_for(self, child: Child) -> float:
        """All pages are looked at in one moment, for they tell how long ago something was."""
        return PAGE_SECONDS if child.job and child.job.page else self.now

    def _waits_in_the_database(self, child: Child) -> bool:
        """For a row that another has locked who waits to be let on. On SQLite, all waiting is done at the write
        lock."""
        return not self.parts.database.is_sqlite and self.ask("waits_for_lock", child.pid)

    def _hear(self, child: Child) -> None:
        try:
            what, detail = child.pipe.recv()
        except (EOFError, OSError):
            if child.state != "dead":
                self.problem(f"a {child.role} died by itself, after {child.where}")
                self.bury(child)
            return
        if what == "locked":
            if detail == "SQLITE_BUSY":
                self.problem(f"a {child.role} found SQLite locked: it had not waited at the write lock")
            return
        self.say(f"{what} {detail}", child)
        child.where, child.state = str(detail), what
        if what == "asleep":
            child.wakes_at = (detail - EVENING) / timedelta(seconds=1)
        elif what == "answer":
            child.state = "idle"
            job, child.job = child.job, None
            if job:
                self.answered(job, *detail)

    def say(self, what: str, child: Child) -> None:
        """For whoever wants to see every step."""
        self.show(f"{self.now:9.3f} {child.role} {child.pid} {what}")

    # --- coming and going ---------------------------------------------------------------------------------------------

    def kill(self, child: Child) -> None:
        """kill -9."""
        self.say(f"is killed at {child.where}", child)
        self.bury(child)

    def kill_at_any_moment(self, child: Child) -> None:
        """While it runs, wherever it is. Here alone the seed doesn't say what happens."""
        child.pipe.send(Order(self._time_for(child), FAR))
        child.state, child.where = "dark", "some place"
        self.listen(self.rng.uniform(0, 0.004))
        self.kill(child)

    def kill_sender(self) -> None:
        """Kill the worker whose messages have just come in, before it gets its answer."""
        sending = [child for child in self.children if child.role == "worker" and child.state == "dark"]
        if sending:
            self.kill(self.granted if self.granted in sending and self.granted else sending[0])

    def restart(self, child: Child) -> None:
        """Put another in the place of a dead one."""
        self.children[self.children.index(child)] = self._start(child.role)

    def anew(self, role: str) -> Child:
        """Kill one of that role; another in its place, which remembers nothing."""
        place = next(place for place, child in enumerate(self.children) if child.role == role)
        self.kill(self.children[place])
        self.restart(self.children[place])
        return self.children[place]

    def bury(self, child: Child) -> None:
        """Kill it, if it isn't dead. What it was doing is not done, or nobody will ever be told."""
        if child.state == "dead":
            return
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        child.pipe.close()
        child.state = "dead"
        self.service.hear_out()
        if not self.parts.database.is_sqlite:
            self.ask("wait_until_gone", child.pid)
        job, child.job = child.job, None
        if job:
            self.abandoned(job)

    def lay_to_rest(self, *, all_is_well: bool) -> None:
        """Have whoever is well rest until the next schedule, and kill the others."""
        for child in self.alive:
            if not (all_is_well and child.state in ("idle", "asleep")):
                self.bury(child)
                continue
            order = Order(self.now, FAR, rests=True)
            child.pipe.send(order if child.role == "worker" else (None, order))
            child.state = "dark"
        while any(child.state == "dark" for child in self.children) and time.monotonic() < self.deadline:
            self.listen(0.1)
        for child in self.alive:
            if child.state == "resting":
                child.state = "at" if child.role == "worker" else "idle"
                self.nursery.append(child)
            else:
                self.bury(child)

    def _take_or_start(self, role: str) -> Child:
        rested = next((child for child in self.nursery if child.role == role), None)
        if rested is None:
            return self._start(role)
        self.nursery.remove(rested)
        return rested

    def _start(self, role: str) -> Child:
        pid, pipe = fork(role, self.parts)
        return Child(role, pid, pipe, state="at" if role == "worker" else "idle", where="start")
