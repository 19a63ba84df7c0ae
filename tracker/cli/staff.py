"""The commands for the staff of a restaurant."""

import click
from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.email_addresses import InvalidEmailAddress, normalise_email
from tracker.accounts.model import Role, StaffMember
from tracker.accounts.staff import StaffError, add_staff_member, change_role, remove_staff_member
from tracker.accounts.staff_queries import staff_of_restaurant
from tracker.cli.accounts import get_restaurant
from tracker.cli.database import open_database
from tracker.cli.problems import CommandFailed
from tracker.config import read_settings

_ROLE = click.Choice([role.value for role in Role])


@click.command()
@click.argument("restaurant_id")
@click.argument("email")
@click.option("--role", type=_ROLE, required=True, help="An owner also manages staff and settings.")
def add_staff(restaurant_id: str, email: str, role: str) -> None:
    """Add a staff member to a restaurant. Staff members sign in by e-mail, like customers."""
    with open_database(read_settings()) as database, database.transaction() as session:
        restaurant = get_restaurant(session, restaurant_id)
        try:
            add_staff_member(session, restaurant, email, Role(role), now=clock.now())
        except (InvalidEmailAddress, StaffError) as refusal:
            raise CommandFailed(str(refusal)) from None
    click.echo(f"{normalise_email(email)} works at {restaurant.name}, as {role}.")


@click.command()
@click.argument("restaurant_id")
def staff(restaurant_id: str) -> None:
    """List the staff members of a restaurant, owners first."""
    with open_database(read_settings()) as database, database.read_session() as session:
        restaurant = get_restaurant(session, restaurant_id)
        for member, person in staff_of_restaurant(session, restaurant.id):
            click.echo(f"{member.role:5}  {person.email}  since {member.created_at:%Y-%m-%d}")


@click.command()
@click.argument("restaurant_id")
@click.argument("email")
@click.option("--role", type=_ROLE, required=True)
def change_staff(restaurant_id: str, email: str, role: str) -> None:
    """Change the role of a staff member."""
    with open_database(read_settings()) as database, database.transaction() as session:
        try:
            change_role(session, _member(session, restaurant_id, email), Role(role))
        except StaffError as refusal:
            raise CommandFailed(str(refusal)) from None
    click.echo(f"{normalise_email(email)} is now there as {role}.")


@click.command()
@click.argument("restaurant_id")
@click.argument("email")
def remove_staff(restaurant_id: str, email: str) -> None:
    """Remove a staff member from a restaurant. The last owner can't be removed."""
    with open_database(read_settings()) as database, database.transaction() as session:
        try:
            remove_staff_member(session, _member(session, restaurant_id, email))
        except StaffError as refusal:
            raise CommandFailed(str(refusal)) from None
    click.echo(f"{normalise_email(email)} works there no longer.")


def _member(session: Session, restaurant_id: str, email: str) -> StaffMember:
    restaurant = get_restaurant(session, restaurant_id)
    try:
        address = normalise_email(email)
    except InvalidEmailAddress as problem:
        raise CommandFailed(str(problem)) from None
    for member, person in staff_of_restaurant(session, restaurant.id):
        if person.email == address:
            return member
    raise CommandFailed(f"{address} does not work there; tracker staff {restaurant.id} lists who does.")
