"""After the cut: what of the evening is found on the disk, and whether delivering it again makes it whole."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.powercuts.disk import Disk, seeded
from tests.powercuts.evening import Evening
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
from tracker.schema import migrate


@dataclass
class Cut:
    """A moment of the evening, and the folder as the power cut left it."""

    moment: int
    place: Path
    files: dict[str, bytes]
    unsynced: frozenset[str]

    def write_to(self, place: Path) -> None:
        """Put the files there."""
        place.mkdir(parents=True)
        for name, content in self.files.items():
            (place / name).write_bytes(content)


@dataclass
class Found:
    """What was found after a power cut."""

    cut: Cut
    acknowledged: int
    """How many notices had been answered with 2xx."""
    kept: int = 0
    """How many notices are there, with all that followed from them."""
    lost: set[str] = field(default_factory=set)
    """Those that had been acknowledged and are not there."""
    torn: str = ""
    """What is there in part, or can't be read, in words."""

    @property
    def is_bad(self) -> bool:
        """The promise is broken."""
        return bool(self.lost or self.torn)


def cuts_of(recording: Recording, cuts: int, chance: Random, folder: Path) -> Iterator[Cut]:
    """Cut the power at so many moments, each on a disk of its own in the folder, deleted before the next one."""
    disk, done = Disk(), 0
    moments = sorted(chance.randrange(recording.start, recording.moment + 1) for _ in range(cuts))
    for number, moment in enumerate(moments):
        for operation in recording.operations[done:moment]:
            disk.take(done, operation)
            done += 1
        cut = Cut(moment, folder / f"cut-{number}", disk.after_a_cut(chance), disk.unsynced)
        # Shared memory is nothing that lasts; whatever is left of it must not be believed.
        cut.files["tracker.sqlite-shm"] = chance.randbytes(chance.choice([0, 32768]))
        cut.write_to(cut.place)
        yield cut
        shutil.rmtree(cut.place)


def cut_and_look(evening: Evening, cuts: int, seed: int, folder: Path) -> list[Found]:
    """Cut the power at so many moments of the evening and look at each.

    Where as many notices are found as after an earlier cut, not all are delivered again, only those that come next:
    what the database holds has been shown to be the same. The disks on which something is wrong are kept in the folder.
    """
    seen: set[int] = set()
    found = []
    for cut in cuts_of(evening.recording, cuts, seeded(seed), folder):
        found.append(one := look(evening, cut, seen))
        seen.add(one.kept)
        if one.is_bad:
            cut.write_to(folder / f"bad-{cut.place.name}")
        cut.files.clear()
    return found


def look(evening: Evening, cut: Cut, seen: set[int]) -> Found:
    """Start the product on what the cut left, see what it knows, and deliver again."""
    acknowledged = {source_id for source_id, at in evening.acknowledged.items() if at <= cut.moment}
    found = Found(cut, len(acknowledged))
    path = cut.place / "tracker.sqlite"
    try:
        _must_be_sound(path)
        with standing_clock(), a_site(f"sqlite:///{path}") as (database, app):
            migrate(database)
            kept, state = notices_in(database), everything_in(database)
            found.kept, found.lost = len(kept), acknowledged.difference(kept)
            if any(state.values()):
                _must_be_whole(evening, kept, state)
            elif evening.opened_at <= cut.moment:
                found.lost.add("the restaurant")
            know_the_restaurant(database)
            first, last = (max(0, len(kept) - 1), len(kept) + 2) if len(kept) in seen else (0, len(evening.notices))
            for body in list(evening.notices.values())[first:last]:
                deliver(app, body)
            _must_be_whole(evening, list(evening.notices)[:last], everything_in(database))
        _must_be_sound(path)
    except Exception as error:  # whatever the product makes of a torn disk, it is what we look for
        found.torn = f"{type(error).__name__}: {error}"
    return found


def _must_be_sound(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    assert (answer, dangling) == ("ok", []), f"The database says: {answer}; rows that point to nothing: {dangling}."


def _must_be_whole(evening: Evening, kept: list[str], state: State) -> None:
    """What is there must be what a site knows that took these notices, in this order, and no others."""
    assert kept == list(evening.notices)[: len(kept)], f"A notice is missing between others: {kept}."
    wrong = [table for table, rows in state.items() if rows != evening.states[len(kept)][table]]
    assert not wrong, f"With {len(kept)} notices, other rows than there should be in: {', '.join(wrong)}."
