"""What goes wrong in a schedule, and how often: who is killed, what fails, what breaks. Drawn beforehand; used up."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.schedules.family import Child, Family
from tests.schedules.page import Page
from tests.schedules.service import Fate

SURE = ("answer", "RELEASE SAVEPOINT", "ROLLBACK")
"""Points where nothing is made to fail: what fails there in truth is the connection, and with it the transaction."""

Move = tuple[float, Callable[[], None]]
"""What could happen next, and how likely, beside the others."""


@dataclass
class Troubles:
    """The troubles of one family of processes and of the pages of its customers."""

    family: Family
    pages: dict[str, Page]
    counts: Counter[str]
    were_disturbing: bool = False
    """A statement was made to fail: the notice may be answered as failed, and each time that it comes again."""

    def __post_init__(self) -> None:
        self.rng = rng = self.family.rng
        self.kills = rng.choice((0, 1, 2, 3, 4, 6))
        self.stumbles = rng.choice((0, 0, 0, 1, 2))
        self.cuts = 0 if self.family.parts.database.is_sqlite else rng.choice((0, 0, 0, 1))
        self.engine_kills = rng.choice((0, 0, 1, 2))
        self.mishaps = rng.choice((0, 0, 1, 3))
        self.drops = rng.choice((0, 1, 2))
        self.pauses = rng.choice((0, 0, 1, 2))

    def moves(self) -> Iterator[Move]:
        """What could go wrong now."""
        alive, service = self.family.alive, self.family.service
        if self.kills and alive:
            yield 0.35, lambda: self._kill(self.rng.choice(alive), self.family.kill)
            if busy := [child for child in alive if child.state in ("at", "blocked")]:
                yield 0.3, lambda: self._kill(self.rng.choice(busy), self.family.kill)
                yield 0.15, lambda: self._kill(self.rng.choice(busy), self.family.kill_at_any_moment)
        if self.cuts and alive:
            yield 0.3, lambda: self._cut(self.rng.choice(alive))
        if service.is_down:
            yield 0.6, service.come_up
        elif self.engine_kills:
            yield 0.2, self._kill_engine
        if self.drops and (listening := [page for page in self.pages.values() if page.is_subscribed]):
            yield 0.3, lambda: self._drop(self.rng.choice(listening))
        if self.pauses:
            yield 0.1, self._let_time_pass

    def let_on(self, child: Child) -> None:
        """Let it go on from its point, where now and then the statement fails."""
        may_stumble = self.stumbles and child.role == "web" and not child.where.startswith(SURE)
        stumbles = bool(may_stumble and self.rng.random() < 0.03)
        if stumbles:
            self.stumbles -= 1
            self.counts["failing statements"] += 1
            self.family.say(f"stumbles at {child.where}", child)
            self._disturb(child)
        self.family.let_on(child, stumbles=stumbles)

    def fate_of_request(self) -> Fate:
        """What becomes of the request that is coming in."""
        if not self.mishaps or self.rng.random() > 0.25:
            return Fate.TAKEN
        self.mishaps -= 1
        fate = self.rng.choice([fate for fate in Fate if fate is not Fate.TAKEN])
        self.counts[f"requests {fate.in_words}"] += 1
        return fate

    def kill_sender(self) -> None:
        """kill -9 for the worker whose messages have just come in."""
        self.counts["kills"] += 1
        self.family.kill_sender()

    def _kill(self, child: Child, how: Callable[[Child], None]) -> None:
        self.kills -= 1
        self.counts["kills"] += 1
        how(child)

    def _cut(self, child: Child) -> None:
        """Its connections to the database break."""
        self.cuts -= 1
        self.counts["cuts"] += 1
        self.family.say(f"loses its connections at {child.where}", child)
        self._disturb(child)
        self.family.ask("cut", child.pid)
        self.family.ask("wait_until_gone", child.pid)

    def _kill_engine(self) -> None:
        self.engine_kills -= 1
        self.counts["kills of the engine"] += 1
        self.family.service.go_down()

    def _drop(self, page: Page) -> None:
        self.drops -= 1
        self.counts["pages cut off"] += 1
        page.lose_the_connection()

    def _let_time_pass(self) -> None:
        """Minutes or an hour, in which nobody says anything: what comes afterwards is late."""
        self.pauses -= 1
        self.counts["pauses"] += 1
        self.family.now += self.rng.uniform(60, 4000)

    def _disturb(self, child: Child) -> None:
        self.were_disturbing = True
        if child.job:
            child.job.is_disturbed = True
