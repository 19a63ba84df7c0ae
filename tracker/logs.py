"""Logs: one JSON object a line in production, a readable line in development. Never a query string, never a body."""

import logging
import logging.config
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

from tracker.config import Settings

log = logging.getLogger(__name__)


def configure(settings: Settings) -> None:
    """Send the logs of everything in this process to standard error, in the form that the settings ask for."""
    logging.config.dictConfig(as_dict(settings))
    logging.captureWarnings(True)
    sys.excepthook = _died
    threading.excepthook = _thread_died


def as_dict(settings: Settings) -> dict[str, Any]:
    """The same for who configures logging by itself, as the web server does in each of its processes."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _formatter, "readable": settings.is_development}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": settings.log_level},
        "loggers": {"alembic": {"level": "WARNING"}, "aiohttp.access": {"level": "WARNING"}},
    }


def _died(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    log.critical("the process died of something nobody thought of", exc_info=(kind, error, traceback))


def _thread_died(died: threading.ExceptHookArgs) -> None:
    log.critical("a thread died of something nobody thought of", exc_info=died.exc_value)


def _formatter(*, readable: bool) -> structlog.stdlib.ProcessorFormatter:
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
