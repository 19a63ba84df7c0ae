"""The lock on which the writers of one SQLite file queue before BEGIN IMMEDIATE.

The threads of a process queue on a lock in memory, and the processes of the machine on a lock file.
"""

import fcntl
import threading
from pathlib import Path


class WriteLock:
    """A context manager that admits one writer at a time, in the order of their arrival. The lock file is at `path`.

    Entering it raises RuntimeError in a thread that already holds it, and OSError if the file can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._thread_lock = threading.Lock()
        self._owner_thread: int | None = None
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> None:
        if self._owner_thread == threading.get_ident():
            raise RuntimeError("A transaction inside a transaction would wait for itself for ever.")
        self._thread_lock.acquire()
        try:
            self._file = self._path.open("w")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._thread_lock.release()
            raise
        self._owner_thread = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner_thread = None
        self._file.close()
        self._thread_lock.release()
