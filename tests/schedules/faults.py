"""The faults of a schedule: kills, failures and broken connections. Their numbers are drawn beforehand."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.schedules.page import Page
from tests.schedules.process_pool import Child, ProcessPool
from tests.schedules.proxy import RequestOutcome

NEVER_FAILING = ("answer", "RELEASE SAVEPOINT", "ROLLBACK")
"""Stop points where no failure is injected: a real failure there is one of the connection, and ends the transaction."""

WeightedAction = tuple[float, Callable[[], None]]
"""A possible action, with its weight among the others."""


@dataclass
class Faults:
    """The faults of one pool of processes and of the pages of its customers."""

    pool: ProcessPool
    pages: dict[str, Page]
    counts: Counter[str]
    have_disturbed: bool = False
    """Whether a statement was made to fail. Then a notice may be stored as failed, each time that it is tried again."""

    def __post_init__(self) -> None:
        self.rng = rng = self.pool.rng
        self.kills = rng.choice((0, 1, 2, 3, 4, 6))
        self.failing_statements = rng.choice((0, 0, 0, 1, 2))
        self.cuts = 0 if self.pool.services.database.is_sqlite else rng.choice((0, 0, 0, 1))
        self.engine_kills = rng.choice((0, 0, 1, 2))
        self.request_failures = rng.choice((0, 0, 1, 3))
        self.disconnections = rng.choice((0, 1, 2))
        self.pauses = rng.choice((0, 0, 1, 2))

    def moves(self) -> Iterator[WeightedAction]:
        """Yield the faults that are possible now."""
        alive, proxy = self.pool.alive, self.pool.proxy
        if self.kills and alive:
            yield 0.35, lambda: self._kill(self.rng.choice(alive), self.pool.kill)
            if busy := [child for child in alive if child.state in ("at", "blocked")]:
                yield 0.3, lambda: self._kill(self.rng.choice(busy), self.pool.kill)
                yield 0.15, lambda: self._kill(self.rng.choice(busy), self.pool.kill_at_any_moment)
        if self.cuts and alive:
            yield 0.3, lambda: self._cut(self.rng.choice(alive))
        if proxy.is_down:
            yield 0.6, proxy.start_engine
        elif self.engine_kills:
            yield 0.2, self._kill_engine
        if self.disconnections and (listening := [page for page in self.pages.values() if page.is_subscribed]):
            yield 0.3, lambda: self._disconnect_page(self.rng.choice(listening))
        if self.pauses:
            yield 0.1, self._let_time_pass

    def resume(self, child: Child) -> None:
        """Resume the process from its stop point, where the statement sometimes fails."""
        may_fail = self.failing_statements and child.role == "web" and not child.where.startswith(NEVER_FAILING)
        must_fail = bool(may_fail and self.rng.random() < 0.03)
        if must_fail:
            self.failing_statements -= 1
            self.counts["failing statements"] += 1
            self.pool.log(f"is made to fail at {child.where}", child)
            self._disturb(child)
        self.pool.resume(child, must_fail=must_fail)

    def outcome_of_request(self) -> RequestOutcome:
        """Draw what becomes of a request that has arrived."""
        if not self.request_failures or self.rng.random() > 0.25:
            return RequestOutcome.TAKEN
        self.request_failures -= 1
        outcome = self.rng.choice([outcome for outcome in RequestOutcome if outcome is not RequestOutcome.TAKEN])
        self.counts[f"requests {outcome.in_words}"] += 1
        return outcome

    def kill_sender(self) -> None:
        """Kill the worker whose request has just been received."""
        self.counts["kills"] += 1
        self.pool.kill_sender()

    def _kill(self, child: Child, how: Callable[[Child], None]) -> None:
        self.kills -= 1
        self.counts["kills"] += 1
        how(child)

    def _cut(self, child: Child) -> None:
        """Break the process's connections to the database."""
        self.cuts -= 1
        self.counts["cuts"] += 1
        self.pool.log(f"loses its connections at {child.where}", child)
        self._disturb(child)
        self.pool.ask("cut", child.pid)
        self.pool.ask("wait_until_gone", child.pid)

    def _kill_engine(self) -> None:
        self.engine_kills -= 1
        self.counts["kills of the engine"] += 1
        self.pool.proxy.kill_engine()

    def _disconnect_page(self, page: Page) -> None:
        self.disconnections -= 1
        self.counts["pages disconnected"] += 1
        page.disconnect()

    def _let_time_pass(self) -> None:
        """Let minutes or an hour go by without any notice, so that what comes afterwards is late."""
        self.pauses -= 1
        self.counts["pauses"] += 1
        self.pool.now += self.rng.uniform(60, 4000)

    def _disturb(self, child: Child) -> None:
        self.have_disturbed = True
        if child.job:
            child.job.is_disturbed = True
