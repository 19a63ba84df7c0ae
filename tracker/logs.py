"""Logging: one JSON object per line in production, a readable line in development.

No log line contains a query string or the body of a request.
"""

import json
import logging
import logging.config
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog

from tracker.config import Settings

log = logging.getLogger(__name__)


def configure(settings: Settings) -> None:
    """Send all logs of this process to standard error, in the form for the settings' environment."""
    logging.config.dictConfig(logging_config(settings))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught_exception
    threading.excepthook = _log_thread_exception


def logging_config(settings: Settings) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`; granian applies it in each of its processes itself."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _formatter, "readable": settings.is_development}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": settings.log_level},
        "loggers": {"alembic": {"level": "WARNING"}, "aiohttp.access": {"level": "WARNING"}},
    }


def _log_uncaught_exception(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    log.critical("an uncaught exception ended the process", exc_info=(kind, error, traceback))


def _log_thread_exception(died: threading.ExceptHookArgs) -> None:
    log.critical("an uncaught exception ended a thread", exc_info=died.exc_value)


_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_encode = json.JSONEncoder(default=repr).encode


class _JsonLine(logging.Formatter):
    """Formats a record as one JSON object: its message, and the fields that were passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD_FIELDS}
        line["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)


def _formatter(*, readable: bool) -> logging.Formatter:
    if not readable:
        return _JsonLine()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
    )
