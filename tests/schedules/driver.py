"""One schedule: which notice goes to which process, and which process continues when.

All of it follows from the seed, because each process stops at its stop points and the next process is drawn at random.
The one exception is a process that is killed while it runs: the seed does not determine where it is then.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from tests.schedules.channel_socket import ChannelSocket
from tests.schedules.children import Services, notice_request, region_request
from tests.schedules.examiner import Accounts
from tests.schedules.faults import Faults, WeightedAction
from tests.schedules.page import Page
from tests.schedules.process_pool import Child, Job, ProcessPool
from tests.schedules.proxy import ChannelsProxy, ReceivedMessage
from tests.schedules.publication import publication_flaws
from tests.schedules.scenarios import OrderScenario, random_scenarios
from tracker.live.wire import order_channel

TIMEOUT = 60
"""Seconds of real time. A schedule that takes longer hangs."""
MOST_IDLE_ROUNDS = 400
MOST_PROBLEMS = 5
"""The number of problems after which a schedule is not played to its end."""


@dataclass
class Schedule:
    """Plays one seed. `ask` sends a question to the examiner."""

    seed: int
    services: Services
    proxy: ChannelsProxy
    ask: Callable[..., Any]
    parked: list[Child]
    show: Callable[[str], None] = lambda _: None
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    pages: dict[str, Page] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    received: list[ReceivedMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = rng = Random(self.seed)  # noqa: S311  has to be the same each time
        self.scenarios: list[OrderScenario] = random_scenarios(rng)
        self.has_staff = any(scenario.updates for scenario in self.scenarios)
        self.deadline = time.monotonic() + TIMEOUT
        self.pool = ProcessPool(
            self.services,
            self.proxy,
            self.ask,
            self.parked,
            rng,
            self.deadline,
            answered=self._answered,
            abandoned=self._abandoned,
            problem=self.problems.append,
            show=self.show,
        )
        self.faults = Faults(self.pool, self.pages, self.counts)

    def play(self) -> list[str]:
        """Play the schedule to its end and return the problems."""
        self.accounts: Accounts = self.ask("prepare")
        self._plan_deliveries()
        self.proxy.begin(self.received, self.faults.outcome_of_request, self.faults.kill_sender)
        try:
            self.pool.start_all(["web", "web", "worker", "worker"] + (["staff"] if self.has_staff else []))
            self._run_to_the_end()
            if not self.problems:
                self._compare_pages()
        except OSError as error:
            self.problems.append(f"the engine failed: {error!r}")
        finally:
            self.pool.park_all(all_is_well=not self.problems)
            self.proxy.end()
            for page in self.pages.values():
                page.disconnect()
        if not self.problems:
            problems, versions = self.ask("examine", self.scenarios)
            self.problems += [*problems, *publication_flaws(self.received, versions)]
        return list(dict.fromkeys(self.problems))

    def _plan_deliveries(self) -> None:
        for scenario in self.scenarios:
            platform_account = self.accounts.platform_accounts[scenario.platform_account]
            for body in scenario.notices:
                copies = self.rng.choice((1, 1, 1, 2, 2, 3))
                self.jobs += [Job("web", notice_request(platform_account, body)) for _ in range(copies)]
        disorder = self.rng.choice((0.0, 1.0, 4.0, 100.0))
        order = {id(job): place + self.rng.uniform(0, disorder) for place, job in enumerate(self.jobs)}
        self.jobs.sort(key=lambda job: order[id(job)])
        for scenario in self.scenarios:
            for update in scenario.updates:
                account = self.accounts.platform_accounts[scenario.platform_account]
                self.jobs.append(Job("staff", (account, str(scenario.number), update.at, update.status)))

    def _run_to_the_end(self) -> None:
        rounds = 0
        while len(self.problems) < MOST_PROBLEMS:
            if rounds == MOST_IDLE_ROUNDS or time.monotonic() > self.deadline:
                self.problems.append(f"the schedule does not end: {self.pool.in_words()}")
                return
            if self._is_idle():
                if self._finish_or_advance_clock():
                    return
                rounds += 1
            self._move()

    def _is_idle(self) -> bool:
        """Return whether all requests were answered and all processes wait or sleep."""
        return (
            not self.jobs
            and all(child.state == ("asleep" if child.role == "worker" else "idle") for child in self.pool.children)
            and all(page.is_quiet for page in self.pages.values())
            and not self.proxy.is_down
        )

    def _finish_or_advance_clock(self) -> bool:
        """Return True if nothing is left to do. Otherwise let time go by, so that a worker has a reason to wake up."""
        pending, failed = self.ask("left_to_do")
        if not pending and not failed:
            return True
        self.pool.now += self.rng.uniform(0.2, 5)
        for child in self.pool.children:
            if child.role == "worker" and child.state == "asleep":
                self.pool.resume(child, chores=bool(failed))
        return False

    def _compare_pages(self) -> None:
        """Load each page again from a restarted server without a cache, and compare it with the open page."""
        web = self.pool.replace("web")
        for page in self.pages.values():
            fresh = Page(page.order_id, page.customer)
            self._begin(web, self._refresh_of(fresh))
            while web.state != "idle" and time.monotonic() < self.deadline:
                self.pool.resume(web) if web.state in ("at", "blocked") else self.pool.listen(0.05)
            if difference := page.difference_to(fresh):
                self.problems.append(f"a page that only listened differs from a fresh one: {difference}")

    def _move(self) -> None:
        """Choose one possible action and do it."""
        moves = list(self._possible_moves())
        if not moves:
            self.pool.listen(0.05)
            self._deliver_messages()
            return
        _, move = self.rng.choices(moves, weights=[weight for weight, _ in moves])[0]
        self.pool.now += self.rng.uniform(0, 0.02)
        move()
        self._deliver_messages()

    def _possible_moves(self) -> Iterator[WeightedAction]:
        for child in self.pool.children:
            match child.state:
                case "at":
                    yield 6, partial(self.faults.resume, child)
                case "blocked":
                    yield 1, partial(self.pool.resume, child)
                case "asleep":
                    yield 2 if child.wakes_at <= self.pool.now else 0.5, partial(self._wake, child)
                case "idle":
                    yield from self._new_jobs(child)
                case "dead":
                    yield 2, partial(self.pool.restart, child)
        for page in self.pages.values():
            if page.region and not page.is_subscribed and not self.proxy.is_down:
                yield 1, partial(self._subscribe, page)
        yield from self.faults.moves()

    def _new_jobs(self, child: Child) -> Iterator[WeightedAction]:
        job = next((job for job in self.jobs if job.role == child.role and self._is_due(job)), None)
        if job:
            yield 4, partial(self._begin, child, job)
        for page in self.pages.values() if child.role == "web" else ():
            if not page.is_refreshing and (page.needs_refresh or not page.region):
                yield 3 if page.region else 0.5, partial(self._refresh, page, child)

    def _is_due(self, job: Job) -> bool:
        """Return whether the job may be tried: one that has failed waits for another message."""
        return len(self.received) >= job.not_before or all(each.role == job.role for each in self.jobs)

    def _begin(self, child: Child, job: Job) -> None:
        if job in self.jobs:
            self.jobs.remove(job)
        if job.page:
            job.page.begin_refresh()
        self.pool.begin(child, job)

    def _refresh(self, page: Page, child: Child) -> None:
        self._begin(child, self._refresh_of(page))

    def _refresh_of(self, page: Page) -> Job:
        page.customer = page.customer or self.ask("customer_of", page.order_id)
        cookie = self.accounts.cookies.get(page.customer, "")
        return Job("web", region_request(page.order_id, cookie, page.etag), page)

    def _wake(self, child: Child) -> None:
        self.pool.resume(child, chores=self.rng.random() < 0.3)

    def _subscribe(self, page: Page) -> None:
        page.subscribe(ChannelSocket(self.proxy.engine, self.services.settings, order_channel(page.order_id)))

    def _answered(self, job: Job, status: int, body: str) -> None:
        if job.page:
            job.page.finish_refresh(status, body)
            if status not in (200, 304, 401, 404) and not job.is_disturbed:
                self.problems.append(f"a page was answered with {status}, although no fault was injected")
            return
        self.counts["updates by staff" if job.role == "staff" else "notices"] += 1
        if not 200 <= status < 300:
            if job.role == "web" and not (job.is_disturbed or self.has_staff):
                self.problems.append(f"a notice was answered with {status}, although no fault was injected")
            job.not_before = len(self.received) + 1
            self._put_back(job)
        elif '"failed"' in body and not self.faults.have_disturbed:
            self.problems.append("a notice could not be acted on, although no fault was injected")

    def _abandoned(self, job: Job) -> None:
        if job.page:
            job.page.finish_refresh(0, "")
        else:
            self._put_back(job)

    def _put_back(self, job: Job) -> None:
        job.is_disturbed = False
        self.jobs.insert(self.rng.randint(0, len(self.jobs)), job)

    def _deliver_messages(self) -> None:
        """Let the pages read the new messages, and create a page for each order that appears for the first time."""
        new = self.received[self.counts["messages"] :]
        self.counts["messages"] += len(new)
        for page in self.pages.values():
            if page.channel_socket and page.channel_socket.is_disconnected:
                page.disconnect()
            if new:
                page.listen()
        for received in new:
            if received.channel.startswith("private-o-"):
                self.pages.setdefault(received.order, Page(received.order))
