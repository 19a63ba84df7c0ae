"""What has been written to a socket but not yet taken by the network, counted in messages."""

from collections import deque


class Backlog:
    """Counts whole frames from the one figure a transport gives: how many bytes still wait.

    Only a socket that is behind has one, so that the thousands that are not pay nothing for it.
    """

    __slots__ = ("_bytes", "_sizes")

    def __init__(self) -> None:
        self._sizes: deque[int] = deque()
        self._bytes = 0

    def add(self, size: int) -> None:
        """A frame of so many bytes joined the end."""
        self._sizes.append(size)
        self._bytes += size

    def frames(self, waiting: int) -> int:
        """How many frames are not wholly gone, when `waiting` bytes still are not."""
        while self._sizes and self._bytes - self._sizes[0] >= waiting:
            self._bytes -= self._sizes.popleft()
        return len(self._sizes)
