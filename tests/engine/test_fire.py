"""The short form of the engine under fire; the long one is `python -m tests.engine.fire --minutes 10`."""

import asyncio
from pathlib import Path

import pytest

from tests.engine.fire.attack_run import AttackRun
from tests.engine.fire.attacks import ATTACKS


@pytest.mark.timeout(180)
def test_whatever_strangers_do_viewers_hear_everything_once_and_in_order(tmp_path: Path) -> None:
    report = asyncio.run(AttackRun(seed=1, viewers=30, folder=tmp_path, patience=2).run(seconds=1))

    assert report.problems == []
    assert set(report.attacks) == set(ATTACKS)
    assert report.received > report.published > 100
    assert report.most_sockets > 130
    assert [len(return_times) for return_times in report.restarts.values()] == [1, 1]
