"""The operator's door: everything that is done from a shell."""

import json
import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from pydantic import SecretStr

from tracker import clock, logs, supervising, working
from tracker.accounts.connecting import NotARestaurant, connect, issue_secret, open_restaurant, register_application
from tracker.accounts.model import Platform, Restaurant
from tracker.config import Settings, WrongSettings, read_settings
from tracker.database import Database
from tracker.demo.running import run_demo
from tracker.live.reading import pending_summary
from tracker.schema import is_up_to_date, migrate
from tracker.serving import PortTaken, check_ports, serve_engine, serve_web
from tracker.upstream.inbox import notices_by_state

P = ParamSpec("P")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Tracker: customers watch their restaurant order live."""


def main() -> None:
    """Run the command of this process's arguments; what goes wrong for a known reason is said in a sentence."""
    supervising.end_with_supervisor()
    try:
        commands(prog_name="tracker")
    except (WrongSettings, PortTaken, NotARestaurant) as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)


def with_settings(command: Callable[[Settings], None]) -> Callable[[], None]:
    """Hand the settings to the command, once logs go where the settings say."""

    @wraps(command)
    def run() -> None:
        settings = read_settings()
        logs.configure(settings)
        command(settings)

    return run


@commands.command()
@click.option("--quiet-kitchen", is_flag=True, help="Nobody moves the orders but you.")
def demo(quiet_kitchen: bool) -> None:
    """Show it all, with a world of its own in var/demo. PORT and ENGINE_PORT choose the ports."""
    run_demo(quiet_kitchen=quiet_kitchen)


@commands.command()
@with_settings
def serve(settings: Settings) -> None:
    """Run web server, worker and engine of one machine, and start again what dies. Migrates first."""
    check_ports(settings)
    migrate(Database(settings.database))
    supervising.serve(settings)


@commands.command()
@with_settings
def web(settings: Settings) -> None:
    """Run the web server alone."""
    _must_be_up_to_date(settings)
    serve_web(settings)


@commands.command()
@with_settings
def work(settings: Settings) -> None:
    """Run the worker alone: it publishes, sends letters and tries again what failed."""
    _must_be_up_to_date(settings)
    working.work(settings)


@commands.command()
@with_settings
def engine(settings: Settings) -> None:
    """Run the embedded Channels engine alone."""
    serve_engine(settings)


@commands.command(name="migrate")
@with_settings
def migrate_(settings: Settings) -> None:
    """Bring the database's tables up to this version; what is there is kept."""
    migrate(Database(settings.database))
    click.echo("The database is up to date.")


@commands.command()
@with_settings
def status(settings: Settings) -> None:
    """Say what waits and what is stuck. Exits with 1 if something is stuck."""
    with Database(settings.database).reading() as session:
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


@commands.command()
@with_settings
def doctor(settings: Settings) -> None:
    """Look over the set-up and say what is not as it should be. Exits with 1 then."""
    database = Database(settings.database)
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


@commands.command(name="settings")
def settings_() -> None:
    """List every setting, its meaning and its default."""
    for name, field in Settings.model_fields.items():
        default = "needed" if field.is_required() else _shown(field.default)
        click.echo(f"TRACKER_{name.upper()} ({default})\n    {field.description}")


@commands.command()
@click.option("--name", required=True)
@click.option("--zone", required=True, help="IANA name, such as Europe/Dublin.")
@click.option("--currency", required=True, help="ISO 4217 code, such as EUR.")
@click.option("--locale", required=True, help="BCP 47 tag, such as en-IE.")
@click.option("--phone", help="What customers call when they need help.")
@click.option("--colour", default="#1f5f4a", show_default=True, help="#rrggbb")
def add_restaurant(name: str, zone: str, currency: str, locale: str, phone: str | None, colour: str) -> None:
    """Take a restaurant in. Prints its id and its API secret; the secret is shown this once."""
    with Database(read_settings().database).writing() as session:
        restaurant = open_restaurant(
            name=name, zone=zone, currency=currency, locale=locale, phone=phone, colour=colour, now=clock.now()
        )
        kept, secret = issue_secret(restaurant, now=clock.now())
        session.add_all([restaurant, kept])
    click.echo(json.dumps({"restaurant": restaurant.id, "secret": secret}, indent=2))


@commands.command()
@click.argument("restaurant_id")
def connect_flipdish(restaurant_id: str) -> None:
    """Make a webhook address for a restaurant's Flipdish account. The verify token is shown this once."""
    settings = read_settings()
    with Database(settings.database).writing() as session:
        restaurant = session.get(Restaurant, restaurant_id)
        if restaurant is None:
            raise NotARestaurant(f"There is no restaurant with the id {restaurant_id}.")
        connection, token = connect(restaurant, Platform.FLIPDISH, now=clock.now())
        session.add(connection)
    address = f"{settings.origin}/webhooks/flipdish/{connection.id}"
    click.echo(json.dumps({"webhook_url": address, "verify_token": token}, indent=2))


@commands.command()
@click.option("--name", required=True)
@click.option("--origin", "origins", multiple=True, help="Origin of its pages, such as https://shop.example.com.")
def add_application(name: str, origins: tuple[str, ...]) -> None:
    """Register a site or app that shows orders. Prints its API key."""
    with Database(read_settings().database).writing() as session:
        application = register_application(name, list(origins), now=clock.now())
        session.add(application)
    click.echo(json.dumps({"application": application.id, "key": application.key}, indent=2))


def _must_be_up_to_date(settings: Settings) -> None:
    if not is_up_to_date(Database(settings.database)):
        raise WrongSettings("The database's tables are of another version; run tracker migrate.")


def _shown(default: object) -> str:
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    return f"default: {value}" if value not in ("", (), None) else "default: empty"
