"""The commands for restaurants, their connections and applications."""

import json

import click

from tracker import clock
from tracker.accounts.connecting import NotARestaurant, connect, issue_secret, open_restaurant, register_application
from tracker.accounts.model import Platform, Restaurant
from tracker.cli.problems import Problem
from tracker.config import read_settings
from tracker.database import Database


@click.command()
@click.option("--name", required=True)
@click.option("--zone", required=True, help="IANA name, such as Europe/Dublin.")
@click.option("--currency", required=True, help="ISO 4217 code, such as EUR.")
@click.option("--locale", required=True, help="BCP 47 tag, such as en-IE.")
@click.option("--phone", help="What customers call when they need help.")
@click.option("--colour", default="#1f5f4a", show_default=True, help="#rrggbb")
def add_restaurant(name: str, zone: str, currency: str, locale: str, phone: str | None, colour: str) -> None:
    """Take a restaurant in. Prints its id and its API secret; the secret is shown this once."""
    try:
        restaurant = open_restaurant(
            name=name, zone=zone, currency=currency, locale=locale, phone=phone, colour=colour, now=clock.now()
        )
    except NotARestaurant as problem:
        raise Problem(str(problem)) from None
    with Database(read_settings().database).writing() as session:
        kept, secret = issue_secret(restaurant, now=clock.now())
        session.add_all([restaurant, kept])
    click.echo(json.dumps({"restaurant": restaurant.id, "secret": secret}, indent=2))


@click.command()
@click.argument("restaurant_id")
def connect_flipdish(restaurant_id: str) -> None:
    """Make a webhook address for a restaurant's Flipdish account. The verify token is shown this once."""
    settings = read_settings()
    with Database(settings.database).writing() as session:
        restaurant = session.get(Restaurant, restaurant_id)
        if restaurant is None:
            raise Problem(f"There is no restaurant with the id {restaurant_id}.")
        connection, token = connect(restaurant, Platform.FLIPDISH, now=clock.now())
        session.add(connection)
    address = f"{settings.origin}/webhooks/flipdish/{connection.id}"
    click.echo(json.dumps({"webhook_url": address, "verify_token": token}, indent=2))


@click.command()
@click.option("--name", required=True)
@click.option("--origin", "origins", multiple=True, help="Origin of its pages, such as https://shop.example.com.")
def add_application(name: str, origins: tuple[str, ...]) -> None:
    """Register a site or app that shows orders. Prints its API key."""
    with Database(read_settings().database).writing() as session:
        application = register_application(name, list(origins), now=clock.now())
        session.add(application)
    click.echo(json.dumps({"application": application.id, "key": application.key}, indent=2))
