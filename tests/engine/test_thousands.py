"""Thousands of clients at once, as after a network failure: all are served, and memory stays bounded."""

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
    """Raise the limit of open files: each socket is one, and shells allow 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def kilobytes(engine: RunningEngine) -> float:
    """Return the memory of the engine."""
    return int(Path(f"/proc/{engine.pid}/statm").read_text().split()[1]) * 4.096


@pytest.mark.usefixtures("many_files")
def test_thousands_come_back_at_once_and_again_in_bounded_memory_and_those_who_stayed_receive_everything() -> None:
    with running_engine(engine_settings()) as engine, Crowd(engine.port, 1) as stayed:
        stayed.latencies(20)
        before = kilobytes(engine)

        with Crowd(engine.port, THOUSANDS) as crowd:
            for _ in range(6):
                crowd.leave()
                crowd.come()
                assert len(stayed.latencies(20)) == 20

            once_more = 2 * THOUSANDS  # clients may return before the engine has removed their old connections
            assert kilobytes(engine) - before < once_more * KB_A_SOCKET + SLACK_KB
