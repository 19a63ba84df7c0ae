"""A real engine in a process of its own, for any test that needs one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.engine import EngineSettings

ROOT = Path(__file__).parents[2]

# The key and secret of the published examples, which all signature vectors use.
KEY, SECRET = "278d425bdf160c739803", "7ad3773142a6692b25b8"


def engine_settings(**changed: object) -> EngineSettings:
    """Return settings for a test: a free port, short grace periods, and the changed values."""
    return EngineSettings(**{"app_id": "3", "key": KEY, "secret": SECRET, "port": 0, "close_grace": 0.5, **changed})


@dataclass
class RunningEngine:
    """An engine that listens on 127.0.0.1:`port`."""

    settings: EngineSettings
    port: int
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    def seconds_waiting_for_cpu(self) -> float:
        """Return the seconds for which the process was ready to run but waited for a processor, or 0 if it has ended.

        This is the second figure of https://docs.kernel.org/scheduler/sched-stats.html.
        """
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    def stop(self) -> int:
        """Ask the engine to stop, as an operator does, and return its exit status. Raises TimeoutExpired after five
        seconds."""
        self.process.terminate()
        return self.process.wait(timeout=5)

    def kill(self) -> None:
        """End the engine at once, as a crash does."""
        self.process.kill()
        self.process.wait(timeout=5)


@contextmanager
def running_engine(settings: EngineSettings, *, log: Path | None = None) -> Iterator[RunningEngine]:
    """Start an engine, yield it once it listens, and end it. Its log is written to `log`.

    To restart a killed engine, run another with `dataclasses.replace(settings, port=engine.port)`.
    """
    with (log or Path("/dev/null")).open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tracker.engine"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        yield RunningEngine(settings, _started(process, settings), process)
    finally:
        process.terminate()
        _wait_or_kill(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _started(process: "subprocess.Popen[str]", settings: EngineSettings) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(asdict(settings)) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, f"The engine did not start; it ended with status {process.wait(timeout=5)}."
    return int(json.loads(line)["port"])


def _wait_or_kill(process: "subprocess.Popen[str]") -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
