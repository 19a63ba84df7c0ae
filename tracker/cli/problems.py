"""The errors of commands, as sentences for the operator."""

from tracker.ports import Port, PortTaken, check_ports


class CommandFailed(Exception):
    """The command can't be executed; the text gives the reason."""


def check_free(*ports: Port) -> None:
    """Raise CommandFailed for the first of the ports that is not available."""
    try:
        check_ports(ports)
    except PortTaken as taken:
        raise CommandFailed(str(taken)) from None
