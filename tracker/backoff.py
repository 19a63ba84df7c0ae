"""How long to wait before something that has failed is tried again.

The pauses depend on nothing but the number of failures in a row, so that it is enough to keep that number: in memory,
or in a row of the database beside the time of the next try.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DoublingBackoff:
    """Pauses that double after each failure up to a limit, for what is tried until it succeeds."""

    first: timedelta
    longest: timedelta

    def pause_after(self, failures: int) -> timedelta:
        """Return the pause after so many failures in a row; after none there is no pause."""
        if failures < 1:
            return timedelta(0)
        # The exponent is limited because timedelta overflows after enough failures, long after the limit is reached.
        return min(self.first * (1 << min(failures - 1, 30)), self.longest)


@dataclass(frozen=True, slots=True)
class ListedBackoff:
    """Pauses that are listed one by one, for what is given up after the last of them."""

    pauses: tuple[timedelta, ...]

    def pause_after(self, failures: int) -> timedelta | None:
        """Return the pause after so many failures in a row, at least one. Return None if it is to be given up."""
        return self.pauses[failures - 1] if failures <= len(self.pauses) else None
