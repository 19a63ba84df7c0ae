"""The notifier: after a commit, a process wakes the waiting processes at once, instead of at their next poll.

It is a directory with one datagram socket for each waiting process. A second worker, started by mistake or waiting to
take over, therefore takes no notifications from the first and misses none itself.
"""

import hashlib
import os
import selectors
import socket
import stat
from contextlib import suppress
from pathlib import Path

_MAX_PATH_LENGTH = 100
"""The longest path of a socket, in bytes. Systems allow 104 to 108 with the terminating zero."""


def notify(path: Path) -> None:
    """Wake every process that waits on the notifier at this path.

    Failures are ignored, because a process that misses a notification polls from time to time anyway.
    """
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for listener in os.listdir(socket_directory(path)):
            with suppress(OSError):  # the process is gone, or its queue is already full of notifications
                sender.sendto(b"", str(socket_directory(path) / listener))


class Notifier:
    """A process that waits for notifications. It gets them from `with` to the end of the block.

    Entering the block raises OSError if the socket can't be created.
    """

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
        """Wait for a notification for at most `timeout` seconds. Return whether there was one.

        All notifications so far count as one, so the caller must read the database after this returns, not before.
        """
        was_notified = bool(self._selector.select(max(timeout, 0)))
        with suppress(BlockingIOError):
            while was_notified:
                self._socket.recv(1)
        return was_notified


def socket_directory(path: Path) -> Path:
    """Return the directory of the sockets: the path itself, or a short path made from its hash if it is too long for a
    socket's address."""
    path = path.absolute()
    if len(os.fsencode(path)) + len("/4194304-7fffffffffff") <= _MAX_PATH_LENGTH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(f"/tmp/tracker-{os.getuid()}-{name}")  # noqa: S108  the same for every process; _create_directory checks the owner


def _create_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise PermissionError(f"{directory}, the notifier's directory, does not belong to this user.")


def _remove_stale_sockets(directory: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for listener in directory.iterdir():
            try:
                sender.sendto(b"", str(listener))
            except ConnectionRefusedError:  # the socket of a process that was killed
                listener.unlink(missing_ok=True)
            except OSError:
                continue
