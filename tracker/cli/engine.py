"""The command for the embedded engine. It has a module of its own, so that its process loads nothing else."""

import click

from tracker import logs
from tracker.cli.problems import check_free
from tracker.config import read_settings
from tracker.engine import EngineSettings, run
from tracker.ports import engine_port


@click.command()
def engine() -> None:
    """Run only the embedded Channels engine."""
    settings = read_settings()
    logs.configure(settings)
    check_free(engine_port(settings))
    run(
        EngineSettings(
            app_id=settings.channels_app_id,
            key=settings.channels_key,
            secret=settings.channels_secret.get_secret_value(),
            host=settings.engine_host,
            port=settings.channels_port,
            allowed_origins=settings.engine_origins,
            client_events=settings.engine_client_events,
            max_connections=settings.engine_max_connections,
        )
    )
