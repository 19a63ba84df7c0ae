"""The reference on Tracker's web server: `python -m tests.benchmarks.reference_server port world`."""

import os
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from tests.benchmarks.reference import reference_app
from tests.benchmarks.world import SECRET_KEY, read_world

LENGTH_OF_OUR_PAGE = 25_000


def served_app() -> Callable[..., Any]:
    """Return the application. It is created in the thread that serves it, because SQLite's connections need that."""
    world = read_world(sys.argv[2])
    created: list[Flask] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if not created:
            created.append(reference_app(world.url, SECRET_KEY, world.folder / "nobody", "x" * LENGTH_OF_OUR_PAGE))
        return created[0](environ, start_response)

    return app


if __name__ == "__main__":
    Server(
        "tests.benchmarks.reference_server:served_app",
        factory=True,
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=os.cpu_count() or 1,
        blocking_threads=1,  # because it has one connection to its database
        websockets=False,
        log_enabled=False,
    ).serve()
