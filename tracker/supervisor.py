"""The supervisor of one machine's processes: it starts them, restarts those that end, and ends them together."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from types import FrameType

from tracker.backoff import DoublingBackoff
from tracker.config import Settings

log = logging.getLogger(__name__)

SUPERVISED = "TRACKER_SUPERVISED"
RESTART = DoublingBackoff(first=timedelta(milliseconds=200), longest=timedelta(seconds=5))
"""The least time between two starts of a process that keeps ending. After its first end it is restarted at once."""
STEADY_AFTER = 60.0
"""Seconds that a process must run for its earlier ends to be forgotten."""
STOP_TIMEOUT = 7.0
"""Seconds that all processes together have to end. A service manager or a person does not wait much longer than ten."""
MIN_STOP_TIMEOUT = 1.0
"""Seconds that each process has to end, even when STOP_TIMEOUT is over."""


class Supervisor:
    """Runs one process for each command of `python -m tracker` and restarts those that end."""

    def __init__(self, commands: Sequence[str]) -> None:
        self._children = {command: _Child(command) for command in commands}
        self.stopping = threading.Event()

    def stop(self, *_: int | FrameType | None) -> None:
        """Make run() end soon. It is also a signal handler."""
        self.stopping.set()

    def run(self) -> None:
        """Start the processes and restart those that end, until stop() is called; then end all of them."""
        try:
            while not self.stopping.is_set():
                for child in self._children.values():
                    child.start_if_stopped()
                self.stopping.wait(0.1)
        finally:
            self.end_all()

    def end_all(self) -> None:
        """Send SIGTERM to the processes in the order of their commands; kill those that have not ended in time."""
        deadline = time.monotonic() + STOP_TIMEOUT
        for child in self._children.values():
            child.end(deadline)


class _Child:
    def __init__(self, command: str) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._deaths = 0

    def start_if_stopped(self) -> None:
        if self._process is None:
            self._start()
        elif self._process.poll() is not None and time.monotonic() >= self._started + self._backoff():
            was_steady = time.monotonic() - self._started > STEADY_AFTER
            self._deaths = 1 if was_steady else self._deaths + 1
            log.error("%s ended with status %s; starting it again", self._command, self._process.returncode)
            self._start()

    def _backoff(self) -> float:
        return RESTART.pause_after(self._deaths).total_seconds()

    def end(self, deadline: float) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(max(MIN_STOP_TIMEOUT, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("%s did not end after SIGTERM; killing it", self._command)
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _start(self) -> None:
        # The working directory stays the same, because paths in the settings may be relative to it.
        self._process = subprocess.Popen(  # noqa: S603  this is our own program
            [sys.executable, "-m", "tracker", self._command],
            env=os.environ | {SUPERVISED: "1"},
            stdin=subprocess.PIPE,
            start_new_session=True,  # so that Ctrl-C reaches only the supervisor, which ends them in order
        )
        self._started = time.monotonic()


def serve(settings: Settings) -> None:
    """Run the web server, the worker and, if the settings ask for it, the engine until SIGTERM or SIGINT."""
    supervisor = Supervisor(["web", "work", *(["engine"] if settings.engine else [])])
    signal.signal(signal.SIGTERM, supervisor.stop)
    signal.signal(signal.SIGINT, supervisor.stop)
    supervisor.run()


def end_with_supervisor() -> None:
    """If a supervisor started this process, end this process when the supervisor ends, even if it was killed.

    The supervisor holds the other end of this process's standard input, which is closed when it ends.
    """
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_terminate_with_parent, daemon=True).start()


def _terminate_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # unbuffered: a buffered read holds a lock that the interpreter needs to exit
    os.kill(os.getpid(), signal.SIGTERM)
