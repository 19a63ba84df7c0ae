"""The commands for maintenance: migrate, status, doctor, settings."""

import sys
from datetime import timedelta

import click
from pydantic import SecretStr

from tracker import clock
from tracker.cli import checks
from tracker.cli.database import open_database
from tracker.config import Settings, read_settings
from tracker.live.queries import PendingSummary, pending_summary
from tracker.schema import migrate as migrate_database
from tracker.upstream.inbox import notices_by_state
from tracker.upstream.notice import NoticeState

LATE = timedelta(minutes=1)
"""If an event has waited for longer than this, `status` reports that events are not being published."""
_NOTICES = {
    NoticeState.WAITING: "Notices that wait for the order they speak of",
    NoticeState.SET_ASIDE: "Notices that are stored and ignored",
    NoticeState.FAILED: "Notices that failed and are tried again",
}


@click.command()
def migrate() -> None:
    """Update the database's tables. Their rows are kept."""
    with open_database(read_settings(), must_be_current=False) as database:
        migrate_database(database)
    click.echo("The database is up to date.")


@click.command()
def status() -> None:
    """Show how many events and notices wait. Exits with 1 if something is stuck."""
    with open_database(read_settings()) as database, database.read_session() as session:
        pending = pending_summary(session, clock.now())
        notices = notices_by_state(session)
    is_late = pending.oldest is not None and pending.oldest > LATE
    click.echo("\n".join(_describe_pending(pending, is_late=is_late)))
    for state, number in notices.items():
        click.echo(f"{_NOTICES.get(state, f'Notices {state}')}: {number}")
    sys.exit(1 if pending.blocked or is_late or NoticeState.FAILED in notices else 0)


def _describe_pending(pending: PendingSummary, *, is_late: bool) -> list[str]:
    lines = [f"Events to be published: {pending.waiting}"]
    if pending.oldest is not None:
        lines[0] += f", the oldest for {_format_duration(pending.oldest)}"
    for order in pending.blocked:
        again = f", again at {order.try_at:%H:%M:%S} UTC" if order.try_at else ""
        lines.append(
            f"Order {order.order_id} is held up by its event {order.number}, tried {order.tries} times{again}: "
            f"{order.problem}"
        )
    if is_late and not pending.blocked:
        lines.append("They are not published: is a worker running, and does the Channels service answer? See its log.")
    return lines


def _format_duration(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


@click.command()
def doctor() -> None:
    """Check the set-up and list its problems. Exits with 1 if there are any."""
    settings = read_settings()
    with open_database(settings, must_be_current=False) as database:
        problems = list(checks.find_problems(settings, database))
        for warning in checks.find_warnings(settings, database):
            click.echo(warning)
    for problem in problems:
        click.echo(problem, err=True)
    if not problems:
        click.echo("All is well.")
    sys.exit(1 if problems else 0)


@click.command()
def settings() -> None:
    """List every setting, its meaning and its default."""
    for name, field in Settings.model_fields.items():
        default = "needed" if field.is_required() else _format_default(field.default)
        click.echo(f"TRACKER_{name.upper()} ({default})\n    {field.description}")


def _format_default(default: object) -> str:
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    return f"default: {value}" if value not in ("", (), None) else "default: empty"
