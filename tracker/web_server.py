"""The web server of this machine: one process that watches over the others, and those, which answer."""

import os
import resource
import signal
import threading
from multiprocessing import connection, parent_process

from flask import Flask
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server
from granian.server.mp import WorkerProcess

from tracker import logs
from tracker.application import create_app
from tracker.config import Settings, read_settings

KEEP_ALIVE_SECONDS = 150
"""Seconds that a connection may be silent. An open page asks every two minutes at least; were its connection closed
meanwhile, what it hears of would be on the screen later by all that opening one takes."""
_OTHER_CONNECTIONS = 1_000  # connections of whoever watches nothing, and as many files that are no connections
_LISTEN_BACKLOG = 4_096  # all pages come back in the same second after a restart


def web_app() -> Flask:
    """The application as a web server process makes it, with the settings of its environment."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    logs.configure(settings)
    return create_app(settings)


def serve_web(settings: Settings) -> None:
    """Run the web server until SIGTERM or SIGINT."""
    os.register_at_fork(after_in_child=_reset_signal_handlers)
    WorkerProcess.is_alive = is_alive  # type: ignore[assignment, method-assign]  # granian has no other place for it
    threads = settings.web_threads or (2 if settings.uses_sqlite else 4)
    # Every page that is open keeps a connection, and who finds no place waits in silence. Each process has one for all
    # of them: the kernel deals them out by chance, and those of a process that dies go to the others.
    max_connections = _max_connections(settings.engine_max_connections + _OTHER_CONNECTIONS)
    Server(
        "tracker.web_server:web_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=threads,
        backlog=_LISTEN_BACKLOG,
        backpressure=max_connections,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        log_dictconfig=logs.logging_config(settings),
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=KEEP_ALIVE_SECONDS * 1000),
    ).serve()


def is_alive(worker: WorkerProcess) -> bool:
    """Whether a process has not ended yet.

    Two of granian's threads wait for it, and the kernel tells of an end only once: to the other one it seems to live
    on. On a machine with much to do a process that had ended in peace was then killed, with a warning that it refused.
    """
    return not connection.wait([worker.inner.sentinel], timeout=0)


def _max_connections(wanted: int) -> int:
    """How many connections a process can hold. Each is an open file; granian has asked for as many as it may have."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if files == resource.RLIM_INFINITY else min(wanted, files - min(_OTHER_CONNECTIONS, files // 10))


def _reset_signal_handlers() -> None:
    # A forked process inherits granian's handlers, which tell its parent's copy of the loop and nobody else: until it
    # has handlers of its own it would be deaf to SIGTERM, and be killed seconds later.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _end_with_parent() -> None:
    """Without the process that started it, nobody would ever end this one, and it would go on answering."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
