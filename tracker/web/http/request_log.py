"""Request log with one line for each request. It logs the URL rule, not the URL, because URLs can contain secrets."""

import logging
import time
from types import TracebackType

from flask import Flask, Response, g, request

log = logging.getLogger("tracker.request")

UNLOGGED_ENDPOINTS = frozenset({"health.up", "health.ready", "assets.static"})
"""Endpoints that are logged only if they fail."""


def init(app: Flask) -> None:
    """Log every request after it has been answered."""
    app.before_request(_start)
    app.after_request(_log_request)
    app.log_exception = _log_exception  # type: ignore[method-assign]  # Flask's own version logs the URL


def add_log_fields(**fields: object) -> None:
    """Add fields to this request's log line. Never add personal data."""
    g.setdefault("log_fields", {}).update(fields)


def _start() -> None:
    g.started = time.perf_counter()


def _log_request(response: Response) -> Response:
    if request.endpoint in UNLOGGED_ENDPOINTS and response.status_code < 400:
        return response
    started = g.get("started", time.perf_counter())
    line = {
        "method": request.method,
        "rule": _rule(),
        "status": response.status_code,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }
    log.info("request", extra=line | g.get("log_fields", {}))
    return response


def _log_exception(
    exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    log.error("answering %s %s failed", request.method, _rule(), exc_info=exc_info)


def _rule() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"
