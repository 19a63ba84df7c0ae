"""The notifier: a process that commits notifies the others, and those that wait wake up at once instead of at the next
look.

It is a directory with one datagram socket for each process that listens, so that a second worker, started by mistake or
waiting to take over, neither deafens the first nor is deaf itself.
"""

import hashlib
import os
import selectors
import socket
import stat
from contextlib import suppress
from pathlib import Path

_MAX_PATH_LENGTH = 100
"""Bytes. A socket's address has room for 104 to 108, by system, with its closing zero."""


def notify(path: Path) -> None:
    """Wake whoever listens at this doorbell. If nobody does, nothing happens: they look by themselves now and then."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for listener in os.listdir(socket_directory(path)):
            with suppress(OSError):  # gone, or rung so often already that its queue is full
                sender.sendto(b"", str(socket_directory(path) / listener))


class Notifier:
    """Someone who listens for rings, from `with` to the end of its block. Raises OSError where that can't be done."""

    def __init__(self, path: Path) -> None:
        self._directory = socket_directory(path)
        self.address = self._directory / f"{os.getpid()}-{id(self):x}"

    def __enter__(self) -> "Notifier":
        _create_directory(self._directory)
        _remove_stale_sockets(self._directory)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(self.address))
        self.address.chmod(0o600)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        self._socket.close()
        self.address.unlink(missing_ok=True)

    def wait(self, timeout: float) -> bool:
        """Sleep until somebody rings, at most `timeout` seconds; whether somebody did.

        All rings up to now count as one: look for news after this returns, not before.
        """
        was_notified = bool(self._selector.select(max(timeout, 0)))
        with suppress(BlockingIOError):
            while was_notified:
                self._socket.recv(1)
        return was_notified


def socket_directory(path: Path) -> Path:
    """The directory of the sockets: the path itself or, where it's too long for a socket's address, one that stands
    for it."""
    path = path.absolute()
    if len(os.fsencode(path)) + len("/4194304-7fffffffffff") <= _MAX_PATH_LENGTH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(f"/tmp/tracker-{os.getuid()}-{name}")  # noqa: S108  every process must come to the same; see _create_directory


def _create_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{directory}, the notifier's directory, does not belong to this user.")


def _remove_stale_sockets(directory: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for listener in directory.iterdir():
            try:
                sender.sendto(b"", str(listener))
            except ConnectionRefusedError:  # left behind by a process that was killed
                listener.unlink(missing_ok=True)
            except OSError:
                continue
