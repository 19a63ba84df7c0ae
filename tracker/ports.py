"""The ports on which the processes of this machine listen, and the check that they are free."""

import socket
from collections.abc import Iterable
from typing import NamedTuple

from tracker.config import Settings


class PortTaken(Exception):
    """A port is not available. The text names the port, and the variable that chooses another one."""


class Port(NamedTuple):
    """An address to listen on, and the environment variable that sets its port."""

    variable: str
    host: str
    number: int


def web_port(settings: Settings) -> Port:
    """Return the port of the web server."""
    return Port("TRACKER_PORT", settings.host, settings.port)


def engine_port(settings: Settings) -> Port:
    """Return the port of the embedded engine."""
    return Port("TRACKER_CHANNELS_PORT", settings.engine_host, settings.channels_port)


def check_ports(ports: Iterable[Port]) -> None:
    """Raise PortTaken for the first port on which this process can't listen."""
    for port in ports:
        with socket.socket(socket.AF_INET6 if ":" in port.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((port.host, port.number))
            except OSError as error:
                raise PortTaken(
                    f"Port {port.number} of {port.host} is not available ({error.strerror}). "
                    f"Choose another port with {port.variable}, or end the program that uses this one."
                ) from None
