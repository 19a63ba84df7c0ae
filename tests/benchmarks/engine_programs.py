"""The engines that are compared: ours, a bare aiohttp server, and soketi 1.6.1 where it can be installed.

soketi is not a part of this project. It is in the folder that BENCHMARK_SOKETI names, by default in var/soketi, into
which it is installed with npm if npm exists.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.benchmarks.engine_clients import APP, KEY, SECRET
from tests.engine.engine_process import engine_settings, running_engine
from tests.machine.ports import free_port
from tracker.config import ROOT

SOKETI = {
    "dependencies": {"@soketi/soketi": "1.6.1"},
    "overrides": {"uWebSockets.js": "npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0"},
}
"""The override is the same uWebSockets.js from the package registry, which does not have the one that soketi names."""
SECONDS_TO_INSTALL, SECONDS_TO_START = 180, 20

Running = tuple[int, int]
"""The port on which the engine listens, and its process id."""


@contextmanager
def our_engine() -> Iterator[Running]:
    """Run the embedded engine."""
    with running_engine(engine_settings()) as engine:
        yield engine.port, engine.pid


@contextmanager
def bare_server() -> Iterator[Running]:
    """Run the bare aiohttp server."""
    port = free_port()
    with _program([sys.executable, "-m", "tests.benchmarks.engine_bare", str(port)], ROOT, {}, port) as process:
        yield port, process


def soketi_program() -> Path | None:
    """Return the path of soketi, after installing it if necessary. Return None if it cannot be installed or run."""
    folder = Path(os.environ.get("BENCHMARK_SOKETI", ROOT / "var/soketi"))
    program = folder / "node_modules/@soketi/soketi/bin/server.js"
    if not program.exists() and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps(SOKETI))
        with suppress(subprocess.SubprocessError):
            command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=SECONDS_TO_INSTALL)
    return program if program.exists() and shutil.which("node") else None


@contextmanager
def soketi(program: Path) -> Iterator[Running]:
    """Run soketi with the same app and without its statistics."""
    port = free_port()
    names = {"DEFAULT_APP_ID": APP, "DEFAULT_APP_KEY": KEY, "DEFAULT_APP_SECRET": SECRET, "METRICS_ENABLED": "0"}
    names |= {"HOST": "127.0.0.1", "PORT": str(port), "METRICS_SERVER_PORT": str(free_port())}
    environment = {f"SOKETI_{name}": value for name, value in names.items()}
    with _program(["node", str(program), "start"], program.parent, environment, port) as process:
        yield port, process


@contextmanager
def _program(command: Sequence[str], folder: Path, environment: dict[str, str], port: int) -> Iterator[int]:
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | environment, stdout=nowhere, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_up(port)
            yield process.pid
        finally:
            process.kill()  # on SIGTERM soketi would wait for its clients, and there is no state to save
            process.wait()


def _wait_until_up(port: int) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("One of the compared programs did not start.")
