"""Nothing is lost, doubled or disordered, whatever dies: five hundred schedules, the same ones each time.

`bin/test` plays a hundred of them, among them all seeds of docs/faults.md; `bin/test --all` plays the rest as well.
Ten thousand others: `.venv/bin/python -m tests.schedules --count 10000`. A failure names its seed and how to play it
again.
"""

import os
import subprocess
import sys

import pytest

from tests.sampling import sampled
from tracker.config import ROOT

AT_A_TIME = 25

pytestmark = pytest.mark.timeout(600)  # on a very busy machine a schedule takes five seconds


def play(database: str, first_seed: int, **environment: str) -> str:
    """Play some in a process of their own, for it forks, and must have no threads; what it says if all went well."""
    wishes = {"--count": AT_A_TIME, "--database": database, "--seed": first_seed, "--jobs": 1}
    command = [sys.executable, "-m", "tests.schedules", *(str(word) for wish in wishes.items() for word in wish)]
    played = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, f"{played.stdout}\n{played.stderr}"
    return played.stdout


@pytest.mark.parametrize("first_seed", sampled(range(0, 250, AT_A_TIME), (0, 25), pytest.mark.long))
def test_whatever_dies_on_sqlite_every_order_ends_up_as_if_nothing_had_happened(first_seed: int) -> None:
    said = play("sqlite", first_seed)

    assert f"{AT_A_TIME} schedules on sqlite" in said.splitlines()[-1]
    assert "none failed" in said.splitlines()[-1]


@pytest.mark.parametrize("first_seed", sampled(range(250, 500, AT_A_TIME), (250, 275), pytest.mark.long))
def test_whatever_dies_on_postgresql_every_order_ends_up_as_if_nothing_had_happened(
    first_seed: int, postgresql_url: str
) -> None:
    said = play("postgresql", first_seed, SCHEDULES_POSTGRESQL=postgresql_url)

    assert f"{AT_A_TIME} schedules on postgresql" in said.splitlines()[-1]
    assert "none failed" in said.splitlines()[-1]
