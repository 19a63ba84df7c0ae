"""The operator's commands. The module of a command is imported only when the command is called."""

import sys
from importlib import import_module

import click

from tracker.cli.problems import CommandFailed
from tracker.config import InvalidSettings
from tracker.supervisor import end_with_supervisor

MODULES = {
    "demo": "demo",
    "serve": "processes",
    "web": "processes",
    "work": "processes",
    "engine": "engine",
    "migrate": "maintenance",
    "status": "maintenance",
    "doctor": "maintenance",
    "settings": "maintenance",
    "add-restaurant": "accounts",
    "rotate-secret": "accounts",
    "add-staff": "staff",
    "staff": "staff",
    "change-staff": "staff",
    "remove-staff": "staff",
    "connect": "accounts",
    "connect-flipdish": "accounts",
    "restaurants": "accounts",
    "add-application": "accounts",
    "move-application": "accounts",
    "grant-application": "accounts",
}


class _Commands(click.Group):
    """Loads commands lazily, as in Click's documentation (https://click.palletsprojects.com/en/stable/complex/)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        command = getattr(import_module(f"tracker.cli.{MODULES[cmd_name]}"), cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Tracker lets the customers of restaurants watch their orders live."""


def main() -> None:
    """Run the command that the process's arguments name. Print known errors as sentences, and exit with 2 for them."""
    end_with_supervisor()
    try:
        commands(prog_name="tracker")
    except (InvalidSettings, CommandFailed) as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)
