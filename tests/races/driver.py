"""Plays pairs of acts that meet at the same instant, and says of each what could not have come of them in any order."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from random import Random

from sqlalchemy.orm import Session

from tests.races.acts import ANSWER_TIME, POSSIBLE, Act, Situation, an_order_in
from tests.races.messages import flaws_of_telling
from tests.races.model import Outcome, outcome_of, possible_outcomes
from tests.races.sides import Told, answer, send
from tests.races.town import Town
from tracker import clock
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.model import Order
from tracker.orders.operations.deadlines import lapse_due_adjustments
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.states import AdjustmentState

TIME_TO_PREPARE = timedelta(milliseconds=50)
"""From keeping the order until its time to answer ends."""
EARLIEST = 0.020
"""Seconds before that moment: a request is on its way for some milliseconds before anybody looks at the clock."""
FARTHEST_APART = 0.003
"""Seconds between two acts that still meet."""


@dataclass
class Meeting:
    """One pair: drawn from its seed, which also says who is a little earlier."""

    seed: int
    situation: Situation
    acts: tuple[Act, Act]
    restaurant: Restaurant
    order_id: str = ""

    @property
    def is_due(self) -> bool:
        """The clock acts as well."""
        return self.situation is Situation.DUE

    def __str__(self) -> str:
        first, second = self.acts
        met = f"one {first.name}, one {second.name}"
        return f"seed {self.seed}, {self.situation.name.lower()}, {self.restaurant.name}: {met}"


@dataclass
class Driver:
    """Plays in one town."""

    town: Town
    met: list[Meeting] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    """Acts that came second, and were told so."""

    def play(self, seeds: range) -> None:
        """Have one pair after the other meet; then look at what was said of each."""
        with ThreadPoolExecutor(1) as the_clock:
            for seed in seeds:
                self._play(seed, the_clock)
        heard = self.town.said()
        for meeting in self.met:
            with self.town.database.read_session() as session:
                flaws = flaws_of_telling(load_order_for_update(session, meeting.order_id), heard)
            self.problems += [f"{meeting}: {flaw}" for flaw in flaws]

    def _play(self, seed: int, the_clock: ThreadPoolExecutor) -> None:
        rng = Random(seed)  # noqa: S311  it has to be the same each time
        situation = rng.choice(list(Situation))
        acts = (rng.choice(POSSIBLE[situation]), rng.choice(POSSIBLE[situation]))
        meeting = Meeting(seed, situation, acts, rng.choice(self.town.restaurants))
        instant = clock.now() + (TIME_TO_PREPARE if meeting.is_due else timedelta(0))
        at = instant - (ANSWER_TIME if meeting.is_due else timedelta(0))
        self.met.append(meeting)
        meeting.order_id = self._begin(meeting, at)
        told = self._meet(meeting, instant, rng, the_clock)
        possible = possible_outcomes(situation, acts, meeting.restaurant, self.town.customer, at=at)
        self._compare(meeting, told, possible)

    def _begin(self, meeting: Meeting, at: datetime) -> str:
        def keep(session: Session) -> str:
            restaurant = session.get_one(Restaurant, meeting.restaurant.id)
            customer = session.get_one(Customer, self.town.customer.id)
            order = an_order_in(meeting.situation, restaurant, customer, at=at)
            session.add(order)
            return order.id

        return self.town.database.run_in_transaction(keep)

    def _meet(
        self, meeting: Meeting, instant: datetime, rng: Random, the_clock: ThreadPoolExecutor
    ) -> tuple[Told, Told]:
        """Each act at a process of its own; where time is due, the clock in a third."""
        doors = rng.sample(self.town.doors, 2)
        requests: list[Callable[[], object]] = [
            partial(self._send, meeting, door, act, by_script=rng.random() < 0.5)
            for door, act in zip(doors, meeting.acts, strict=True)
        ]
        ticking: list[Future[int]] = []
        if meeting.is_due:
            requests.append(lambda: ticking.append(the_clock.submit(self._lapse)))
        rng.shuffle(requests)
        _wait_until(instant + timedelta(seconds=rng.uniform(-EARLIEST, FARTHEST_APART)))
        for request in requests:
            request()
            _wait_until(clock.now() + timedelta(seconds=rng.choice((0, 0, rng.uniform(0, FARTHEST_APART)))))
        first, second = (answer(door, act) for door, act in zip(doors, meeting.acts, strict=True))
        for tick in ticking:
            tick.result()
        if meeting.is_due:
            _wait_until(instant + timedelta(milliseconds=1))
            self._lapse()
        return first, second

    def _send(self, meeting: Meeting, door: HTTPConnection, act: Act, *, by_script: bool) -> None:
        send(door, act, self.town, meeting.restaurant.id, meeting.order_id, by_script=by_script)

    def _lapse(self) -> int:
        """As a worker of another machine would."""
        return lapse_due_adjustments(self.town.database, now=clock.now())

    def _compare(self, meeting: Meeting, told: tuple[Told, Told], possible: set[Outcome]) -> None:
        order = self._order(meeting.order_id)
        outcome = outcome_of(order, tuple(each.why_not for each in told))
        refused = sum(map(bool, outcome.told))
        self.refused += refused
        self.counts[f"{meeting.situation.name.lower()}, {refused} refused"] += 1
        if outcome not in possible:
            could = "; or ".join(sorted(map(str, possible)))
            self.problems.append(f"{meeting}: {outcome} could not come of it, but {could}")
        still = [each for each in order.adjustments if each.state is AdjustmentState.OPEN]
        if len(still) > 1 or (still and still[0] is not order.adjustments[-1]):
            self.problems.append(f"{meeting}: {len(still)} adjustments are open")
        ended = [each for each in order.adjustments if each.state is not AdjustmentState.OPEN]
        if not all(each.ended_at and each.ended_by for each in ended):
            self.problems.append(f"{meeting}: an adjustment ended, and nobody knows when or by whom")

    def _order(self, order_id: str) -> Order:
        with self.town.database.read_session() as session:
            order = load_order_for_update(session, order_id)
            list(order.adjustments)  # read now, for there is no session later
            return order


def _wait_until(moment: datetime) -> None:
    """To the microsecond, as no sleep does."""
    while clock.now() < moment:
        time.sleep(0)
