"""The reference under the web server that we use: `python -m tests.benchmarks.reference_server port world`."""

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
    """The application as a process of the server makes it: in the one thread that answers, for SQLite's sake."""
    world = read_world(sys.argv[2])
    made: list[Flask] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if not made:
            made.append(reference_app(world.url, SECRET_KEY, world.folder / "nobody", "x" * LENGTH_OF_OUR_PAGE))
        return made[0](environ, start_response)

    return app


if __name__ == "__main__":
    Server(
        "tests.benchmarks.reference_server:served_app",
        factory=True,
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=os.cpu_count() or 1,
        blocking_threads=1,  # for it has one connection to its database
        websockets=False,
        log_enabled=False,
    ).serve()
