"""Calls of a WSGI application without a server: what a request costs, and nothing of what brings it."""

import io
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

Environ = dict[str, Any]


def get(path: str, **headers: str) -> Environ:
    """What a server hands over for a GET."""
    return _environ("GET", path, headers)


def post(path: str, body: bytes, **headers: str) -> Environ:
    """What a server hands over for a POST of JSON."""
    more = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    return _environ("POST", path, headers) | more


def call(app: Any, environ: Environ, expected: int) -> tuple[bytes, dict[str, str]]:
    """One request. Raises RuntimeError for another response than the expected one: nothing wrong is ever measured."""
    said: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        said["status"], said["headers"] = status, headers
        return lambda _: None

    response = app(environ, start)
    try:
        body = b"".join(response)
    finally:
        if hasattr(response, "close"):
            response.close()
    if int(said["status"][:3]) != expected:
        raise RuntimeError(f"{environ['PATH_INFO']} answered {said['status']}: {body[:200]!r}")
    return body, dict(said["headers"])


def best_in_turn(works: Iterable[Callable[[], object]], *, rounds: int, times: int) -> list[float]:
    """The best median of each, in milliseconds; they are called in turns, so that noise meets all of them alike."""
    works = list(works)
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        taken: list[list[float]] = [[] for _ in works]
        for _ in range(times):
            for mine, work in zip(taken, works, strict=True):
                start = time.perf_counter()
                work()
                mine.append((time.perf_counter() - start) * 1000)
        best = [min(known, median(mine)) for known, mine in zip(best, taken, strict=True)]
    return best


def _environ(method: str, path: str, headers: dict[str, str]) -> Environ:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "orders.example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "orders.example.com",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
