"""The web server of this machine, and the ports that this machine is to listen on."""

import socket

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from tracker import logs
from tracker.application import create_app
from tracker.config import Settings, read_settings


class PortTaken(Exception):
    """Somebody else listens where we are to listen. The text says where."""


def web_app() -> Flask:
    """The application as a web server process makes it, with the settings of its environment."""
    settings = read_settings()
    logs.configure(settings)
    return create_app(settings)


def serve_web(settings: Settings) -> None:
    """Run the web server until SIGTERM or SIGINT."""
    threads = settings.web_threads or (2 if settings.uses_sqlite else 4)
    Server(
        "tracker.serving:web_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=threads,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


def check_ports(settings: Settings) -> None:
    """Raise PortTaken if a port that we are to listen on is somebody else's."""
    wanted = [("TRACKER_PORT", settings.host, settings.port)]
    if settings.engine:
        wanted.append(("TRACKER_CHANNELS_PORT", settings.engine_host, settings.channels_port))
    for name, host, port in wanted:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortTaken(f"Port {port} of {host} can't be had: {error.strerror}. {name} names it.") from None
