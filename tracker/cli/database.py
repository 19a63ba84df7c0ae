"""The database as the commands use it: open, of this version, or a sentence that says why not."""

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
    """The database until the end of the block. Raises CommandFailed if it doesn't answer or is of another version.

    With `must_be_current=False` its tables may be of any earlier version, or none.
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
            f"The database can't be brought to this version of Tracker; is it a newer one's? {error}"
        ) from None
    finally:
        database.close()
