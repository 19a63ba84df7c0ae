"""The record of what SQLite does to the files of one folder."""

import os
from pathlib import Path

from tests.powercuts.disk import Name, Operation, Sync, SyncNames, Write


class Recording:
    """What SQLite has done to the files of a folder, in order. Files that are there already are certain."""

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
        """How many operations there have been."""
        return len(self.operations)

    def opened(self, name: str) -> int:
        """The number of the file of this name, which is made if there is none."""
        if name not in self.names:
            self._files += 1
            self.names[name] = self._files
            self.operations.append(Name(name, self._files))
        return self.names[name]

    def deleted(self, name: str) -> None:
        """The name is free again."""
        if self.names.pop(name, None) is not None:
            self.operations.append(Name(name, None))
