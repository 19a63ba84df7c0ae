"""Plays pairs of acts that meet at the same instant, and reports each result that no order of the two could have."""

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
from tests.races.messages import message_flaws
from tests.races.outcomes import Outcome, outcome_of, possible_outcomes
from tests.races.requests import Response, read_response, send
from tests.races.site import RaceSite
from tracker import clock
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.model import Order
from tracker.orders.operations.deadlines import lapse_due_adjustments
from tracker.orders.operations.storage import load_order_for_update
from tracker.orders.states import AdjustmentState

PREPARATION_TIME = timedelta(milliseconds=50)
"""The time from storing the order until its time to answer ends."""
MOST_SECONDS_EARLY = 0.020
"""Seconds before that moment; a request travels for some milliseconds before the server reads the clock."""
MOST_SECONDS_APART = 0.003
"""The most seconds between two acts that still meet."""


@dataclass
class Meeting:
    """One pair of acts. It is drawn from its seed, which also determines which act is a little earlier."""

    seed: int
    situation: Situation
    acts: tuple[Act, Act]
    restaurant: Restaurant
    order_id: str = ""

    @property
    def is_due(self) -> bool:
        """Return whether the clock acts as well."""
        return self.situation is Situation.DUE

    def __str__(self) -> str:
        first, second = self.acts
        meetings = f"one {first.name}, one {second.name}"
        return f"seed {self.seed}, {self.situation.name.lower()}, {self.restaurant.name}: {meetings}"


@dataclass
class Driver:
    """Plays pairs at one site."""

    site: RaceSite
    meetings: list[Meeting] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    """The number of acts that came second and were refused."""

    def play(self, seeds: range) -> None:
        """Play one pair after the other; then check the messages about each of them."""
        with ThreadPoolExecutor(1) as clock_executor:
            for seed in seeds:
                self._play(seed, clock_executor)
        messages = self.site.published_messages()
        for meeting in self.meetings:
            with self.site.database.read_session() as session:
                flaws = message_flaws(load_order_for_update(session, meeting.order_id), messages)
            self.problems += [f"{meeting}: {flaw}" for flaw in flaws]

    def _play(self, seed: int, clock_executor: ThreadPoolExecutor) -> None:
        rng = Random(seed)  # noqa: S311  has to be the same each time
        situation = rng.choice(list(Situation))
        acts = (rng.choice(POSSIBLE[situation]), rng.choice(POSSIBLE[situation]))
        meeting = Meeting(seed, situation, acts, rng.choice(self.site.restaurants))
        instant = clock.now() + (PREPARATION_TIME if meeting.is_due else timedelta(0))
        at = instant - (ANSWER_TIME if meeting.is_due else timedelta(0))
        self.meetings.append(meeting)
        meeting.order_id = self._create_order(meeting, at)
        responses = self._send_both(meeting, instant, rng, clock_executor)
        possible = possible_outcomes(situation, acts, meeting.restaurant, self.site.customer, at=at)
        self._compare(meeting, responses, possible)

    def _create_order(self, meeting: Meeting, at: datetime) -> str:
        def store(session: Session) -> str:
            restaurant = session.get_one(Restaurant, meeting.restaurant.id)
            customer = session.get_one(Customer, self.site.customer.id)
            order = an_order_in(meeting.situation, restaurant, customer, at=at)
            session.add(order)
            return order.id

        return self.site.database.run_in_transaction(store)

    def _send_both(
        self, meeting: Meeting, instant: datetime, rng: Random, clock_executor: ThreadPoolExecutor
    ) -> tuple[Response, Response]:
        """Send each act to a web process of its own; if the time to answer ends, the clock acts in a third thread."""
        connections = rng.sample(self.site.connections, 2)
        requests: list[Callable[[], object]] = [
            partial(self._send, meeting, connection, act, by_script=rng.random() < 0.5)
            for connection, act in zip(connections, meeting.acts, strict=True)
        ]
        lapses: list[Future[int]] = []
        if meeting.is_due:
            requests.append(lambda: lapses.append(clock_executor.submit(self._lapse)))
        rng.shuffle(requests)
        _wait_until(instant + timedelta(seconds=rng.uniform(-MOST_SECONDS_EARLY, MOST_SECONDS_APART)))
        for request in requests:
            request()
            _wait_until(clock.now() + timedelta(seconds=rng.choice((0, 0, rng.uniform(0, MOST_SECONDS_APART)))))
        first, second = (
            read_response(connection, act) for connection, act in zip(connections, meeting.acts, strict=True)
        )
        for lapse in lapses:
            lapse.result()
        if meeting.is_due:
            _wait_until(instant + timedelta(milliseconds=1))
            self._lapse()
        return first, second

    def _send(self, meeting: Meeting, connection: HTTPConnection, act: Act, *, by_script: bool) -> None:
        send(connection, act, self.site, meeting.restaurant.id, meeting.order_id, by_script=by_script)

    def _lapse(self) -> int:
        """Apply the deadlines as a worker on another machine would."""
        return lapse_due_adjustments(self.site.database, now=clock.now())

    def _compare(self, meeting: Meeting, responses: tuple[Response, Response], possible: set[Outcome]) -> None:
        order = self._order(meeting.order_id)
        outcome = outcome_of(order, tuple(response.refusal for response in responses))
        refused = sum(map(bool, outcome.refusals))
        self.refused += refused
        self.counts[f"{meeting.situation.name.lower()}, {refused} refused"] += 1
        if outcome not in possible:
            expected = "; or ".join(sorted(map(str, possible)))
            self.problems.append(f"{meeting}: {outcome} is not possible, only {expected}")
        open_ = [each for each in order.adjustments if each.state is AdjustmentState.OPEN]
        if len(open_) > 1 or (open_ and open_[0] is not order.adjustments[-1]):
            self.problems.append(f"{meeting}: {len(open_)} adjustments are open")
        ended = [each for each in order.adjustments if each.state is not AdjustmentState.OPEN]
        if not all(each.ended_at and each.ended_by for each in ended):
            self.problems.append(f"{meeting}: an adjustment has ended without a time or an actor")

    def _order(self, order_id: str) -> Order:
        with self.site.database.read_session() as session:
            order = load_order_for_update(session, order_id)
            list(order.adjustments)  # loaded now, because there is no session later
            return order


def _wait_until(moment: datetime) -> None:
    """Wait until the moment, to the microsecond; a sleep is not that exact."""
    while clock.now() < moment:
        time.sleep(0)
