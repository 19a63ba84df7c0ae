"""The recording of what SQLite does to the files of one folder."""

import os
from pathlib import Path

from tests.powercuts.disk import Name, Operation, Sync, SyncNames, Write


class Recording:
    """What SQLite has done to the files of a folder, in order. Files that exist at the beginning count as synced."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.path.realpath(folder)
        self.operations: list[Operation] = []
        self.names: dict[str, int] = {}
        self._files = 0
        for path in sorted(folder.iterdir()):
            if not path.name.endswith(("-write-lock", "-shm")):
                data = path.read_bytes()
                file = self.opened(path.name)
                self.operations += [Write(file, 0, data), Sync(file, len(self.operations) + 1)]
        self.operations.append(SyncNames())
        self.start = self.moment

    @property
    def moment(self) -> int:
        """Return the number of operations so far."""
        return len(self.operations)

    def opened(self, name: str) -> int:
        """Return the number of the file with this name, which is created if it does not exist."""
        if name not in self.names:
            self._files += 1
            self.names[name] = self._files
            self.operations.append(Name(name, self._files))
        return self.names[name]

    def deleted(self, name: str) -> None:
        """Record that the name is free again."""
        if self.names.pop(name, None) is not None:
            self.operations.append(Name(name, None))
