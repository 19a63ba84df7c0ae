"""A busy evening, recorded: a platform posts its notices to the real webhook, and each acknowledgement is noted."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from tests.powercuts.disk import seeded_random
from tests.powercuts.notices import as_sent, some_notices
from tests.powercuts.recording import Recording
from tests.powercuts.site import (
    State,
    a_site,
    add_restaurant,
    all_rows,
    deliver,
    fixed_clock,
    notice_ids,
)
from tests.powercuts.sqlite_vfs import shim
from tracker.schema import migrate

SENDERS = 2


@dataclass
class Evening:
    """What was recorded, and what a site without a power cut holds after each notice."""

    recording: Recording
    notices: dict[str, bytes]
    """The notices by their ids, in the order in which the database stored them."""
    states: list[State]
    """All rows of the database: without a notice, after the first notice, after the second, and so on."""
    opened_at: int = 0
    """The moment at which the restaurant was stored."""
    acknowledged: dict[str, int] = field(default_factory=dict)
    """The moment by which each notice had been answered with 2xx."""


def record_evening(
    folder: Path, seed: int, *, orders: int = 12, synchronous: str = "FULL", checkpoint_pages: int = 100
) -> Evening:
    """Record an evening from an empty folder to the last notice, with two restarts in between.

    `synchronous` other than FULL removes what the promise depends on. `checkpoint_pages` is how large SQLite lets the
    WAL grow; the product leaves it at 1000.
    """
    rng = seeded_random(seed)
    notices = some_notices(rng, orders)
    sent = as_sent(list(notices), rng)
    third = len(sent) // 3 + 1
    url = f"sqlite:///{folder / 'site' / 'tracker.sqlite'}"
    (folder / "site").mkdir()
    with fixed_clock(), shim().recording(folder / "site") as recording:
        evening = Evening(recording, notices, [])
        for part in range(3):
            with a_site(url, synchronous, checkpoint_pages) as (database, app):
                migrate(database)
                if part == 0:
                    add_restaurant(database)
                    evening.opened_at = recording.moment
                _send(app, sent[part * third : (part + 1) * third], evening)
                if part == 2:
                    final, order = all_rows(database), notice_ids(database)
    evening.notices = {source_id: notices[source_id] for source_id in order}
    evening.states = _states_without_a_cut(folder / "uncut.sqlite", evening.notices)
    assert len(order) == len(notices)
    assert final == evening.states[-1]
    return evening


def record_start(evening: Evening, acknowledged: set[str], folder: Path) -> Evening:
    """Record how the product starts on what a cut has left in the folder, and takes the next notices."""
    with fixed_clock(), shim().recording(folder) as recording:
        restarted = Evening(recording, evening.notices, evening.states, acknowledged=dict.fromkeys(acknowledged, 0))
        with a_site(f"sqlite:///{folder / 'tracker.sqlite'}", checkpoint_pages=20) as (database, app):
            migrate(database)
            add_restaurant(database)
            restarted.opened_at = recording.moment
            stored = notice_ids(database)
            restarted.acknowledged |= dict.fromkeys(stored, 0)  # what people have seen must not disappear again
            _send(app, list(evening.notices)[len(stored) : len(stored) + 3], restarted, senders=1)
    return restarted


def _send(app: Flask, sent: Sequence[str], evening: Evening, *, senders: int = SENDERS) -> None:
    waiting, problems = iter(sent), []
    next_lock = threading.Lock()

    def post() -> None:
        try:
            while True:
                with next_lock:
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
    with fixed_clock(), a_site(f"sqlite:///{path}") as (database, app):
        migrate(database)
        add_restaurant(database)
        states = [all_rows(database)]
        for body in notices.values():
            deliver(app, body)
            states.append(all_rows(database))
    return states
