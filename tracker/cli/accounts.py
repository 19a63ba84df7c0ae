"""The commands for restaurants, their secrets and platform accounts, applications, and access tokens."""

import json
from collections.abc import Mapping
from datetime import timedelta

import click
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.model import USUAL_COLOUR, Application, PlatformAccount, Restaurant
from tracker.accounts.queries import customer_by_address
from tracker.accounts.registration import (
    DEFAULT_OVERLAP,
    InvalidApplication,
    InvalidRestaurant,
    all_platform_accounts,
    all_restaurants,
    create_restaurant,
    issue_secret,
    register_application,
    rotate_restaurant_secret,
    set_application_origins,
)
from tracker.accounts.registration import create_platform_account as register_account
from tracker.cli.database import open_database
from tracker.cli.problems import CommandFailed
from tracker.config import Settings, read_settings
from tracker.upstream.platforms import PLATFORMS


@click.command()
@click.option("--name", required=True)
@click.option("--zone", required=True, help="IANA name, such as Europe/Dublin.")
@click.option("--currency", required=True, help="ISO 4217 code, such as EUR.")
@click.option("--locale", required=True, help="BCP 47 tag, such as en-IE.")
@click.option("--phone", help="The number that customers call for help.")
@click.option("--colour", default=USUAL_COLOUR, show_default=True, help="#rrggbb")
def add_restaurant(name: str, zone: str, currency: str, locale: str, phone: str | None, colour: str) -> None:
    """Add a restaurant. Prints its id and its API secret; the secret is shown only this time."""
    try:
        restaurant = create_restaurant(
            name=name, zone=zone, currency=currency, locale=locale, phone=phone, colour=colour, now=clock.now()
        )
    except InvalidRestaurant as problem:
        raise CommandFailed(str(problem)) from None
    with open_database(read_settings()) as database, database.transaction() as session:
        record, secret = issue_secret(restaurant, now=clock.now())
        session.add_all([restaurant, record])
    _print_json({"restaurant": restaurant.id, "secret": secret})


@click.command()
@click.argument("restaurant_id")
@click.option(
    "--overlap-hours",
    default=DEFAULT_OVERLAP // timedelta(hours=1),
    show_default=True,
    type=click.IntRange(0, 720),
    help="How long the current secret stays valid; with 0 it ends at once.",
)
def rotate_secret(restaurant_id: str, overlap_hours: int) -> None:
    """Replace a restaurant's API secret. Prints the new secret, which is shown only this time."""
    now, overlap = clock.now(), timedelta(hours=overlap_hours)
    with open_database(read_settings()) as database, database.transaction() as session:
        restaurant = get_restaurant(session, restaurant_id)
        secret = rotate_restaurant_secret(session, restaurant, now=now, overlap=overlap)
    _print_json(
        {"restaurant": restaurant.id, "secret": secret, "previous_secret_expires_at": (now + overlap).isoformat()}
    )


@click.command()
@click.argument("platform")
@click.argument("restaurant_id")
def connect(platform: str, restaurant_id: str) -> None:
    """Create a webhook address at a platform.

    It is for the restaurant's account there. Prints how to set it up; the verify token is shown only this time.
    """
    _connect(platform, restaurant_id)


@click.command()
@click.argument("restaurant_id")
def connect_flipdish(restaurant_id: str) -> None:
    """Create a Flipdish webhook address. It does the same as `connect flipdish`."""
    _connect("flipdish", restaurant_id)


def _connect(platform_name: str, restaurant_id: str) -> None:
    settings = read_settings()
    platform = PLATFORMS.get(platform_name)
    if platform is None:
        raise CommandFailed(f"There is no platform called {platform_name}; there are: {', '.join(sorted(PLATFORMS))}.")
    with open_database(settings) as database, database.transaction() as session:
        restaurant = get_restaurant(session, restaurant_id)
        account, token = register_account(restaurant, platform.name, now=clock.now())
        session.add(account)
    _print_json(
        {
            "webhook_url": _webhook_url(settings, account),
            "verify_token": token,
            "events": platform.events,
            "setup": platform.setup,
        }
    )


@click.command()
def restaurants() -> None:
    """List the restaurants and their webhook addresses."""
    settings = read_settings()
    with open_database(settings) as database, database.read_session() as session:
        for restaurant in all_restaurants(session):
            click.echo(f"{restaurant.id}  {restaurant.name} ({restaurant.zone}, {restaurant.currency})")
            for platform_account in all_platform_accounts(session, restaurant):
                click.echo(f"    {_webhook_url(settings, platform_account)}")


@click.command()
@click.option("--name", required=True)
@click.option("--origin", "origins", multiple=True, help="Origin of its pages: https://shop.example.com; repeatable.")
def add_application(name: str, origins: tuple[str, ...]) -> None:
    """Register a site or an app that shows orders. Prints its API key."""
    try:
        application = register_application(name, list(origins), now=clock.now())
    except InvalidApplication as problem:
        raise CommandFailed(str(problem)) from None
    with open_database(read_settings()) as database, database.transaction() as session:
        session.add(application)
    _print_json({"application": application.id, "key": application.key})


@click.command()
@click.argument("application_id")
@click.option("--origin", "origins", multiple=True, help="Origin of its pages; repeatable. Without it there are none.")
def move_application(application_id: str, origins: tuple[str, ...]) -> None:
    """Replace the origins of a site or an app. Its widgets work on pages of these origins, and no longer on others."""
    with open_database(read_settings()) as database, database.transaction() as session:
        application = _get_application(session, application_id)
        try:
            set_application_origins(application, list(origins))
        except InvalidApplication as problem:
            raise CommandFailed(str(problem)) from None
    _print_json({"application": application.id, "origins": application.origins})


@click.command()
@click.argument("application_id")
@click.argument("email")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366), help="How long the token is valid.")
def grant_application(application_id: str, email: str, days: int) -> None:
    """Let an application act for a customer. Prints the access token, which is shown only this time."""
    with open_database(read_settings()) as database, database.transaction() as session:
        application = _get_application(session, application_id)
        customer = customer_by_address(session, email.lower())
        if customer is None:
            raise CommandFailed("There is no customer with this address; a customer is created with the first order.")
        record, token = grant_access(application, customer, lifetime=timedelta(days=days), now=clock.now())
        session.add(record)
    _print_json({"access_token": token, "ends_at": record.ends_at.isoformat()})


def get_restaurant(session: Session, restaurant_id: str) -> Restaurant:
    """Return the restaurant with this id. Raises CommandFailed if there is none."""
    restaurant = session.get(Restaurant, restaurant_id)
    if restaurant is None:
        raise CommandFailed(f"There is no restaurant with the id {restaurant_id}; tracker restaurants lists them.")
    return restaurant


def _get_application(session: Session, application_id: str) -> Application:
    application = session.get(Application, application_id)
    if application is None:
        raise CommandFailed(f"There is no application with the id {application_id}.")
    return application


def _webhook_url(settings: Settings, platform_account: PlatformAccount) -> str:
    return f"{settings.origin}/webhooks/{platform_account.platform}/{platform_account.id}"


def _print_json(values: Mapping[str, object]) -> None:
    click.echo(json.dumps(values, indent=2))
