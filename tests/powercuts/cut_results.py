"""What a cut left of the evening on the disk, and whether delivering the notices again completes it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.powercuts.disk import Disk, seeded_random
from tests.powercuts.evening import Evening
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
from tracker.schema import migrate


@dataclass
class Cut:
    """A moment of the evening, and the files as the power cut left them."""

    moment: int
    folder: Path
    files: dict[str, bytes]
    unsynced: frozenset[str]

    def write_to(self, folder: Path) -> None:
        """Write the files into this folder, which is created."""
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


@dataclass
class CutResult:
    """What was found after a power cut."""

    cut: Cut
    acknowledged: int
    """The number of notices that had been answered with 2xx."""
    stored: int = 0
    """The number of notices that are there, with all that followed from them."""
    lost: set[str] = field(default_factory=set)
    """The acknowledged notices that are missing."""
    torn: str = ""
    """A sentence about what is there in part or can't be read, or ""."""

    @property
    def is_bad(self) -> bool:
        """Return whether the promise was broken."""
        return bool(self.lost or self.torn)


def cuts_of(recording: Recording, cuts: int, rng: Random, folder: Path) -> Iterator[Cut]:
    """Yield this many power cuts, each with its files in a folder of its own, which is deleted before the next one."""
    disk, done = Disk(), 0
    moments = sorted(rng.randrange(recording.start, recording.moment + 1) for _ in range(cuts))
    for number, moment in enumerate(moments):
        for operation in recording.operations[done:moment]:
            disk.record(done, operation)
            done += 1
        cut = Cut(moment, folder / f"cut-{number}", disk.files_after_cut(rng), disk.unsynced)
        # Shared memory does not survive a power cut; SQLite must not rely on what is left in its file.
        cut.files["tracker.sqlite-shm"] = rng.randbytes(rng.choice([0, 32768]))
        cut.write_to(cut.folder)
        yield cut
        shutil.rmtree(cut.folder)


def cut_and_check(evening: Evening, cuts: int, seed: int, folder: Path) -> list[CutResult]:
    """Cut the power at this many moments of the evening and check each result.

    If an earlier cut left the same number of notices, only the next ones are delivered again: the database has been
    shown to hold the same rows. The disks on which something is wrong are kept in the folder.
    """
    checked: set[int] = set()
    results = []
    for cut in cuts_of(evening.recording, cuts, seeded_random(seed), folder):
        results.append(result := check(evening, cut, checked))
        checked.add(result.stored)
        if result.is_bad:
            cut.write_to(folder / f"bad-{cut.folder.name}")
        cut.files.clear()
    return results


def check(evening: Evening, cut: Cut, checked: set[int]) -> CutResult:
    """Start the product on the files that the cut left, compare what it knows, and deliver the notices again."""
    acknowledged = {source_id for source_id, at in evening.acknowledged.items() if at <= cut.moment}
    result = CutResult(cut, len(acknowledged))
    path = cut.folder / "tracker.sqlite"
    try:
        _assert_sound(path)
        with fixed_clock(), a_site(f"sqlite:///{path}") as (database, app):
            migrate(database)
            stored, state = notice_ids(database), all_rows(database)
            result.stored, result.lost = len(stored), acknowledged.difference(stored)
            if any(state.values()):
                _assert_whole(evening, stored, state)
            elif evening.opened_at <= cut.moment:
                result.lost.add("the restaurant")
            add_restaurant(database)
            first, last = (
                (max(0, len(stored) - 1), len(stored) + 2) if len(stored) in checked else (0, len(evening.notices))
            )
            for body in list(evening.notices.values())[first:last]:
                deliver(app, body)
            _assert_whole(evening, list(evening.notices)[:last], all_rows(database))
        _assert_sound(path)
    except Exception as error:  # any failure of the product on a torn disk is a finding
        result.torn = f"{type(error).__name__}: {error}"
    return result


def _assert_sound(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    assert (answer, dangling) == ("ok", []), f"integrity_check: {answer}; rows with broken references: {dangling}."


def _assert_whole(evening: Evening, stored: list[str], state: State) -> None:
    """Assert that the database holds what a site holds that took exactly these notices, in this order."""
    assert stored == list(evening.notices)[: len(stored)], f"A notice is missing between others: {stored}."
    wrong = [table for table, rows in state.items() if rows != evening.states[len(stored)][table]]
    assert not wrong, f"With {len(stored)} notices, these tables hold wrong rows: {', '.join(wrong)}."
