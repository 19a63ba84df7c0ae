"""The command for the demo."""

import click

from tracker.cli.problems import CommandFailed
from tracker.demo.runner import DemoError, run_demo
from tracker.ports import PortTaken


@click.command()
@click.option("--quiet-kitchen", is_flag=True, help="Nobody moves the orders but you.")
def demo(quiet_kitchen: bool) -> None:
    """Show it all, with a world of its own in var/demo. PORT, ENGINE_PORT and SHOP_PORT choose the ports."""
    try:
        run_demo(quiet_kitchen=quiet_kitchen)
    except (PortTaken, DemoError) as problem:
        raise CommandFailed(str(problem)) from None
