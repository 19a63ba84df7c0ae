"""The lock at which the writers of one SQLite file queue: first the threads of a process among themselves, then the
processes of this machine on a lock file, and only then comes BEGIN IMMEDIATE."""

import fcntl
import threading
from pathlib import Path


class WriteLock:
    """Lets writers in one by one, in the order in which they came; the lock file is at `path`.

    Raises `RuntimeError` for a thread that is in already, and `OSError` where the file can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._thread_lock = threading.Lock()
        self._owner_thread: int | None = None
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> None:
        if self._owner_thread == threading.get_ident():
            raise RuntimeError("A write inside a write would wait for itself for ever.")
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
