"""The commands that run: serve for everything of one machine, web and work for a process by itself."""

import click

from tracker import logs, supervising, working
from tracker.accounts.smtp import MailServer
from tracker.cli.problems import Problem
from tracker.config import Settings, read_settings
from tracker.database import Database
from tracker.schema import is_up_to_date, migrate
from tracker.serving import PortTaken, check_ports, serve_web


@click.command()
def serve() -> None:
    """Run web server, worker and engine of one machine, and start again what dies. Migrates first."""
    settings = _ready_settings()
    try:
        check_ports(settings)
    except PortTaken as problem:
        raise Problem(str(problem)) from None
    migrate(Database(settings.database))
    supervising.serve(settings)


@click.command()
def web() -> None:
    """Run the web server alone."""
    settings = _ready_settings()
    _must_be_up_to_date(settings)
    serve_web(settings)


@click.command()
def work() -> None:
    """Run the worker alone: it publishes, sends letters and tries again what failed."""
    settings = _ready_settings()
    _must_be_up_to_date(settings)
    working.work(settings)


def _ready_settings() -> Settings:
    settings = read_settings()
    logs.configure(settings)
    try:
        if settings.smtp_url.get_secret_value():
            MailServer.from_url(settings.smtp_url.get_secret_value())
    except ValueError as error:
        raise Problem(f"TRACKER_SMTP_URL is wrong: {error}") from None
    return settings


def _must_be_up_to_date(settings: Settings) -> None:
    if not is_up_to_date(Database(settings.database)):
        raise Problem("The database's tables are of another version; run tracker migrate.")
