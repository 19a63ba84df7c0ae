"""A power cut loses nothing that we acknowledged, and tears nothing; and if it did, these tests would see it."""

from pathlib import Path

import pytest

from tests.powercuts.after import Found, cut_and_look, cuts_of
from tests.powercuts.disk import Disk, SyncNames, seeded
from tests.powercuts.evening import record_evening, record_start


def bad(found: list[Found]) -> list[Found]:
    return [one for one in found if one.is_bad]


def test_what_is_recorded_is_what_is_really_on_the_disk(tmp_path: Path) -> None:
    recording, disk = record_evening(tmp_path, 6, orders=2, checkpoint_pages=20).recording, Disk()

    for number, operation in enumerate([*recording.operations, SyncNames()]):
        disk.take(number, operation)

    assert disk.after_a_cut(seeded(6)) == {"tracker.sqlite": (tmp_path / "site" / "tracker.sqlite").read_bytes()}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])  # two hundred cuts in all
def test_fifty_power_cuts_lose_nothing_acknowledged_and_tear_nothing(tmp_path: Path, seed: int) -> None:
    evening = record_evening(tmp_path, seed, orders=5, checkpoint_pages=50)

    found = cut_and_look(evening, 50, seed, tmp_path)

    assert bad(found) == []
    could_have_torn = frozenset.union(*(one.cut.unsynced for one in found))
    assert could_have_torn >= {"tracker.sqlite", "tracker.sqlite-wal"}


def test_a_second_cut_while_the_site_starts_again_loses_nothing_either(tmp_path: Path) -> None:
    evening, chance = record_evening(tmp_path, 3, orders=4, checkpoint_pages=20), seeded(3)
    found = []

    for number, cut in enumerate(cuts_of(evening.recording, 6, chance, tmp_path / "first")):
        acknowledged = {source_id for source_id, at in evening.acknowledged.items() if at <= cut.moment}
        again = record_start(evening, acknowledged, cut.place)
        found += cut_and_look(again, 5, number, tmp_path / f"second-{number}")

    assert bad(found) == []


def test_if_sqlite_did_not_sync_each_commit_acknowledged_notices_would_be_seen_to_be_lost(tmp_path: Path) -> None:
    evening = record_evening(tmp_path, 4, orders=4, synchronous="NORMAL")

    found = cut_and_look(evening, 20, 4, tmp_path)

    assert sum(len(one.lost) for one in found) > 0
    assert [one.torn for one in found if one.torn] == []


def test_if_sqlite_never_synced_torn_data_would_be_seen(tmp_path: Path) -> None:
    evening = record_evening(tmp_path, 5, orders=6, synchronous="OFF", checkpoint_pages=10)

    found = cut_and_look(evening, 30, 5, tmp_path)

    assert sum(len(one.lost) for one in found) > 0
    assert [one.torn for one in found if one.torn]
