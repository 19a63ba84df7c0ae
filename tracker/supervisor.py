"""Watches over the processes of one machine: starts them, starts again what dies, and ends them all together."""

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
"""Least time between two starts of a process that keeps dying. The first death is followed by a start at once."""
STEADY_AFTER = 60.0
"""Seconds after which a process that dies counts as one that has not died before."""
STOP_TIMEOUT = 7.0
"""For all of them together; a service manager or a person does not wait much longer than ten."""
MIN_STOP_TIMEOUT = 1.0


class Supervisor:
    """Starts the processes, starts again what dies, and ends them all together."""

    def __init__(self, commands: Sequence[str]) -> None:
        self._children = {command: _Child(command) for command in commands}
        self.stopping = threading.Event()

    def stop(self, *_: int | FrameType | None) -> None:
        """End soon."""
        self.stopping.set()

    def run(self) -> None:
        """Watch until stopped; then end the processes, the engine last."""
        try:
            while not self.stopping.is_set():
                for child in self._children.values():
                    child.start_if_stopped()
                self.stopping.wait(0.1)
        finally:
            self.end_all()

    def end_all(self) -> None:
        """End the processes in the order in which they were named, the stubborn ones by force."""
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
            log.error("%s ended with %s; starting it again", self._command, self._process.returncode)
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
            log.error("%s did not end when it was told to; it is killed", self._command)
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _start(self) -> None:
        # Not in a directory of our choice: paths in the settings may be relative to the one where we were started.
        self._process = subprocess.Popen(  # noqa: S603  our own program, by its own name
            [sys.executable, "-m", "tracker", self._command],
            env=os.environ | {SUPERVISED: "1"},
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
        )
        self._started = time.monotonic()


def serve(settings: Settings) -> None:
    """Run everything this machine is to run until SIGTERM or SIGINT."""
    supervisor = Supervisor(["web", "work", *(["engine"] if settings.engine else [])])
    signal.signal(signal.SIGTERM, supervisor.stop)
    signal.signal(signal.SIGINT, supervisor.stop)
    supervisor.run()


def end_with_supervisor() -> None:
    """If a supervisor started this process, end when it ends, however it ends: its pipe to us closes with it."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_terminate_with_parent, daemon=True).start()


def _terminate_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through a buffer: its lock would stand in the way when the process ends
    os.kill(os.getpid(), signal.SIGTERM)
