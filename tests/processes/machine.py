"""One machine as its operator runs it: `tracker serve` in production, with its log and its processes."""

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
    """A machine with settings of its own. Its data is in `folder`, and its log in `folder`/log."""

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
    def warnings_and_errors(self) -> list[str]:
        """Return the lines of the log with a level above info, and those that are not JSON."""
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
            wait_for(lambda address=address: self._is_running() and responds(address), f"a response of {address}")

    def _is_running(self) -> bool:
        assert self.serving is not None
        assert self.serving.poll() is None, self.log
        return True

    def process(self, command: str) -> int:
        """Return the process of web, work or engine, once there is one."""
        return int(wait_for(lambda: children(self.supervisor).get(command), f"a process {command}"))

    def web_workers(self) -> list[int]:
        """Return the two processes that answer requests, once there are two."""
        workers = wait_for(lambda: len(found := children_of(self.process("web"))) == 2 and found, "two web workers")
        return sorted(workers)

    def all_processes(self) -> set[int]:
        all_processes = {self.supervisor, *children_of(self.supervisor)}
        return all_processes | {each for one in all_processes for each in children_of(one)}


@contextmanager
def a_machine(folder: Path, **more: str) -> Iterator[Machine]:
    """Yield a machine that serves nothing yet. Whatever it runs ends with the block."""
    machine = Machine(folder, more={f"TRACKER_{name}": value for name, value in more.items()})
    try:
        yield machine
    finally:
        if machine.serving is not None and machine.serving.poll() is None:
            all_processes = machine.all_processes()
            machine.serving.terminate()
            with suppress(subprocess.TimeoutExpired):
                machine.serving.wait(timeout=15)
            for process in all_processes & set(process_table()):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            machine.serving.wait()


def process_table() -> dict[int, tuple[int, str]]:
    """Return all live processes of this computer by their ids: their parents and commands."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,command="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return {int(row[0]): (int(row[1]), row[-1]) for row in rows if not row[2].startswith("Z")}


def children_of(process: int) -> list[int]:
    return [child for child, (parent, _) in process_table().items() if parent == process]


def children(process: int) -> dict[str, int]:
    """Return the children by the last word of their commands."""
    return {command.split()[-1]: child for child, (parent, command) in process_table().items() if parent == process}


def responds(address: str) -> bool:
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
