"""A power cut loses nothing that was acknowledged and tears nothing; and if it did, these tests would notice."""

from pathlib import Path

import pytest

from tests.powercuts.cut_results import CutResult, cut_and_check, cuts_of
from tests.powercuts.disk import Disk, SyncNames, seeded_random
from tests.powercuts.evening import record_evening, record_start
from tests.sampling import sampled


def bad(results: list[CutResult]) -> list[CutResult]:
    return [result for result in results if result.is_bad]


def test_what_is_recorded_is_what_is_really_on_the_disk(tmp_path: Path) -> None:
    recording, disk = record_evening(tmp_path, 6, orders=2, checkpoint_pages=20).recording, Disk()

    for number, operation in enumerate([*recording.operations, SyncNames()]):
        disk.record(number, operation)

    assert disk.files_after_cut(seeded_random(6)) == {
        "tracker.sqlite": (tmp_path / "site" / "tracker.sqlite").read_bytes()
    }


@pytest.mark.parametrize("seed", sampled([1, 2, 3, 4], (1,), pytest.mark.long))
def test_fifty_power_cuts_lose_nothing_acknowledged_and_tear_nothing(tmp_path: Path, seed: int) -> None:
    evening = record_evening(tmp_path, seed, orders=5, checkpoint_pages=50)

    results = cut_and_check(evening, 50, seed, tmp_path)

    assert bad(results) == []
    could_have_torn = frozenset.union(*(result.cut.unsynced for result in results))
    assert could_have_torn >= {"tracker.sqlite", "tracker.sqlite-wal"}


def test_a_second_cut_while_the_site_starts_again_loses_nothing_either(tmp_path: Path) -> None:
    evening, rng = record_evening(tmp_path, 3, orders=4, checkpoint_pages=20), seeded_random(3)
    results = []

    for number, cut in enumerate(cuts_of(evening.recording, 6, rng, tmp_path / "first")):
        acknowledged = {source_id for source_id, at in evening.acknowledged.items() if at <= cut.moment}
        restarted = record_start(evening, acknowledged, cut.folder)
        results += cut_and_check(restarted, 5, number, tmp_path / f"second-{number}")

    assert bad(results) == []


def test_if_sqlite_did_not_sync_each_commit_acknowledged_notices_would_be_seen_to_be_lost(tmp_path: Path) -> None:
    evening = record_evening(tmp_path, 4, orders=4, synchronous="NORMAL")

    results = cut_and_check(evening, 20, 4, tmp_path)

    assert sum(len(result.lost) for result in results) > 0
    assert [result.torn for result in results if result.torn] == []


def test_if_sqlite_never_synced_torn_data_would_be_seen(tmp_path: Path) -> None:
    evening = record_evening(tmp_path, 5, orders=6, synchronous="OFF", checkpoint_pages=10)

    results = cut_and_check(evening, 30, 5, tmp_path)

    assert sum(len(result.lost) for result in results) > 0
    assert [result.torn for result in results if result.torn]
