"""Start the engine on a port, and stop it in such a way that clients notice at once."""

import asyncio
import gc
import logging
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from tracker.engine import rest
from tracker.engine.engine import Engine
from tracker.engine.fast_path import FastPath
from tracker.engine.publication import MAX_BODY_BYTES
from tracker.engine.settings import EngineSettings
from tracker.engine.websocket import ENGINE, handle_app, handle_unknown_path

_log = logging.getLogger("tracker.engine")

_RESERVED = 1_000  # open files that are not connections of clients
_LISTEN_BACKLOG = 4_096  # connections not yet accepted: all clients reconnect in the same second after a restart
_ACCEPT_BATCH = 32  # connections accepted in one turn of the event loop, before accepted ones are served


def make_app(settings: EngineSettings) -> web.Application:
    """Return the engine as an aiohttp application. One process can run several, which share nothing."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_handle_errors])
    app[ENGINE] = Engine(settings)
    app.add_routes([web.get("/app/{key}", handle_app, allow_head=False), web.get("/up", _up), *rest.routes()])
    app.router.add_route("*", "/{path:.*}", handle_unknown_path)
    app.cleanup_ctx.append(_monitor)
    app.on_shutdown.append(_close_all)
    return app


async def serve(settings: EngineSettings, *, on_ready: Callable[[int], None] | None = None) -> None:
    """Serve until SIGTERM, SIGINT or cancellation, then stop within two seconds.

    `on_ready` is called with the port once the engine listens. Raises `OSError` if the port is taken.
    """
    stop = asyncio.Event()
    app = make_app(settings)
    runner = _app_runner(app, settings)
    await runner.setup()
    try:
        listener = await _start_server(app, runner, settings)
        port = int(listener.sockets[0].getsockname()[1])
        _stop_on_signals(stop)
        _log.info("The engine listens on %s port %d.", settings.host, port)
        if on_ready is not None:
            on_ready(port)
        try:
            await stop.wait()
        finally:
            listener.close()
            await app[ENGINE].close_all()
    finally:
        await runner.cleanup()
        _log.info("The engine has stopped.")


def run(settings: EngineSettings, *, on_ready: Callable[[int], None] | None = None) -> None:
    """Serve as `serve` does, in a process that does nothing else.

    The limit of open files is raised as far as the system allows; `max_connections` is lowered if that is too little.
    """
    max_connections = _max_connections(
        settings.max_connections, _allowed_open_files(settings.max_connections + _RESERVED)
    )
    if max_connections < settings.max_connections:
        _log.warning("max_connections is %d: this process may not open more files.", max_connections)
        settings = replace(settings, max_connections=max_connections)
    _tune_garbage_collection()
    asyncio.run(serve(settings, on_ready=on_ready))


async def _start_server(app: web.Application, runner: web.AppRunner, settings: EngineSettings) -> asyncio.Server:
    engine, next_protocol = app[ENGINE], runner.server
    assert next_protocol is not None  # noqa: S101  the runner is set up

    def fast_path() -> FastPath:
        return FastPath(settings, engine.channels, engine.fast_paths, next_protocol)

    listener = _bind_socket(settings)
    server = await asyncio.get_running_loop().create_server(fast_path, sock=listener, backlog=_ACCEPT_BATCH)
    listener.listen(_LISTEN_BACKLOG)  # asyncio's parameter sets both figures
    return server


def _tune_garbage_collection() -> None:
    # While thousands of clients connect, Python's default thresholds start collection after collection that finds no
    # garbage; that took a third of the time in which all clients reconnect. Closed connections are garbage: with even
    # higher thresholds, storms of short connections would fill the memory.
    gc.freeze()
    gc.set_threshold(5_000, 10, 2)


def _app_runner(app: web.Application, settings: EngineSettings) -> web.AppRunner:
    return web.AppRunner(
        app,
        access_log=None,  # its lines would contain query strings, which contain signatures
        logger=_quiet_logger(),
        keepalive_timeout=settings.http_idle_timeout,
        lingering_time=1.0,
        auto_decompress=False,  # a digest covers the bytes as sent, and a compression bomb stays small
        shutdown_timeout=0.2,
    )


def _bind_socket(settings: EngineSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit this size. The kernel's default grows to megabytes for each slow reader.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, settings.send_buffer_bytes)
        listener.bind((settings.host, settings.port))
    except OSError:
        listener.close()
        raise
    return listener


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Signals can be handled in the main thread only. In another thread the task is cancelled instead.
        with suppress(ValueError, RuntimeError, NotImplementedError):
            loop.add_signal_handler(number, stop.set)


def _allowed_open_files(wanted: int) -> int:
    """Raise this process's limit of open files to `wanted` if possible, and return the limit.

    Each connection is an open file, and shells usually allow 1,024.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


def _max_connections(connections: int, open_files: int) -> int:
    """Return how many clients to serve, so that files remain for the listener, publishers and rejected clients."""
    return min(connections, open_files - min(_RESERVED, open_files // 10))


def _quiet_logger() -> logging.Logger:
    """Return a logger for aiohttp that leaves out the text of broken requests, because it contains query strings."""
    logger = logging.getLogger("tracker.engine.http")
    if not logger.filters:
        logger.addFilter(_without_request_text)
    return logger


def _without_request_text(record: logging.LogRecord) -> bool:
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args, record.exc_info = "A request that was not HTTP was refused.", (), None
    return True


@web.middleware
async def _handle_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log an unexpected exception, and answer with status 500 without any of its text."""
    try:
        return await handler(request)
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:
        _log.exception("Answering %s %s failed.", request.method, request.match_info.route.name or "a request")
        return web.Response(status=500, text="Something went wrong here.\n")


async def _up(request: web.Request) -> web.Response:
    engine = request.app[ENGINE]
    return web.json_response({"connections": len(engine.connections), "channels": len(engine.channels)})


async def _monitor(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[ENGINE].monitor())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _close_all(app: web.Application) -> None:
    await app[ENGINE].close_all()
