"""The commands that run: serve for everything of one machine, web and work for a process by itself."""

import click

from tracker import logs
from tracker import supervisor as supervising
from tracker import worker as working
from tracker.cli.database import opened
from tracker.cli.problems import check_free
from tracker.config import Settings, read_settings
from tracker.ports import engine_port, web_port
from tracker.schema import migrate
from tracker.web_server import serve_web


@click.command()
def serve() -> None:
    """Run web server, worker and engine of one machine, and start again what dies. Migrates first."""
    settings = _ready_settings()
    check_free(web_port(settings), *([engine_port(settings)] if settings.engine else []))
    with opened(settings, at_this_version=False) as database:
        migrate(database)
    supervising.serve(settings)


@click.command()
def web() -> None:
    """Run the web server alone."""
    settings = _ready_settings()
    check_free(web_port(settings))
    with opened(settings):
        pass
    serve_web(settings)


@click.command()
def work() -> None:
    """Run the worker alone: it publishes, sends letters and tries again what failed."""
    settings = _ready_settings()
    with opened(settings):
        pass
    working.work(settings)


def _ready_settings() -> Settings:
    settings = read_settings()
    logs.configure(settings)
    return settings
