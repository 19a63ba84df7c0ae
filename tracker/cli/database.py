"""Opening the database for a command. Errors become sentences for the operator."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from tracker.cli.problems import CommandFailed
from tracker.config import Settings
from tracker.database import Database
from tracker.live.notifier import notify
from tracker.schema import is_up_to_date


@contextmanager
def open_database(settings: Settings, *, must_be_current: bool = True) -> Iterator[Database]:
    """Open the database and close it at the end of the block.

    Raises CommandFailed if it can't be used, or if its tables are of another version. With `must_be_current=False` the
    tables may be of an earlier version or missing.
    """
    try:
        database = Database(settings.database, after_commit=lambda: notify(settings.notifier_path))
        is_current = is_up_to_date(database)
    except DBAPIError as error:
        raise CommandFailed(f"The database can't be used: {str(error.orig).strip()}") from None
    except OSError as error:
        raise CommandFailed(f"The database can't be used: {error.filename}: {error.strerror}.") from None
    if must_be_current and not is_current:
        raise CommandFailed("The database's tables are of another version; run tracker migrate.")
    try:
        yield database
    except CommandError as error:
        raise CommandFailed(
            f"The database can't be migrated to this version of Tracker; is it of a newer version? {error}"
        ) from None
    finally:
        database.close()
