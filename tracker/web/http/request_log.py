"""One log line a request. It names the rule, not the address: addresses hold secrets, such as sign-in links."""

import logging
import time
from types import TracebackType

from flask import Flask, Response, g, request

log = logging.getLogger("tracker.request")

QUIET = frozenset({"health.up", "health.ready", "assets.static"})
"""Endpoints whose good answers are not worth a line."""


def init(app: Flask) -> None:
    """Have every request written down when it is answered."""
    app.before_request(_start)
    app.after_request(_write_down)
    app.log_exception = _write_failure_down  # type: ignore[method-assign]  # Flask's own names the address


def note(**facts: object) -> None:
    """Add to this request's line; nothing personal."""
    g.setdefault("noted", {}).update(facts)


def _start() -> None:
    g.started = time.perf_counter()


def _write_down(response: Response) -> Response:
    if request.endpoint in QUIET and response.status_code < 400:
        return response
    started = g.get("started", time.perf_counter())
    line = {
        "method": request.method,
        "rule": _rule(),
        "status": response.status_code,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }
    log.info("request", extra=line | g.get("noted", {}))
    return response


def _write_failure_down(
    exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    log.error("answering %s %s failed", request.method, _rule(), exc_info=exc_info)


def _rule() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"
