"""A SQLite file system that records what happens to the files in one folder, below Python's own SQLite.

Functions that change nothing (reading, locks, shared memory) stay SQLite's own; the others are wrapped: ours call
SQLite's and record the operation. The structures are those of https://www.sqlite.org/c3ref/vfs.html and
https://www.sqlite.org/c3ref/io_methods.html.
"""

import _sqlite3
import ctypes
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from tests.machine.missing import MissingOnThisMachine
from tests.powercuts.disk import Sync, SyncNames, Truncate, Write
from tests.powercuts.recording import Recording

NAME = b"tracker-powercuts"
OK = 0
OPEN_CREATE, OPEN_MAIN_JOURNAL, OPEN_WAL = 0x4, 0x800, 0x80000

XOpen = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
XDelete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
XClose = CFUNCTYPE(c_int, c_void_p)
XWrite = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
XTruncate = CFUNCTYPE(c_int, c_void_p, c_int64)
XSync = CFUNCTYPE(c_int, c_void_p, c_int)


class Methods(ctypes.Structure):
    """sqlite3_io_methods: the functions of an open file."""

    _fields_ = [
        ("iVersion", c_int),
        *[(name, c_void_p) for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync")],
        ("unchanged", c_void_p * 13),  # xFileSize to xUnfetch: size, locks, shared memory, mapped memory
    ]


class Vfs(ctypes.Structure):
    """sqlite3_vfs: the functions by which SQLite reaches files."""

    _fields_ = [
        *[(name, c_int) for name in ("iVersion", "szOsFile", "mxPathname")],
        ("pNext", c_void_p),
        ("zName", c_char_p),
        *[(name, c_void_p) for name in ("pAppData", "xOpen", "xDelete")],
        ("unchanged", c_void_p * 14),  # xAccess to xNextSystemCall
    ]


class Shim:
    """Our file system. It stays registered as long as the process lives, because connections hold pointers to it."""

    def __init__(self) -> None:
        self._sqlite = _library()
        self._base = ctypes.cast(self._sqlite.sqlite3_vfs_find(None), POINTER(Vfs))
        self._recording: Recording | None = None
        self._open: dict[int, tuple[Recording, int, bool]] = {}  # by the address of the open file
        self._methods: dict[int, Methods] = {}  # by the address of the methods that they replace
        self._callbacks: list[Any] = []
        self._lock = threading.Lock()
        self._vfs = Vfs.from_buffer_copy(self._base.contents)
        self._vfs.pNext, self._vfs.zName = None, NAME
        self._vfs.xOpen = self._wrap(XOpen, self._on_open, self._base.contents.xOpen)
        self._vfs.xDelete = self._wrap(XDelete, self._on_delete, self._base.contents.xDelete)
        self._sqlite.sqlite3_vfs_register(ctypes.byref(self._vfs), 0)

    @contextmanager
    def recording(self, folder: Path) -> Iterator[Recording]:
        """Record every file that SQLite opens in the folder, also after the block, until the file is closed."""
        self._recording = Recording(folder)
        self._sqlite.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        try:
            yield self._recording
        finally:
            self._sqlite.sqlite3_vfs_register(self._base, 1)
            self._recording = None

    def _wrap(self, kind: Any, function: Any, address: int) -> int:
        original = kind(address)
        callback = kind(lambda *arguments: function(original, *arguments))
        self._callbacks.append(callback)
        return ctypes.cast(callback, c_void_p).value or 0

    def _name(self, path: int | None) -> str | None:
        folder, name = os.path.split(os.fsdecode(ctypes.string_at(path))) if path else ("", "")
        return name if self._recording and folder == self._recording.folder else None

    def _on_open(self, original: Any, vfs: int, path: int | None, file: int, flags: int, flags_out: int | None) -> int:
        with self._lock:
            code: int = original(vfs, path, file, flags, flags_out)
            name = self._name(path)
            if code == OK and name and self._recording:
                # SQLite's own file system does this too: the first sync of a new journal or WAL also syncs the folder.
                syncs_names = bool(flags & OPEN_CREATE and flags & (OPEN_MAIN_JOURNAL | OPEN_WAL))
                self._open[file] = (self._recording, self._recording.opened(name), syncs_names)
                methods = c_void_p.from_address(file)  # the first field of an open file
                methods.value = ctypes.addressof(self._methods_for(methods.value or 0))
            return code

    def _methods_for(self, original: int) -> Methods:
        if original not in self._methods:
            wrapped = Methods.from_buffer_copy((ctypes.c_char * ctypes.sizeof(Methods)).from_address(original))
            wrapped.xClose = self._wrap(XClose, self._on_close, wrapped.xClose)
            wrapped.xWrite = self._wrap(XWrite, self._on_write, wrapped.xWrite)
            wrapped.xTruncate = self._wrap(XTruncate, self._on_truncate, wrapped.xTruncate)
            wrapped.xSync = self._wrap(XSync, self._on_sync, wrapped.xSync)
            self._methods[original] = wrapped
        return self._methods[original]

    def _on_delete(self, original: Any, vfs: int, path: int, sync_names: int) -> int:
        with self._lock:
            code: int = original(vfs, path, sync_names)
            name = self._name(path)
            if code == OK and name and self._recording:
                self._recording.deleted(name)
                self._recording.operations += [SyncNames()] if sync_names else []
            return code

    def _on_close(self, original: Any, file: int) -> int:
        with self._lock:
            del self._open[file]
            return int(original(file))

    def _on_write(self, original: Any, file: int, data: int, amount: int, offset: int) -> int:
        with self._lock:
            recording, number, _ = self._open[file]
            recording.operations.append(Write(number, offset, ctypes.string_at(data, amount)))
            return int(original(file, data, amount, offset))

    def _on_truncate(self, original: Any, file: int, size: int) -> int:
        with self._lock:
            recording, number, _ = self._open[file]
            recording.operations.append(Truncate(number, size))
            return int(original(file, size))

    def _on_sync(self, _: Any, file: int, __: int) -> int:
        # The machine's own disk is not synced, because its power is not cut.
        with self._lock:
            recording, number, syncs_names = self._open[file]
            recording.operations.append(Sync(number, recording.moment))
            if syncs_names:
                recording.operations.append(SyncNames())
                self._open[file] = (recording, number, False)
            return OK


@cache
def shim() -> Shim:
    """Return this process's file system. Raises MissingOnThisMachine if Python's SQLite cannot be reached."""
    shim = Shim()
    try:
        # If another SQLite is loaded into this process, Python's does not know the name.
        with closing(sqlite3.connect(f"file::memory:?vfs={NAME.decode()}", uri=True)):
            return shim
    except sqlite3.OperationalError as error:
        raise MissingOnThisMachine(f"Python's SQLite does not use our file system: {error}.") from None


def _library() -> ctypes.CDLL:
    # A module that is built into Python has no file; then Python itself exports SQLite's functions.
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    try:
        library.sqlite3_vfs_find.argtypes, library.sqlite3_vfs_find.restype = [c_char_p], c_void_p
        library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
    except AttributeError:
        raise MissingOnThisMachine(
            "Power cuts cannot be simulated: this Python hides its SQLite's functions (sqlite3_vfs_register). "
            "Use a Python whose module _sqlite3 is linked with the system's libsqlite3."
        ) from None
    return library
