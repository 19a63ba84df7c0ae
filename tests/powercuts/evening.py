"""A busy evening, recorded: a platform posts its notices to the real door, and we note when each was acknowledged."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from tests.powercuts.disk import seeded
from tests.powercuts.notices import as_sent, some_notices
from tests.powercuts.recording import Recording
from tests.powercuts.running import (
    State,
    a_site,
    deliver,
    everything_in,
    know_the_restaurant,
    notices_in,
    standing_clock,
)
from tests.powercuts.sqlite_vfs import shim
from tracker.schema import migrate

SENDERS = 2


@dataclass
class Evening:
    """What was recorded, and what a site that nobody cut would know after each notice."""

    recording: Recording
    notices: dict[str, bytes]
    """By their ids, in the order in which the database took them."""
    states: list[State]
    """Everything the database holds: with no notice, with the first, with the first two and so on."""
    opened_at: int = 0
    """The moment at which the restaurant was known."""
    acknowledged: dict[str, int] = field(default_factory=dict)
    """The moment by which each notice had been answered with 2xx."""


def record_evening(
    folder: Path, seed: int, *, orders: int = 12, synchronous: str = "FULL", checkpoint_pages: int = 100
) -> Evening:
    """From an empty folder to the last notice, with two restarts in between.

    `synchronous` other than FULL takes away what the promise rests on. `checkpoint_pages` is how long SQLite lets the
    WAL grow; the product leaves it at 1000.
    """
    chance = seeded(seed)
    notices = some_notices(chance, orders)
    sent = as_sent(list(notices), chance)
    third = len(sent) // 3 + 1
    url = f"sqlite:///{folder / 'site' / 'tracker.sqlite'}"
    (folder / "site").mkdir()
    with standing_clock(), shim().recording(folder / "site") as recording:
        evening = Evening(recording, notices, [])
        for part in range(3):
            with a_site(url, synchronous, checkpoint_pages) as (database, app):
                migrate(database)
                if part == 0:
                    know_the_restaurant(database)
                    evening.opened_at = recording.moment
                _send(app, sent[part * third : (part + 1) * third], evening)
                if part == 2:
                    final, order = everything_in(database), notices_in(database)
    evening.notices = {source_id: notices[source_id] for source_id in order}
    evening.states = _states_without_a_cut(folder / "uncut.sqlite", evening.notices)
    assert len(order) == len(notices)
    assert final == evening.states[-1]
    return evening


def record_start(evening: Evening, acknowledged: set[str], folder: Path) -> Evening:
    """What happens when the product starts on what a cut has left in the folder, and the platform delivers on."""
    with standing_clock(), shim().recording(folder) as recording:
        again = Evening(recording, evening.notices, evening.states, acknowledged=dict.fromkeys(acknowledged, 0))
        with a_site(f"sqlite:///{folder / 'tracker.sqlite'}", checkpoint_pages=20) as (database, app):
            migrate(database)
            know_the_restaurant(database)
            again.opened_at = recording.moment
            kept = notices_in(database)
            again.acknowledged |= dict.fromkeys(kept, 0)  # shown to people, it can't be unseen
            _send(app, list(evening.notices)[len(kept) : len(kept) + 3], again, senders=1)
    return again


def _send(app: Flask, sent: Sequence[str], evening: Evening, *, senders: int = SENDERS) -> None:
    waiting, problems = iter(sent), []
    turn = threading.Lock()

    def post() -> None:
        try:
            while True:
                with turn:
                    source_id = next(waiting, None)
                if source_id is None:
                    return
                deliver(app, evening.notices[source_id])
                evening.acknowledged.setdefault(source_id, evening.recording.moment)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=post) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def _states_without_a_cut(path: Path, notices: dict[str, bytes]) -> list[State]:
    with standing_clock(), a_site(f"sqlite:///{path}") as (database, app):
        migrate(database)
        know_the_restaurant(database)
        states = [everything_in(database)]
        for body in notices.values():
            deliver(app, body)
            states.append(everything_in(database))
    return states
