"""The command for the demo."""

import click

from tracker.cli.problems import CommandFailed
from tracker.demo.runner import DemoError, run_demo
from tracker.ports import PortTaken


@click.command()
@click.option("--quiet-kitchen", is_flag=True, help="Only you move the orders along.")
def demo(quiet_kitchen: bool) -> None:
    """Run a demo with example data of its own in var/demo.

    The environment variables PORT, ENGINE_PORT and SHOP_PORT choose its ports.
    """
    try:
        run_demo(quiet_kitchen=quiet_kitchen)
    except (PortTaken, DemoError) as problem:
        raise CommandFailed(str(problem)) from None
