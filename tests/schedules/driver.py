"""One schedule: who goes on when, what is delivered where, who is killed. All of it follows from the seed, as far as the
operating system and PostgreSQL let it; there one process goes on at a time, and each up to its next point.
"""

import os
import select
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection as PipeEnd
from random import Random
from typing import Any

from tests.builders import EVENING
from tests.schedules.children import Parts, fork, notice_request, region_request
from tests.schedules.librarian import Accounts
from tests.schedules.page import Page
from tests.schedules.picture import PAGE_SECONDS
from tests.schedules.points import Order
from tests.schedules.service import Fate, Heard, Service
from tests.schedules.world import Life, some_lives

SECONDS_FOR_ALL = 30
"""Real ones. Whoever takes longer is stuck."""
ROUNDS_OF_REST = 400
BURSTS = (1, 1, 2, 3, 5, 8, 13, 30)
"""For how many points a process runs on at a time."""
SURE = ("answer", "RELEASE SAVEPOINT", "ROLLBACK")
"""Points where nothing is made to fail: what fails there in truth is the connection, and with it the transaction."""
FAR = 1_000_000
"""Points, more than there are."""


@dataclass
class Child:
    """A process of ours. state: idle, at (a point), blocked, asleep, dark (it was let on and says nothing), dead."""

    role: str
    pid: int
    pipe: PipeEnd
    state: str = "idle"
    where: str = ""
    wakes_at: float = 0
    job: "Job | None" = None


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
class Schedule:
    """Plays one seed. `ask` puts a question to the librarian."""

    seed: int
    parts: Parts
    service: Service
    ask: Callable[..., Any]
    nursery: list[Child]
    """Processes that the schedule before did not kill; to fork one costs as much as four notices."""
    show: Callable[[str], None] = lambda _: None
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    now: float = 7200

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.lives: list[Life] = some_lives(self.rng)
        self.children: list[Child] = []
        self.pages: dict[str, Page] = {}
        self.jobs: list[Job] = []
        self.granted: Child | None = None
        self.heard: list[Heard] = []
        self.deadline = time.monotonic() + SECONDS_FOR_ALL
        self.kills = self.rng.choice((0, 1, 2, 3, 4, 6))
        self.stumbles = self.rng.choice((0, 0, 0, 1, 2))
        self.cuts = 0 if self.parts.database.is_sqlite else self.rng.choice((0, 0, 0, 1))
        self.outages = self.rng.choice((0, 0, 1, 2))
        self.mishaps = self.rng.choice((0, 0, 1, 3))
        self.drops = self.rng.choice((0, 1, 2))
        self.was_disturbed = False
        """A statement was made to fail; the notice that it concerned may be answered as failed, and again if it comes twice."""
        self.has_hands = any(life.words for life in self.lives)

    # --- the whole ----------------------------------------------------------------------------------------------------

    def play(self) -> list[str]:
        """Let everything happen and finish, and say what is wrong then."""
        self.accounts: Accounts = self.ask("prepare")
        self._plan_deliveries()
        self.service.fate, self.service.kills_sender = self._fate, self._kill_granted
        self.service.heard, self.service.is_down = self.heard, False
        try:
            self.children = [self._take_or_start(role) for role in self._roles()]
            rests = 0
            while rests < ROUNDS_OF_REST and time.monotonic() < self.deadline:
                if self._has_come_to_rest():
                    if self._rest():
                        break
                    rests += 1
                self._move()
            else:
                self.problems.append(f"it does not come to an end: {self._who_is_where()}")
            if not self.problems:
                self._compare_pages()
        finally:
            self._end()
        problems, orders = self.ask("examine", self.lives)
        return [*self.problems, *problems, *self._flaws_of_publication(orders)]

    def _end(self) -> None:
        """Have whoever is well rest until the next schedule, and kill the others."""
        for child in self.children:
            if child.state == "dark":
                self._bury(child)
            elif not self.problems and child.state in ("idle", "asleep"):
                order = Order(self.now, FAR, rests=True)
                child.pipe.send(order if child.role == "worker" else (None, order))
                child.state = "dark"
        while any(child.state == "dark" for child in self.children) and time.monotonic() < self.deadline:
            self._listen(0.1)
        for child in self.children:
            if child.state == "resting":
                child.state = "at" if child.role == "worker" else "idle"
                self.nursery.append(child)
            else:
                self._bury(child)
        self.service.go_down()

    def _roles(self) -> list[str]:
        return ["web", "web", "worker", "worker"] + (["hand"] if self.has_hands else [])

    def _plan_deliveries(self) -> None:
        for life in self.lives:
            connection = self.accounts.connections[life.connection]
            for body in life.notices:
                copies = self.rng.choice((1, 1, 1, 2, 2, 3))
                self.jobs += [Job("web", notice_request(connection, body)) for _ in range(copies)]
        disorder = self.rng.choice((0.0, 1.0, 4.0, 100.0))
        order = {id(job): place + self.rng.uniform(0, disorder) for place, job in enumerate(self.jobs)}
        self.jobs.sort(key=lambda job: order[id(job)])
        for life in self.lives:
            for word in life.words:
                what = (self.accounts.connections[life.connection], str(life.number), word.at, word.status)
                self.jobs.append(Job("hand", what))

    # --- moves --------------------------------------------------------------------------------------------------------

    def _move(self) -> None:
        """One thing happens."""
        moves = list(self._possible_moves())
        if not moves or all(weight == 0 for weight, _ in moves):
            self._listen(0.05)
            return
        _, move = self.rng.choices(moves, weights=[weight for weight, _ in moves])[0]
        self.now += self.rng.uniform(0, 0.02)
        move()

    def _possible_moves(self) -> Iterator[tuple[float, Callable[[], None]]]:
        for child in self.children:
            if child.state == "at":
                yield 6, lambda child=child: self._let_on(child)
            elif child.state == "blocked":
                yield 1, lambda child=child: self._let_on(child)
            elif child.state == "asleep":
                yield 2 if child.wakes_at <= self.now else 0.5, lambda child=child: self._wake(child)
            elif child.state == "idle":
                yield from self._new_jobs(child)
            elif child.state == "dead":
                yield 2, lambda child=child: self._restart(child)
        for page in self.pages.values():
            if page.region and not page.is_subscribed:
                yield 1, page.subscribe
        yield from self._troubles()

    def _new_jobs(self, child: Child) -> Iterator[tuple[float, Callable[[], None]]]:
        job = next((job for job in self.jobs if job.role == child.role and self._is_due(job)), None)
        if job:
            yield 4, lambda: self._begin(child, job)
        if child.role == "web":
            for page in self.pages.values():
                is_open = bool(page.region)
                if not page.is_asking and (page.wants_to_ask or not is_open):
                    yield 3 if is_open else 0.5, lambda page=page: self._begin(child, self._question_of(page))

    def _troubles(self) -> Iterator[tuple[float, Callable[[], None]]]:
        alive = [child for child in self.children if child.state != "dead"]
        if self.kills and alive:
            yield 0.35, lambda: self._kill(self.rng.choice(alive))
            busy = [child for child in alive if child.state in ("at", "blocked")]
            if busy:
                yield 0.3, lambda: self._kill(self.rng.choice(busy))
                yield 0.15, lambda: self._kill_at_any_moment(self.rng.choice(busy))
        if self.cuts and alive:
            yield 0.3, lambda: self._cut(self.rng.choice(alive))
        if self.service.is_down:
            yield 0.6, self._end_outage
        elif self.outages:
            yield 0.2, self._begin_outage
        listening = [page for page in self.pages.values() if page.is_subscribed]
        if self.drops and listening:
            yield 0.3, lambda: self._drop(self.rng.choice(listening))

    def _begin(self, child: Child, job: Job) -> None:
        if job in self.jobs:
            self.jobs.remove(job)
        if job.page:
            job.page.ask()
        child.job = job
        child.where = "begin"
        self._grant(child, first=job.request)

    def _is_due(self, job: Job) -> bool:
        """Whether there is a reason to try it: where there was no order to speak of, that something has happened since."""
        return len(self.heard) >= job.not_before or all(each.role == job.role for each in self.jobs)

    def _question_of(self, page: Page) -> Job:
        page.customer = page.customer or self.ask("customer_of", page.order_id)
        cookie = self.accounts.cookies.get(page.customer, "")
        return Job("web", region_request(page.order_id, cookie, page.etag), page)

    def _let_on(self, child: Child) -> None:
        stumbles = False
        may_stumble = child.role == "web" and child.state == "at" and not child.where.startswith(SURE)
        if self.stumbles and may_stumble and self.rng.random() < 0.03:
            self.stumbles -= 1
            stumbles = True
            self.was_disturbed = True
            self._note("stumbles", child)
            if child.job:
                child.job.is_disturbed = True
        self._grant(child, stumbles=stumbles)

    def _wake(self, child: Child) -> None:
        self._grant(child, chores=self.rng.random() < 0.3)

    def _grant(self, child: Child, *, first: Any = None, stumbles: bool = False, chores: bool = False) -> None:
        now = PAGE_SECONDS if child.job and child.job.page else self.now
        order = Order(now, self.rng.choice(BURSTS), stumbles, chores)
        child.pipe.send((first, order) if first else order)
        child.state = "dark"
        self.granted = child
        while child.state == "dark" and time.monotonic() < self.deadline:
            self._listen(0.03)
            if child.state == "dark" and self._waits_in_the_database(child):
                break
        if child.state == "dark":
            self.counts["dark"] += 1
            self.show(f"{self.now:9.3f} {child.role} {child.pid} is dark after {child.where}")
        self.granted = None

    def _waits_in_the_database(self, child: Child) -> bool:
        """For a row that somebody else has locked, who waits to be let on. On SQLite all waiting is done at the gate."""
        return not self.parts.database.is_sqlite and self.ask("waits_for_lock", child.pid)

    def _listen(self, seconds: float) -> None:
        """Take whatever the dark ones and the service's clients say, for at most so long."""
        dark = {child.pipe: child for child in self.children if child.state == "dark"}
        sockets = self.service.sockets
        readable, _, _ = select.select([*dark, *sockets], [], [], max(seconds, 0))
        for each in readable:
            if each in dark:
                self._hear_child(dark[each])
            else:
                self.service.turn(each)
        self._pass_on()

    def _hear_child(self, child: Child) -> None:
        try:
            what, detail = child.pipe.recv()
        except (EOFError, OSError):
            if child.state != "dead":
                self.problems.append(f"a {child.role} died by itself, after {child.where}")
                self._bury(child)
            return
        if what == "locked":
            if detail == "SQLITE_BUSY":
                self.problems.append(f"a {child.role} found SQLite locked: it had not waited at the gate")
            return
        self.show(f"{self.now:9.3f} {child.role} {child.pid} {what} {detail}")
        child.where = str(detail)
        child.state = what
        if what == "asleep":
            child.wakes_at = (detail - EVENING) / timedelta(seconds=1)
        elif what == "answer":
            child.state = "idle"
            self._answered(child, *detail)

    def _answered(self, child: Child, status: int, body: str) -> None:
        job, child.job = child.job, None
        assert job
        if job.page:
            job.page.answered(status, body)
            if status not in (200, 304, 401, 404) and not job.is_disturbed:
                self.problems.append(f"a page was answered with {status}")
            return
        if not 200 <= status < 300:
            if job.role == "web" and not (job.is_disturbed or self.has_hands):
                self.problems.append(f"a notice was answered with {status} for no reason")
            job.not_before = len(self.heard) + 1
            self._do_again(job)
        elif '"failed"' in body and not self.was_disturbed:
            self.problems.append("a notice could not be acted on, for no reason")
        self.counts[f"{job.role} jobs"] += 1

    def _do_again(self, job: Job) -> None:
        job.is_disturbed = False
        self.jobs.insert(self.rng.randint(0, len(self.jobs)), job)

    # --- messages -----------------------------------------------------------------------------------------------------

    def _pass_on(self) -> None:
        while self.counts["messages"] < len(self.heard):
            heard = self.heard[self.counts["messages"]]
            self.counts["messages"] += 1
            if not heard.channel.startswith("private-o-"):
                continue
            page = self.pages.get(heard.order)
            if page:
                page.hear(heard)
            else:
                self.pages[heard.order] = Page(heard.order, 0)

    def _fate(self) -> Fate:
        if not self.mishaps or self.rng.random() > 0.25:
            return Fate.TAKEN
        self.mishaps -= 1
        fate = self.rng.choice((Fate.BUSY, Fate.REFUSED, Fate.ANSWER_LOST, Fate.SENDER_KILLED))
        self.counts[f"requests {fate.name.lower()}"] += 1
        return fate

    # --- trouble ------------------------------------------------------------------------------------------------------

    def _kill(self, child: Child) -> None:
        self.kills -= 1
        self.counts["kills"] += 1
        self._note("is killed", child)
        self._bury(child)

    def _kill_at_any_moment(self, child: Child) -> None:
        """While it runs, wherever it is."""
        child.pipe.send(Order(self.now, FAR))
        child.state = "dark"
        self._listen(self.rng.uniform(0, 0.004))
        if child.state == "dark":
            child.where = "somewhere"
        self._kill(child)

    def _kill_granted(self) -> None:
        dark = [child for child in self.children if child.role == "worker" and child.state == "dark"]
        sender = self.granted if self.granted in dark else (dark or [None])[0]
        if sender:
            self.counts["kills"] += 1
            self._note("is killed while sending", sender)
            self._bury(sender)

    def _bury(self, child: Child) -> None:
        """Kill it, if it isn't dead, and see what that means for what it was doing."""
        if child.state == "dead":
            return
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        child.pipe.close()
        child.state = "dead"
        if not self.parts.database.is_sqlite:
            self.ask("wait_until_gone", child.pid)
        job, child.job = child.job, None
        if job and job.page:
            job.page.answered(0, "")
        elif job:
            self._do_again(job)

    def _start(self, role: str) -> Child:
        pid, pipe = fork(role, self.parts)
        return Child(role, pid, pipe, state="at" if role == "worker" else "idle", where="start")

    def _restart(self, child: Child) -> None:
        self.children[self.children.index(child)] = self._start(child.role)

    def _take_or_start(self, role: str) -> Child:
        rested = next((child for child in self.nursery if child.role == role), None)
        if rested is None:
            return self._start(role)
        self.nursery.remove(rested)
        return rested

    def _cut(self, child: Child) -> None:
        self.cuts -= 1
        self.counts["cuts"] += 1
        self._note("loses its connections", child)
        self.was_disturbed = True
        if child.job:
            child.job.is_disturbed = True
        self.ask("cut", child.pid)
        self.ask("wait_until_gone", child.pid)

    def _begin_outage(self) -> None:
        self.outages -= 1
        self.counts["outages"] += 1
        self.service.go_down()

    def _end_outage(self) -> None:
        self.service.is_down = False

    def _drop(self, page: Page) -> None:
        self.drops -= 1
        page.lose_the_connection()

    def _note(self, what: str, child: Child) -> None:
        self.show(f"{self.now:9.3f} {child.role} {child.pid} {what} at {child.where}")

    # --- the end ------------------------------------------------------------------------------------------------------

    def _has_come_to_rest(self) -> bool:
        """Everything was answered, and whoever is left sleeps."""
        return (
            not self.jobs
            and all(child.state == ("asleep" if child.role == "worker" else "idle") for child in self.children)
            and all(page.is_quiet for page in self.pages.values())
            and not self.service.is_down
        )

    def _rest(self) -> bool:
        """Whether nothing is left to do. Else time goes by, until somebody has a reason to wake up."""
        pending, failed = self.ask("left_to_do")
        if not pending and not failed:
            return True
        self.now += self.rng.uniform(0.2, 5)
        for child in self.children:
            if child.role == "worker" and child.state == "asleep":
                self._grant(child, chores=bool(failed))
        return False

    def _compare_pages(self) -> None:
        """Load each page afresh, and see whether the one that only listened shows the same."""
        self.kills = self.stumbles = self.cuts = 0
        for page in self.pages.values():
            shown, fresh = page.region, Page(page.order_id, page.customer)
            child = next(child for child in self.children if child.role == "web")
            self._begin(child, self._question_of(fresh))
            while child.state != "idle" and time.monotonic() < self.deadline:
                if child.state in ("at", "blocked"):
                    self._grant(child)
                else:
                    self._listen(0.05)
            if not fresh.region or shown != fresh.region:
                self.problems.append(f"a page that only listened is not like a fresh one:{_first_difference(shown, fresh)}")

    def _flaws_of_publication(self, orders: dict[str, tuple[str, int]]) -> list[str]:
        flaws = []
        for order_id, (name, version) in orders.items():
            channels: dict[str, list[int]] = {}
            for heard in self.heard:
                if heard.order == order_id:
                    channels.setdefault(heard.channel, []).append(heard.number)
            numbers = [heard.number for heard in self.heard if heard.order == order_id]
            missing = set(range(1, version + 1)) - set(numbers)
            if missing:
                flaws.append(f"{name}: never published: {sorted(missing)}")
            if any(later > earlier + 1 for earlier, later in zip([0, *numbers], numbers, strict=False)):
                flaws.append(f"{name}: published out of order: {numbers}")
            if numbers and numbers[-1] != version:
                flaws.append(f"{name}: the last that was said is not the newest: {numbers}")
        return flaws

    def _who_is_where(self) -> str:
        return "; ".join(f"{child.role} {child.state} {child.where}" for child in self.children)


def _first_difference(shown: str, fresh: Page) -> str:
    pairs = zip(shown.splitlines(), fresh.region.splitlines(), strict=False)
    was, now = next(((a.strip(), b.strip()) for a, b in pairs if a != b), ("", "its length"))
    return f" {was[:200]!r} instead of {now[:200]!r}"
