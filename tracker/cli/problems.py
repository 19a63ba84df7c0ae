"""What keeps a command from being done, in a sentence for whoever called it."""

from tracker.ports import Port, PortTaken, check_ports


class CommandFailed(Exception):
    """The command can't be done; the text says why."""


def check_free(*ports: Port) -> None:
    """Raise CommandFailed for the first of the ports that can't be had."""
    try:
        check_ports(ports)
    except PortTaken as taken:
        raise CommandFailed(str(taken)) from None
