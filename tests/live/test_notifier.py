"""The notifier wakes the worker at once, and never blocks the process that notifies."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.live.notifier import Notifier, notify

AT_ONCE = 0  # seconds
TIMEOUT = 10


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Yield a directory with a path short enough for a socket's address; pytest's own is too long on some systems."""
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        yield Path(place)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notifier"


def test_a_notification_wakes_a_waiting_worker(path: Path) -> None:
    with Notifier(path) as notifier:
        timer = threading.Timer(0.05, notify, [path])
        timer.start()
        started = time.monotonic()

        assert notifier.wait(TIMEOUT)
        assert time.monotonic() - started < TIMEOUT / 2
        timer.join()


def test_a_notification_before_the_wait_is_not_missed(path: Path) -> None:
    with Notifier(path) as notifier:
        notify(path)

        assert notifier.wait(AT_ONCE)


def test_a_thousand_notifications_wake_once(path: Path) -> None:
    with Notifier(path) as notifier:
        for _ in range(1_000):  # more than a socket's queue takes
            notify(path)

        assert notifier.wait(AT_ONCE)
        assert not notifier.wait(AT_ONCE)


def test_without_a_notification_the_wait_ends_in_time(path: Path) -> None:
    with Notifier(path) as notifier:
        started = time.monotonic()

        assert not notifier.wait(0.05)
        assert 0.04 < time.monotonic() - started < TIMEOUT


def test_to_notify_where_nobody_listens_does_nothing(path: Path) -> None:
    notify(path)
    with Notifier(path):
        pass
    notify(path)

    assert list(path.iterdir()) == []


def test_every_notification_reaches_both_of_two_workers_and_neither_removes_the_others_socket(path: Path) -> None:
    with Notifier(path) as first:
        with Notifier(path) as second:
            notify(path)
            assert first.wait(AT_ONCE)
            assert second.wait(AT_ONCE)
        notify(path)

        assert first.wait(AT_ONCE)


def test_what_a_killed_worker_left_behind_is_cleared_away(path: Path) -> None:
    listen = f"from pathlib import Path; from tracker.live.notifier import Notifier; Notifier(Path({str(path)!r}))"
    wait = ".__enter__(); print('listening', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", listen + wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "listening\n"
        worker.kill()
    assert len(list(path.iterdir())) == 1
    notify(path)

    with Notifier(path) as notifier:
        assert len(list(path.iterdir())) == 1
        notify(path)
        assert notifier.wait(AT_ONCE)


def test_only_our_own_user_can_notify(path: Path) -> None:
    with Notifier(path):
        (socket_file,) = path.iterdir()

        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE(socket_file.stat().st_mode) == 0o600


def test_a_path_too_long_for_a_socket_gets_a_short_one_that_both_sides_find(tmp_path: Path) -> None:
    path = tmp_path / ("a-very-long-name-" * 10) / "notifier"
    path.parent.mkdir()

    with Notifier(path) as notifier:
        notify(path)

        assert notifier.wait(AT_ONCE)
        assert not path.exists()
        notify(tmp_path / ("another-long-name-" * 10) / "notifier")
        assert not notifier.wait(AT_ONCE)
    notifier.address.parent.rmdir()


def test_a_relative_path_leads_to_the_same_socket(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)

    with Notifier(path) as notifier:
        notify(Path(os.path.relpath(path)))

        assert notifier.wait(AT_ONCE)


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "notifier").symlink_to(elsewhere)

    with pytest.raises(PermissionError, match="does not belong to this user"), Notifier(tmp_path / "notifier"):
        pass
