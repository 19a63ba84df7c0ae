"""The checks of `tracker doctor`. They test the database, the files and the servers, not only the settings."""

import socket
import sqlite3
from collections.abc import Iterator
from urllib.parse import urlsplit

from tracker.accounts.smtp import MailServer, MailServerUnavailable, open_smtp
from tracker.config import ROOT, Settings, unknown_variables
from tracker.database import Database
from tracker.schema import is_up_to_date

VENDORED = ("htmx.min.js", "pusher.min.js")
MIN_SAFE_SQLITE = (3, 51, 3)


def find_problems(settings: Settings, database: Database) -> Iterator[str]:
    """Yield a sentence for each problem that must be solved."""
    if not is_up_to_date(database):
        yield "The database's tables are of another version; run tracker migrate."
    for name in unknown_variables():
        yield f"{name} is no setting; tracker settings lists all settings."
    for name in VENDORED:
        if not (ROOT / "static" / "vendor" / name).is_file():
            yield f"static/vendor/{name} is missing, so pages are not live; run bin/setup."
    yield from _channels(settings)
    yield from _mail(settings)


def find_warnings(settings: Settings, database: Database) -> Iterator[str]:
    """Yield a sentence for each thing that the operator should know and that is no mistake."""
    if database.is_sqlite and sqlite3.sqlite_version_info < MIN_SAFE_SQLITE:
        yield (
            f"SQLite {sqlite3.sqlite_version}: before 3.51.3 a rare bug can damage a database when two checkpoints "
            "coincide. Tracker's write lock prevents that as long as no other program writes to the file."
        )
    if not settings.smtp_url.get_secret_value():
        yield "There is no mail server: e-mails are written to the log and shown at /dev/mail."


def _channels(settings: Settings) -> Iterator[str]:
    if settings.channels_cluster:
        return
    try:
        socket.create_connection((settings.channels_host, settings.channels_port), timeout=3).close()
    except OSError as error:
        address = f"{settings.channels_host}:{settings.channels_port}"
        yield f"Nothing answers at {address}, where events are published: {error.strerror or error}."


def _mail(settings: Settings) -> Iterator[str]:
    url = settings.smtp_url.get_secret_value()
    if not url:
        return
    try:
        with open_smtp(MailServer.from_url(url), local_hostname=urlsplit(settings.origin).hostname or ""):
            pass
    except MailServerUnavailable as failure:
        yield f"The mail server can't be used: {failure}."
