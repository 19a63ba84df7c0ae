"""One machine as its operator runs it: `tracker serve` in production, with what it writes and the processes it has."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.ports import free_port
from tests.site import wait_for
from tracker.config import ROOT

SECRET = "a secret that is long enough for a production"


@dataclass
class Machine:
    """A machine with settings of its own. Its data is in `folder`, what it writes in `folder`/log."""

    folder: Path
    port: int = field(default_factory=free_port)
    engine_port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    serving: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "TRACKER_SECRET_KEY": SECRET,
            "TRACKER_CHANNELS_SECRET": SECRET,
            "TRACKER_SMTP_URL": "smtp://127.0.0.1:1",
            "TRACKER_BASE_URL": f"http://localhost:{self.port}",
            "TRACKER_PORT": str(self.port),
            "TRACKER_CHANNELS_PORT": str(self.engine_port),
            "TRACKER_DATA_DIR": str(self.folder / "data"),
            "TRACKER_ENGINE_MAX_CONNECTIONS": "500",
        }
        return {k: v for k, v in os.environ.items() if not k.startswith("TRACKER_")} | ours | self.more

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def troubles(self) -> list[str]:
        """What it writes that is more than information, or no JSON."""
        return [line for line in self.log.splitlines() if '"level": "info"' not in line]

    @property
    def supervisor(self) -> int:
        assert self.serving is not None
        return self.serving.pid

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of tracker's commands to its end."""
        return subprocess.run(
            [sys.executable, "-m", "tracker", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def serve(self, cwd: Path = ROOT) -> None:
        with (self.folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "tracker", "serve"]
            self.serving = subprocess.Popen(command, cwd=cwd, env=self.environment, stdout=log, stderr=log)

    def wait_until_up(self) -> None:
        for address in (f"http://127.0.0.1:{self.port}/ready", f"http://127.0.0.1:{self.engine_port}/up"):
            wait_for(lambda address=address: self._lives() and answers(address), f"a response of {address}")

    def _lives(self) -> bool:
        assert self.serving is not None
        assert self.serving.poll() is None, self.log
        return True

    def process(self, command: str) -> int:
        """The process of web, work or engine; waits until there is one."""
        return int(wait_for(lambda: children(self.supervisor).get(command), f"a process {command}"))

    def web_workers(self) -> list[int]:
        """The two processes that answer; waits until there are two."""
        workers = wait_for(lambda: len(found := children_of(self.process("web"))) == 2 and found, "two web workers")
        return sorted(workers)

    def everybody(self) -> set[int]:
        everybody = {self.supervisor, *children_of(self.supervisor)}
        return everybody | {each for one in everybody for each in children_of(one)}


@contextmanager
def a_machine(folder: Path, **more: str) -> Iterator[Machine]:
    """A machine that serves nothing yet; whatever it runs ends with the block."""
    machine = Machine(folder, more={f"TRACKER_{name}": value for name, value in more.items()})
    try:
        yield machine
    finally:
        if machine.serving is not None and machine.serving.poll() is None:
            everybody = machine.everybody()
            machine.serving.terminate()
            with suppress(subprocess.TimeoutExpired):
                machine.serving.wait(timeout=15)
            for process in everybody & set(table()):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            machine.serving.wait()


def table() -> dict[int, tuple[int, str]]:
    """All processes of this machine that are alive: their parents and commands."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,command="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return {int(row[0]): (int(row[1]), row[-1]) for row in rows if not row[2].startswith("Z")}


def children_of(process: int) -> list[int]:
    return [child for child, (parent, _) in table().items() if parent == process]


def children(process: int) -> dict[str, int]:
    """The children by the last word of their commands."""
    return {command.split()[-1]: child for child, (parent, command) in table().items() if parent == process}


def answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310  our own address
        return bool(response.status == 200)
    return False


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False
