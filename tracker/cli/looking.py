"""The commands that look after what is there: migrate, status, doctor, settings."""

import sqlite3
import sys

import click
from pydantic import SecretStr

from tracker import clock
from tracker.config import Settings, read_settings
from tracker.database import Database
from tracker.live.reading import pending_summary
from tracker.schema import is_up_to_date
from tracker.schema import migrate as bring_up_to_date
from tracker.upstream.inbox import notices_by_state


@click.command()
def migrate() -> None:
    """Bring the database's tables up to this version; what is there is kept."""
    bring_up_to_date(Database(read_settings().database))
    click.echo("The database is up to date.")


@click.command()
def status() -> None:
    """Say what waits and what is stuck. Exits with 1 if something is stuck."""
    with Database(read_settings().database).reading() as session:
        pending = pending_summary(session, clock.now())
        notices = notices_by_state(session)
    click.echo(
        f"Events to be published: {pending.waiting}"
        + (f", the oldest since {pending.oldest}" if pending.oldest else "")
    )
    for blocked in pending.blocked:
        click.echo(f"  order {blocked.order_id}: {blocked.problem}")
    for state, number in notices.items():
        click.echo(f"Notices {state}: {number}")
    sys.exit(1 if pending.blocked else 0)


@click.command()
def doctor() -> None:
    """Look over the set-up and say what is not as it should be. Exits with 1 then."""
    database = Database(read_settings().database)
    problems = [] if is_up_to_date(database) else ["The database's tables are of another version; run tracker migrate."]
    if database.is_sqlite and sqlite3.sqlite_version_info < (3, 51, 3):
        click.echo(
            f"SQLite {sqlite3.sqlite_version}: before 3.51.3 a rare bug can damage a database when checkpoints meet; "
            "Tracker's write gate keeps out of its way as long as no other program writes to the file."
        )
    for problem in problems:
        click.echo(problem, err=True)
    click.echo("All is well." if not problems else "")
    sys.exit(1 if problems else 0)


@click.command()
def settings() -> None:
    """List every setting, its meaning and its default."""
    for name, field in Settings.model_fields.items():
        default = "needed" if field.is_required() else _shown(field.default)
        click.echo(f"TRACKER_{name.upper()} ({default})\n    {field.description}")


def _shown(default: object) -> str:
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    return f"default: {value}" if value not in ("", (), None) else "default: empty"
