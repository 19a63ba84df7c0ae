"""Count the messages that were written to a socket and that the network has not yet taken."""

from collections import deque


class Backlog:
    """Count whole frames from the only figure that a transport gives: the number of bytes that still wait.

    Only a socket that is behind has a backlog, so that it costs the thousands of other sockets nothing.
    """

    __slots__ = ("_bytes", "_sizes")

    def __init__(self) -> None:
        self._sizes: deque[int] = deque()
        self._bytes = 0

    def add(self, size: int) -> None:
        """Record that a frame of `size` bytes was written after all others."""
        self._sizes.append(size)
        self._bytes += size

    def frames(self, waiting: int) -> int:
        """Return how many frames are not completely sent while `waiting` bytes are unsent."""
        while self._sizes and self._bytes - self._sizes[0] >= waiting:
            self._bytes -= self._sizes.popleft()
        return len(self._sizes)
