"""What was done to a folder's files, and what of it a power cut leaves: what was synced, and anything of the rest."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes for a file at an offset; certain to last only after a sync."""

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
    """From now on the name stands for this file, or for none. A file keeps its content when it loses its name."""

    name: str
    file: int | None


@dataclass(frozen=True, slots=True)
class SyncNames:
    """The folder's names are on the disk as they are now."""


Change = Write | Truncate
Operation = Change | Sync | Name | SyncNames


@dataclass
class Disk:
    """One folder on a disk: what is certain, and the changes of which nobody knows yet."""

    content: dict[int, bytearray] = field(default_factory=lambda: defaultdict(bytearray))
    names: dict[str, int | None] = field(default_factory=dict)
    changes: dict[int, list[tuple[int, Change]]] = field(default_factory=lambda: defaultdict(list))
    renamings: dict[str, list[int | None]] = field(default_factory=lambda: defaultdict(list))

    def take(self, number: int, operation: Operation) -> None:
        """The next operation, with its number in the record."""
        match operation:
            case Write() | Truncate():
                self.changes[operation.file].append((number, operation))
            case Sync(file, before):
                for _, change in (waiting := [one for one in self.changes[file] if one[0] < before]):
                    apply(self.content[file], change)
                del self.changes[file][: len(waiting)]
            case Name(name, file):
                self.renamings[name].append(file)
            case SyncNames():
                self.names |= {name: files[-1] for name, files in self.renamings.items()}
                self.renamings.clear()

    @property
    def unsynced(self) -> frozenset[str]:
        """The files that a cut now could tear, by name, and "names" if a file's name could be lost."""
        names = {file: name for name, file in self.names.items()}
        names |= {file: name for name, files in self.renamings.items() for file in files}
        torn = {names[file] for file, changes in self.changes.items() if changes and file in names}
        return frozenset(torn | ({"names"} if self.renamings else set()))

    def after_a_cut(self, chance: Random) -> dict[str, bytes]:
        """Files by their names, as somebody may find them after a power cut now."""
        share = chance.choice([0, 1, chance.random()])  # of what was not synced: nothing, all or some has lasted
        found = {}
        for name in self.names | self.renamings:
            possible = [self.names.get(name), *self.renamings.get(name, [])]
            file = possible[0] if share == 0 else possible[-1] if share == 1 else chance.choice(possible)
            if file is not None:
                found[name] = self._torn(file, share, chance)
        return found

    def _torn(self, file: int, share: float, chance: Random) -> bytes:
        content, sector = bytearray(self.content[file]), chance.choice([512, 4096])
        pieces = [piece for _, change in self.changes[file] for piece in in_sectors(change, sector)]
        if share < 1 and chance.random() < 0.3:
            chance.shuffle(pieces)
        for piece in pieces:
            if chance.random() < share:
                apply(content, piece)
            elif share and isinstance(piece, Write) and chance.random() < 0.2:
                # The file has grown, but what should stand there has not arrived: zeros, or what stood there before.
                missing = max(0, piece.at + len(piece.data) - len(content))
                content += chance.choice([bytes(missing), chance.randbytes(missing)])
        return bytes(content)


def seeded(seed: int) -> Random:
    """Chance that repeats itself."""
    return Random(seed)  # noqa: S311  nothing here is secret


def apply(content: bytearray, change: Change) -> None:
    """Do to the content what the change says; a gap is filled with zeros."""
    if isinstance(change, Truncate):
        del content[change.size :]
        return
    content += bytes(max(0, change.at - len(content)))
    content[change.at : change.at + len(change.data)] = change.data


def in_sectors(change: Change, size: int) -> Iterable[Change]:
    """The change as the disk does it: each sector arrives whole or not at all."""
    if isinstance(change, Truncate):
        return [change]
    edges = [change.at, *range(change.at - change.at % size + size, change.at + len(change.data), size)]
    ends = [*edges[1:], change.at + len(change.data)]
    parts = zip(edges, ends, strict=True)
    return [Write(change.file, a, change.data[a - change.at : b - change.at]) for a, b in parts]
