"""Run the site's own processes, engine and worker, beside a benchmark."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import websocket

from tests.machine.ports import free_port
from tracker.config import DEMO_SECRET, ROOT, Settings, read_settings
from tracker.live.pusher import ChannelsClient

SECONDS_TO_START = 20


@contextmanager
def running(url: str, folder: Path, *commands: str) -> Iterator[tuple[Settings, dict[str, int]]]:
    """Start the commands on the migrated database. Yield the settings that they share, and their process ids."""
    own = {
        "environment": "development",
        "secret_key": "a secret key for benchmarks that is long enough",
        "channels_secret": DEMO_SECRET,
        "base_url": "http://localhost",
        "data_dir": str(folder),
        "database_url": url,
        "channels_port": str(free_port()),
        "log_level": "WARNING",
    }
    environment = os.environ | {f"TRACKER_{name.upper()}": value for name, value in own.items()}
    settings = read_settings(**own)
    children = {
        name: subprocess.Popen([sys.executable, "-m", "tracker", name], cwd=ROOT, env=environment) for name in commands
    }
    try:
        _wait_until_up(settings)
        yield settings, {name: process.pid for name, process in children.items()}
    finally:
        for process in children.values():
            process.terminate()
        for process in children.values():
            process.wait(timeout=15)


def _wait_until_up(settings: Settings) -> None:
    end = time.monotonic() + SECONDS_TO_START
    address = f"http://127.0.0.1:{settings.channels_port}/up"
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.05)
    raise RuntimeError("The engine did not start.")


@contextmanager
def listening(settings: Settings, channel: str) -> Iterator[Any]:
    """Subscribe to the private channel. Yield a function that waits for the next message and returns it."""
    where = f"ws://127.0.0.1:{settings.channels_port}/app/{settings.channels_key}?protocol=7"
    with closing(websocket.create_connection(where, timeout=10)) as socket:
        socket_id = json.loads(json.loads(socket.recv())["data"])["socket_id"]
        subscription = {"channel": channel, "auth": ChannelsClient(settings).authorise(channel, socket_id)}
        socket.send(json.dumps({"event": "pusher:subscribe", "data": subscription}))

        def next_message() -> dict[str, Any]:
            while True:
                message: dict[str, Any] = json.loads(socket.recv())
                if not message["event"].startswith("pusher:"):
                    return message

        first = next_message()
        if first["event"] != "pusher_internal:subscription_succeeded":
            raise RuntimeError(f"The engine sent {first['event']} instead of the subscription.")
        yield next_message


def processor_seconds(process: int) -> float:
    """Return the processor time of all threads of the process, in seconds."""
    used = 0
    for thread in Path(f"/proc/{process}/task").iterdir():
        used += int((thread / "schedstat").read_text().split()[0])
    return used / 1e9
