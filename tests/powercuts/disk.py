"""The changes to a folder's files, and what a power cut leaves of them: all that was synced, and any part of the
rest."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes written to a file at an offset. They last for certain only after a sync."""

    file: int
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """The file is cut to this length."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """The file's operations before number `before` are on the disk."""

    file: int
    before: int


@dataclass(frozen=True, slots=True)
class Name:
    """The name stands for this file from now on, or for none. A file keeps its content when it loses its name."""

    name: str
    file: int | None


@dataclass(frozen=True, slots=True)
class SyncNames:
    """The folder's names are on the disk as they are now."""


Change = Write | Truncate
Operation = Change | Sync | Name | SyncNames


@dataclass
class Disk:
    """One folder on a disk: the content that is certain, and the changes that are not synced."""

    content: dict[int, bytearray] = field(default_factory=lambda: defaultdict(bytearray))
    names: dict[str, int | None] = field(default_factory=dict)
    changes: dict[int, list[tuple[int, Change]]] = field(default_factory=lambda: defaultdict(list))
    renamings: dict[str, list[int | None]] = field(default_factory=lambda: defaultdict(list))

    def record(self, number: int, operation: Operation) -> None:
        """Record the next operation, with its number in the recording."""
        match operation:
            case Write() | Truncate():
                self.changes[operation.file].append((number, operation))
            case Sync(file, before):
                for _, change in (waiting := [change for change in self.changes[file] if change[0] < before]):
                    apply(self.content[file], change)
                del self.changes[file][: len(waiting)]
            case Name(name, file):
                self.renamings[name].append(file)
            case SyncNames():
                self.names |= {name: files[-1] for name, files in self.renamings.items()}
                self.renamings.clear()

    @property
    def unsynced(self) -> frozenset[str]:
        """Return the names of the files that a cut now could tear, and "names" if a file's name could be lost."""
        names = {file: name for name, file in self.names.items()}
        names |= {file: name for name, files in self.renamings.items() for file in files}
        torn = {names[file] for file, changes in self.changes.items() if changes and file in names}
        return frozenset(torn | ({"names"} if self.renamings else set()))

    def files_after_cut(self, rng: Random) -> dict[str, bytes]:
        """Return one possible content of the folder after a power cut now: the files by their names."""
        share = rng.choice([0, 1, rng.random()])  # nothing, everything or some of what was not synced has lasted
        found = {}
        for name in self.names | self.renamings:
            possible = [self.names.get(name), *self.renamings.get(name, [])]
            file = possible[0] if share == 0 else possible[-1] if share == 1 else rng.choice(possible)
            if file is not None:
                found[name] = self._torn(file, share, rng)
        return found

    def _torn(self, file: int, share: float, rng: Random) -> bytes:
        content, sector = bytearray(self.content[file]), rng.choice([512, 4096])
        pieces = [piece for _, change in self.changes[file] for piece in in_sectors(change, sector)]
        if share < 1 and rng.random() < 0.3:
            rng.shuffle(pieces)
        for piece in pieces:
            if rng.random() < share:
                apply(content, piece)
            elif share and isinstance(piece, Write) and rng.random() < 0.2:
                # The file has grown, but the data has not arrived: the gap has zeros, or what was on the disk before.
                missing = max(0, piece.at + len(piece.data) - len(content))
                content += rng.choice([bytes(missing), rng.randbytes(missing)])
        return bytes(content)


def seeded_random(seed: int) -> Random:
    """Return a random generator that repeats itself."""
    return Random(seed)  # noqa: S311  nothing here is secret


def apply(content: bytearray, change: Change) -> None:
    """Apply the change to the content; a gap is filled with zeros."""
    if isinstance(change, Truncate):
        del content[change.size :]
        return
    content += bytes(max(0, change.at - len(content)))
    content[change.at : change.at + len(change.data)] = change.data


def in_sectors(change: Change, size: int) -> Iterable[Change]:
    """Split the change as a disk does: each sector arrives whole or not at all."""
    if isinstance(change, Truncate):
        return [change]
    edges = [change.at, *range(change.at - change.at % size + size, change.at + len(change.data), size)]
    ends = [*edges[1:], change.at + len(change.data)]
    parts = zip(edges, ends, strict=True)
    return [Write(change.file, a, change.data[a - change.at : b - change.at]) for a, b in parts]
