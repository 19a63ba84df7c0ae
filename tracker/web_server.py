"""The web server of this machine: granian's main process, and the processes it starts, which answer requests."""

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
"""Seconds that a connection may be idle. An open page sends a request at least every two minutes. If its connection
were closed meanwhile, each update of the page would be delayed by opening a new one."""
_OTHER_CONNECTIONS = 1_000  # connections that don't belong to an open page, and open files that are no connections
_LISTEN_BACKLOG = 4_096  # after a restart all pages reconnect in the same second


def web_app() -> Flask:
    """Return the application of a web server process, with the settings of its environment. Granian calls this."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    logs.configure(settings)
    return create_app(settings)


def serve_web(settings: Settings) -> None:
    """Run the web server until SIGTERM or SIGINT."""
    os.register_at_fork(after_in_child=_reset_signal_handlers)
    WorkerProcess.is_alive = is_alive  # type: ignore[assignment, method-assign]  # granian has no setting for it
    threads = settings.web_threads or (2 if settings.uses_sqlite else 4)
    # Each open page keeps a connection, and a page beyond the limit waits without an error. The limit of each process
    # is that of all pages together: the kernel distributes connections at random, and the connections of a process
    # that dies go to the others.
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
    """Return whether a web server process is still running.

    This replaces granian's own method. Two of granian's threads wait for the process, and the kernel reports its end
    only to one of them; to the other one it seems to be alive. On a busy machine granian then killed a process that
    had already ended, and warned that it had refused to stop.
    """
    return not connection.wait([worker.inner.sentinel], timeout=0)


def _max_connections(wanted: int) -> int:
    """Return how many connections a process can hold: `wanted`, or fewer if its limit of open files is lower.

    Each connection is an open file, and granian raises the soft limit to the hard limit.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if files == resource.RLIM_INFINITY else min(wanted, files - min(_OTHER_CONNECTIONS, files // 10))


def _reset_signal_handlers() -> None:
    # A forked process inherits granian's handlers, which only notify the copy of its parent's loop. Until the process
    # installs its own handlers it would ignore SIGTERM, and be killed seconds later.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _end_with_parent() -> None:
    """End this process when its parent ends; otherwise nothing would ever end it, and it would go on answering."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
