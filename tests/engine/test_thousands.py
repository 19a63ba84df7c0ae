"""Thousands at once, as after a break of the network: all are served, and what they cost is what sockets cost."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.engine_clients import Crowd
from tests.engine.engine_process import RunningEngine, engine_settings, running_engine

THOUSANDS = 2_000
KB_A_SOCKET = 18
SLACK_KB = 4_000


@pytest.fixture
def many_files() -> Iterator[None]:
    """Each socket is an open file, and shells allow 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def kilobytes(engine: RunningEngine) -> float:
    """What the engine has in memory."""
    return int(Path(f"/proc/{engine.pid}/statm").read_text().split()[1]) * 4.096


@pytest.mark.usefixtures("many_files")
def test_thousands_come_back_at_once_and_again_in_bounded_memory_and_whoever_stayed_hears_everything() -> None:
    with running_engine(engine_settings()) as engine, Crowd(engine.port, 1) as stayed:
        stayed.latencies(20)
        before = kilobytes(engine)

        with Crowd(engine.port, THOUSANDS) as crowd:
            for _ in range(6):
                crowd.leave()
                crowd.come()
                assert len(stayed.latencies(20)) == 20

            once_more = 2 * THOUSANDS  # who comes back is there before the engine has cleared away who went
            assert kilobytes(engine) - before < once_more * KB_A_SOCKET + SLACK_KB
