"""The pauses between the attempts of an operation that fails.

A pause depends only on the number of consecutive failures. It is therefore enough to store that number: in memory, or
in a row of the database beside the time of the next attempt.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DoublingBackoff:
    """Pauses that double after each failure up to a limit, for an operation that is tried until it succeeds."""

    first: timedelta
    longest: timedelta

    def pause_after(self, failures: int) -> timedelta:
        """Return the pause after this number of consecutive failures; it is zero after no failure."""
        if failures < 1:
            return timedelta(0)
        # The exponent is limited because timedelta overflows after enough failures, long after the limit is reached.
        return min(self.first * (1 << min(failures - 1, 30)), self.longest)


@dataclass(frozen=True, slots=True)
class ListedBackoff:
    """Pauses that are listed one by one, for an operation that is given up after the last of them."""

    pauses: tuple[timedelta, ...]

    def pause_after(self, failures: int) -> timedelta | None:
        """Return the pause after this number (at least 1) of consecutive failures. Return None to give up."""
        return self.pauses[failures - 1] if failures <= len(self.pauses) else None
