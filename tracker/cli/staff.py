"""The commands for who works at a restaurant."""

import click
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.email_addresses import NotAnAddress, normalised_address
from tracker.accounts.model import Role, StaffMember
from tracker.accounts.staff import StaffRefusal, add_staff_member, change_role, remove_staff_member
from tracker.accounts.staff_queries import staff_of_restaurant
from tracker.cli.accounts import restaurant_of
from tracker.cli.database import opened
from tracker.cli.problems import Problem
from tracker.config import read_settings

_ROLE = click.Choice([role.value for role in Role])


@click.command()
@click.argument("restaurant_id")
@click.argument("email")
@click.option("--role", type=_ROLE, required=True, help="An owner also says who works there.")
def add_staff(restaurant_id: str, email: str, role: str) -> None:
    """Let somebody work at a restaurant. They sign in by e-mail, like customers."""
    with opened(read_settings()) as database, database.writing() as session:
        restaurant = restaurant_of(session, restaurant_id)
        try:
            add_staff_member(session, restaurant, email, Role(role), now=clock.now())
        except (NotAnAddress, StaffRefusal) as refusal:
            raise Problem(str(refusal)) from None
    click.echo(f"{normalised_address(email)} works at {restaurant.name}, as {role}.")


@click.command()
@click.argument("restaurant_id")
def staff(restaurant_id: str) -> None:
    """List who works at a restaurant, owners first."""
    with opened(read_settings()) as database, database.reading() as session:
        restaurant = restaurant_of(session, restaurant_id)
        for member, person in staff_of_restaurant(session, restaurant.id):
            click.echo(f"{member.role:5}  {person.email}  since {member.created_at:%Y-%m-%d}")


@click.command()
@click.argument("restaurant_id")
@click.argument("email")
@click.option("--role", type=_ROLE, required=True)
def change_staff(restaurant_id: str, email: str, role: str) -> None:
    """Change the role of somebody who works at a restaurant."""
    with opened(read_settings()) as database, database.writing() as session:
        try:
            change_role(session, _member(session, restaurant_id, email), Role(role))
        except StaffRefusal as refusal:
            raise Problem(str(refusal)) from None
    click.echo(f"{normalised_address(email)} is now there as {role}.")


@click.command()
@click.argument("restaurant_id")
@click.argument("email")
def remove_staff(restaurant_id: str, email: str) -> None:
    """Let somebody work at a restaurant no longer; a restaurant keeps its last owner."""
    with opened(read_settings()) as database, database.writing() as session:
        try:
            remove_staff_member(session, _member(session, restaurant_id, email))
        except StaffRefusal as refusal:
            raise Problem(str(refusal)) from None
    click.echo(f"{normalised_address(email)} works there no longer.")


def _member(session: Session, restaurant_id: str, email: str) -> StaffMember:
    restaurant = restaurant_of(session, restaurant_id)
    try:
        address = normalised_address(email)
    except NotAnAddress as problem:
        raise Problem(str(problem)) from None
    for member, person in staff_of_restaurant(session, restaurant.id):
        if person.email == address:
            return member
    raise Problem(f"{address} does not work there; tracker staff {restaurant.id} lists who does.")
