"""The ports on which this machine is to listen, and whether they can be had."""

import socket
from collections.abc import Iterable
from typing import NamedTuple

from tracker.config import Settings


class PortTaken(Exception):
    """Somebody else listens where we are to listen. The text says where, and which variable names another port."""


class Port(NamedTuple):
    """Where something is to listen, and the variable that says so."""

    variable: str
    host: str
    number: int


def web_port(settings: Settings) -> Port:
    """Where the web server is to listen."""
    return Port("TRACKER_PORT", settings.host, settings.port)


def engine_port(settings: Settings) -> Port:
    """Where the embedded engine is to listen."""
    return Port("TRACKER_CHANNELS_PORT", settings.engine_host, settings.channels_port)


def check_ports(ports: Iterable[Port]) -> None:
    """Raise PortTaken for the first that can't be had."""
    for port in ports:
        with socket.socket(socket.AF_INET6 if ":" in port.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((port.host, port.number))
            except OSError as error:
                raise PortTaken(
                    f"Port {port.number} of {port.host} can't be had ({error.strerror}). "
                    f"Choose another with {port.variable}, or end what has it."
                ) from None
