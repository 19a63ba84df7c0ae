"""Nothing is lost, doubled or disordered, whatever dies: five hundred schedules, the same ones each time.

`bin/test` plays fifty of them; `bin/test --all` plays the rest as well.
`.venv/bin/python -m tests.schedules --count 10000` plays ten thousand others. A failure names its seed and how to play
it again.
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
    """Play some schedules in a new process and return its output. The process forks, so it must have no threads."""
    arguments = {"--count": AT_A_TIME, "--database": database, "--seed": first_seed, "--jobs": 1}
    command = [sys.executable, "-m", "tests.schedules", *(str(word) for option in arguments.items() for word in option)]
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


@pytest.mark.parametrize("first_seed", sampled(range(0, 250, AT_A_TIME), (0,), pytest.mark.long))
def test_whatever_dies_on_sqlite_every_order_ends_up_as_if_nothing_had_happened(first_seed: int) -> None:
    output = play("sqlite", first_seed)

    assert f"{AT_A_TIME} schedules on sqlite" in output.splitlines()[-1]
    assert "none failed" in output.splitlines()[-1]


@pytest.mark.parametrize("first_seed", sampled(range(250, 500, AT_A_TIME), (250,), pytest.mark.long))
def test_whatever_dies_on_postgresql_every_order_ends_up_as_if_nothing_had_happened(
    first_seed: int, postgresql_url: str
) -> None:
    output = play("postgresql", first_seed, SCHEDULES_POSTGRESQL=postgresql_url)

    assert f"{AT_A_TIME} schedules on postgresql" in output.splitlines()[-1]
    assert "none failed" in output.splitlines()[-1]
