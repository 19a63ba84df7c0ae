"""Call a WSGI application without a server, so that only the cost of the application is measured."""

import io
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

Environ = dict[str, Any]


def get(path: str, **headers: str) -> Environ:
    """Return the WSGI environment of a GET request."""
    return _environ("GET", path, headers)


def post(path: str, body: bytes, **headers: str) -> Environ:
    """Return the WSGI environment of a POST request with JSON."""
    more = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    return _environ("POST", path, headers) | more


def call(app: Any, environ: Environ, expected: int) -> tuple[bytes, dict[str, str]]:
    """Send one request and return the body and the headers of its response.

    Raises RuntimeError if the status is not the expected one, so that no failure is measured.
    """
    started: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
        started["status"], started["headers"] = status, headers
        return lambda _: None

    response = app(environ, start)
    try:
        body = b"".join(response)
    finally:
        if hasattr(response, "close"):
            response.close()
    if int(started["status"][:3]) != expected:
        raise RuntimeError(f"{environ['PATH_INFO']} answered {started['status']}: {body[:200]!r}")
    return body, dict(started["headers"])


def best_in_turn(works: Iterable[Callable[[], object]], *, rounds: int, times: int) -> list[float]:
    """Return the best median of each function in milliseconds.

    The functions are called in turn, so that other load on the machine affects all of them alike.
    """
    works = list(works)
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        taken: list[list[float]] = [[] for _ in works]
        for _ in range(times):
            for times_of_work, work in zip(taken, works, strict=True):
                start = time.perf_counter()
                work()
                times_of_work.append((time.perf_counter() - start) * 1000)
        best = [min(previous, median(times_of_work)) for previous, times_of_work in zip(best, taken, strict=True)]
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
