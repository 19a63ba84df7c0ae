"""The database as the commands use it: open, of this version, or a sentence that says why not."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from tracker.cli.problems import Problem
from tracker.config import Settings
from tracker.database import Database
from tracker.live.notifier import ring
from tracker.schema import is_up_to_date


@contextmanager
def opened(settings: Settings, *, at_this_version: bool = True) -> Iterator[Database]:
    """The database until the end of the block. Raises Problem if it doesn't answer or is of another version.

    With `at_this_version=False` its tables may be of any earlier version, or none.
    """
    try:
        database = Database(settings.database, after_commit=lambda: ring(settings.doorbell))
        is_current = is_up_to_date(database)
    except DBAPIError as error:
        raise Problem(f"The database can't be used: {str(error.orig).strip()}") from None
    except OSError as error:
        raise Problem(f"The database can't be used: {error.filename}: {error.strerror}.") from None
    if at_this_version and not is_current:
        raise Problem("The database's tables are of another version; run tracker migrate.")
    try:
        yield database
    except CommandError as error:
        raise Problem(
            f"The database can't be brought to this version of Tracker; is it a newer one's? {error}"
        ) from None
    finally:
        database.close()
