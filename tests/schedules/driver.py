"""One schedule: what is delivered where, and who goes on when. All of it follows from the seed, for each process stops
at its points, and who goes on next is drawn; only who is killed while it runs is killed wherever it is then.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from tests.schedules.children import Parts, notice_request, region_request
from tests.schedules.ear import Ear
from tests.schedules.family import Child, Family, Job
from tests.schedules.librarian import Accounts
from tests.schedules.page import Page
from tests.schedules.publication import flaws_of_publication
from tests.schedules.service import Heard, Service
from tests.schedules.troubles import Move, Troubles
from tests.schedules.world import Life, some_lives
from tracker.live.wire import order_channel

SECONDS_FOR_ALL = 60
"""Real ones. Whoever takes longer is stuck."""
ROUNDS_OF_REST = 400
ENOUGH = 5
"""Problems, after which a schedule need not be played to its end."""


@dataclass
class Schedule:
    """Plays one seed. `ask` puts a question to the librarian."""

    seed: int
    parts: Parts
    service: Service
    ask: Callable[..., Any]
    nursery: list[Child]
    show: Callable[[str], None] = lambda _: None
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    pages: dict[str, Page] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = rng = Random(self.seed)  # noqa: S311  it has to be the same each time
        self.lives: list[Life] = some_lives(rng)
        self.has_hands = any(life.words for life in self.lives)
        self.deadline = time.monotonic() + SECONDS_FOR_ALL
        self.family = Family(
            self.parts,
            self.service,
            self.ask,
            self.nursery,
            rng,
            self.deadline,
            answered=self._answered,
            abandoned=self._abandoned,
            problem=self.problems.append,
            show=self.show,
        )
        self.troubles = Troubles(self.family, self.pages, self.counts)

    # --- the whole ----------------------------------------------------------------------------------------------------

    def play(self) -> list[str]:
        """Let everything happen and finish, and say what is wrong then."""
        self.accounts: Accounts = self.ask("prepare")
        self._plan_deliveries()
        self.service.begin(self.heard, self.troubles.fate_of_request, self.troubles.kill_sender)
        try:
            self.family.gather(["web", "web", "worker", "worker"] + (["hand"] if self.has_hands else []))
            self._go_on_until_all_is_done()
            if not self.problems:
                self._compare_pages()
        except OSError as error:
            self.problems.append(f"the engine did not do as it should: {error!r}")
        finally:
            self.family.lay_to_rest(all_is_well=not self.problems)
            self.service.end()
            for page in self.pages.values():
                page.lose_the_connection()
        if not self.problems:
            problems, versions = self.ask("examine", self.lives)
            self.problems += [*problems, *flaws_of_publication(self.heard, versions)]
        return list(dict.fromkeys(self.problems))

    def _plan_deliveries(self) -> None:
        for life in self.lives:
            platform_account = self.accounts.platform_accounts[life.platform_account]
            for body in life.notices:
                copies = self.rng.choice((1, 1, 1, 2, 2, 3))
                self.jobs += [Job("web", notice_request(platform_account, body)) for _ in range(copies)]
        disorder = self.rng.choice((0.0, 1.0, 4.0, 100.0))
        order = {id(job): place + self.rng.uniform(0, disorder) for place, job in enumerate(self.jobs)}
        self.jobs.sort(key=lambda job: order[id(job)])
        for life in self.lives:
            for word in life.words:
                what = (self.accounts.platform_accounts[life.platform_account], str(life.number), word.at, word.status)
                self.jobs.append(Job("hand", what))

    def _go_on_until_all_is_done(self) -> None:
        rounds = 0
        while len(self.problems) < ENOUGH:
            if rounds == ROUNDS_OF_REST or time.monotonic() > self.deadline:
                self.problems.append(f"it does not come to an end: {self.family.in_words()}")
                return
            if self._has_come_to_rest():
                if self._rest():
                    return
                rounds += 1
            self._move()

    def _has_come_to_rest(self) -> bool:
        """Everything was answered, and whoever is left sleeps."""
        return (
            not self.jobs
            and all(child.state == ("asleep" if child.role == "worker" else "idle") for child in self.family.children)
            and all(page.is_quiet for page in self.pages.values())
            and not self.service.is_down
        )

    def _rest(self) -> bool:
        """Whether nothing is left to do. Else time goes by, until somebody has a reason to wake up."""
        pending, failed = self.ask("left_to_do")
        if not pending and not failed:
            return True
        self.family.now += self.rng.uniform(0.2, 5)
        for child in self.family.children:
            if child.role == "worker" and child.state == "asleep":
                self.family.let_on(child, chores=bool(failed))
        return False

    def _compare_pages(self) -> None:
        """Load each page afresh from a server that remembers nothing; does the one that only listened show the same?"""
        web = self.family.anew("web")
        for page in self.pages.values():
            fresh = Page(page.order_id, page.customer)
            self._begin(web, self._question_of(fresh))
            while web.state != "idle" and time.monotonic() < self.deadline:
                self.family.let_on(web) if web.state in ("at", "blocked") else self.family.listen(0.05)
            if difference := page.difference_to(fresh):
                self.problems.append(f"a page that only listened is not like a fresh one: {difference}")

    # --- moves --------------------------------------------------------------------------------------------------------

    def _move(self) -> None:
        """One thing happens."""
        moves = list(self._possible_moves())
        if not moves:
            self.family.listen(0.05)
            self._pass_on()
            return
        _, move = self.rng.choices(moves, weights=[weight for weight, _ in moves])[0]
        self.family.now += self.rng.uniform(0, 0.02)
        move()
        self._pass_on()

    def _possible_moves(self) -> Iterator[Move]:
        for child in self.family.children:
            match child.state:
                case "at":
                    yield 6, partial(self.troubles.let_on, child)
                case "blocked":
                    yield 1, partial(self.family.let_on, child)
                case "asleep":
                    yield 2 if child.wakes_at <= self.family.now else 0.5, partial(self._wake, child)
                case "idle":
                    yield from self._new_jobs(child)
                case "dead":
                    yield 2, partial(self.family.restart, child)
        for page in self.pages.values():
            if page.region and not page.is_subscribed and not self.service.is_down:
                yield 1, partial(self._subscribe, page)
        yield from self.troubles.moves()

    def _new_jobs(self, child: Child) -> Iterator[Move]:
        job = next((job for job in self.jobs if job.role == child.role and self._is_due(job)), None)
        if job:
            yield 4, partial(self._begin, child, job)
        for page in self.pages.values() if child.role == "web" else ():
            if not page.is_asking and (page.wants_to_ask or not page.region):
                yield 3 if page.region else 0.5, partial(self._ask_for, page, child)

    def _is_due(self, job: Job) -> bool:
        """Whether there is a reason to try it: where there was no order to speak of, that something was said since."""
        return len(self.heard) >= job.not_before or all(each.role == job.role for each in self.jobs)

    def _begin(self, child: Child, job: Job) -> None:
        if job in self.jobs:
            self.jobs.remove(job)
        if job.page:
            job.page.ask()
        self.family.begin(child, job)

    def _ask_for(self, page: Page, child: Child) -> None:
        self._begin(child, self._question_of(page))

    def _question_of(self, page: Page) -> Job:
        page.customer = page.customer or self.ask("customer_of", page.order_id)
        cookie = self.accounts.cookies.get(page.customer, "")
        return Job("web", region_request(page.order_id, cookie, page.etag), page)

    def _wake(self, child: Child) -> None:
        self.family.let_on(child, chores=self.rng.random() < 0.3)

    def _subscribe(self, page: Page) -> None:
        page.subscribe(Ear(self.service.engine, self.parts.settings, order_channel(page.order_id)))

    # --- answers and messages -----------------------------------------------------------------------------------------

    def _answered(self, job: Job, status: int, body: str) -> None:
        if job.page:
            job.page.answered(status, body)
            if status not in (200, 304, 401, 404) and not job.is_disturbed:
                self.problems.append(f"a page was answered with {status} for no reason")
            return
        self.counts["words by hand" if job.role == "hand" else "notices"] += 1
        if not 200 <= status < 300:
            if job.role == "web" and not (job.is_disturbed or self.has_hands):
                self.problems.append(f"a notice was answered with {status} for no reason")
            job.not_before = len(self.heard) + 1
            self._do_again(job)
        elif '"failed"' in body and not self.troubles.were_disturbing:
            self.problems.append("a notice could not be acted on, for no reason")

    def _abandoned(self, job: Job) -> None:
        if job.page:
            job.page.answered(0, "")
        else:
            self._do_again(job)

    def _do_again(self, job: Job) -> None:
        job.is_disturbed = False
        self.jobs.insert(self.rng.randint(0, len(self.jobs)), job)

    def _pass_on(self) -> None:
        """Have the pages hear what has come in; an order of which nobody had heard gets one."""
        news = self.heard[self.counts["messages"] :]
        self.counts["messages"] += len(news)
        for page in self.pages.values():
            if page.ear and page.ear.is_deaf:
                page.lose_the_connection()
            if news:
                page.listen()
        for heard in news:
            if heard.channel.startswith("private-o-"):
                self.pages.setdefault(heard.order, Page(heard.order))
