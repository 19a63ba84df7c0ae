"""The commands that keep running: `serve` runs all processes of one machine, `web` and `work` run one of them."""

import click

from tracker import logs, supervisor, worker
from tracker.cli.database import open_database
from tracker.cli.problems import check_free
from tracker.config import Settings, read_settings
from tracker.ports import engine_port, web_port
from tracker.schema import migrate
from tracker.web_server import serve_web


@click.command()
def serve() -> None:
    """Run all processes of one machine. Migrates the database first, and restarts processes that end."""
    settings = _load_settings()
    check_free(web_port(settings), *([engine_port(settings)] if settings.engine else []))
    with open_database(settings, must_be_current=False) as database:
        migrate(database)
    supervisor.serve(settings)


@click.command()
def web() -> None:
    """Run only the web server."""
    settings = _load_settings()
    check_free(web_port(settings))
    with open_database(settings):
        pass
    serve_web(settings)


@click.command()
def work() -> None:
    """Run only the worker. It publishes events, sends e-mails and retries what has failed."""
    settings = _load_settings()
    with open_database(settings):
        pass
    worker.run_worker(settings)


def _load_settings() -> Settings:
    settings = read_settings()
    logs.configure(settings)
    return settings
