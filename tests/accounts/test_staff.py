"""A restaurant's staff: adding and removing members, and that there is always an owner left."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.accounts.staff_fixtures import let_work
from tests.builders import a_customer, a_restaurant
from tests.site import wait_for
from tracker.accounts.email_addresses import InvalidEmailAddress
from tracker.accounts.model import Customer, Restaurant, Role, StaffMember
from tracker.accounts.staff import (
    AlreadyStaffError,
    LastOwnerError,
    NotStaffError,
    StaffError,
    change_role,
    remove_staff_member,
)
from tracker.accounts.staff_queries import staff_of_restaurant
from tracker.database import Database


@pytest.fixture
def restaurant(database: Database) -> Restaurant:
    """Return Bella Napoli, which has no staff yet."""
    restaurant = a_restaurant()
    with database.transaction() as session:
        session.add(restaurant)
    return restaurant


def staff_of(database: Database, restaurant: Restaurant) -> list[tuple[str | None, Role]]:
    with database.read_session() as session:
        return [(person.email, member.role) for member, person in staff_of_restaurant(session, restaurant.id)]


def test_somebody_who_never_ordered_anything_may_work_at_a_restaurant(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    let_work(database, restaurant, " Zoe@Example.com ", Role.STAFF, now)
    let_work(database, restaurant, "mario@example.com", Role.OWNER, now)

    assert staff_of(database, restaurant) == [("mario@example.com", Role.OWNER), ("zoe@example.com", Role.STAFF)]


def test_a_customer_who_works_there_stays_the_same_person(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    ada = a_customer()
    with database.transaction() as session:
        session.add(ada)

    member = let_work(database, restaurant, "ADA@example.com", Role.STAFF, now)

    assert member.customer_id == ada.id
    with database.read_session() as session:
        assert session.get_one(Customer, ada.id).name == "Ada Byrne"


def test_to_be_added_twice_as_the_same_changes_nothing_and_as_something_else_is_refused(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    for _ in range(2):
        let_work(database, restaurant, "mario@example.com", Role.OWNER, now)

    with pytest.raises(AlreadyStaffError, match=r"mario@example\.com works there already, as owner\."):
        let_work(database, restaurant, "mario@example.com", Role.STAFF, now)

    assert staff_of(database, restaurant) == [("mario@example.com", Role.OWNER)]


def test_a_staff_member_cannot_be_added_without_a_valid_address(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    with pytest.raises(InvalidEmailAddress):
        let_work(database, restaurant, "mario", Role.OWNER, now)

    assert staff_of(database, restaurant) == []


def gone(session: Session, member: StaffMember) -> None:
    remove_staff_member(session, member)


def demoted(session: Session, member: StaffMember) -> None:
    change_role(session, member, Role.STAFF)


Leave = Callable[[Session, StaffMember], None]


@pytest.mark.parametrize("leave", [gone, demoted])
def test_a_restaurant_never_loses_its_last_owner(
    database: Database, restaurant: Restaurant, now: datetime, leave: Leave
) -> None:
    mario = let_work(database, restaurant, "mario@example.com", Role.OWNER, now)
    let_work(database, restaurant, "zoe@example.com", Role.STAFF, now)

    with pytest.raises(LastOwnerError, match="Make somebody else an owner first"), database.transaction() as session:
        leave(session, session.merge(mario))

    assert staff_of(database, restaurant)[0] == ("mario@example.com", Role.OWNER)


@pytest.mark.parametrize("leave", [gone, demoted])
def test_an_owner_may_leave_once_somebody_else_is_one(
    database: Database, restaurant: Restaurant, now: datetime, leave: Leave
) -> None:
    mario = let_work(database, restaurant, "mario@example.com", Role.OWNER, now)
    zoe = let_work(database, restaurant, "zoe@example.com", Role.STAFF, now)

    with database.transaction() as session:
        change_role(session, session.merge(zoe), Role.OWNER)
        leave(session, session.merge(mario))

    assert ("zoe@example.com", Role.OWNER) in staff_of(database, restaurant)
    assert ("mario@example.com", Role.OWNER) not in staff_of(database, restaurant)


def test_an_owner_of_another_restaurant_does_not_count(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    other = a_restaurant(name="Trattoria")
    with database.transaction() as session:
        session.add(other)
    mario = let_work(database, restaurant, "mario@example.com", Role.OWNER, now)
    for email in ("mario@example.com", "zoe@example.com"):
        let_work(database, other, email, Role.OWNER, now)

    with pytest.raises(LastOwnerError), database.transaction() as session:
        remove_staff_member(session, session.merge(mario))

    assert staff_of(database, restaurant) == [("mario@example.com", Role.OWNER)]


def test_a_staff_member_who_left_meanwhile_can_neither_leave_nor_change_role(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    let_work(database, restaurant, "mario@example.com", Role.OWNER, now)
    zoe = let_work(database, restaurant, "zoe@example.com", Role.STAFF, now)
    with database.transaction() as session:
        remove_staff_member(session, session.merge(zoe))

    with database.transaction() as session:
        with pytest.raises(NotStaffError):
            remove_staff_member(session, zoe)
        with pytest.raises(NotStaffError):
            change_role(session, zoe, Role.OWNER)


def waits_for_another_transaction(database: Database) -> bool:
    """Return whether a transaction waits for another one. On SQLite every second writer waits at the write lock."""
    if database.is_sqlite:
        return True
    with database.read_session() as session:
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool(session.scalar(text(waiting)))


def test_of_two_owners_who_remove_each_other_at_once_one_stays(
    database: Database, restaurant: Restaurant, now: datetime
) -> None:
    mario, zoe = (let_work(database, restaurant, f"{name}@example.com", Role.OWNER, now) for name in ("mario", "zoe"))
    refused: list[StaffError] = []

    def let_mario_go() -> None:
        try:
            with database.transaction() as session:
                remove_staff_member(session, session.merge(mario))
        except StaffError as refusal:
            refused.append(refusal)

    second = threading.Thread(target=let_mario_go)
    with database.transaction() as session:
        remove_staff_member(session, session.merge(zoe))
        second.start()
        wait_for(
            lambda: not second.is_alive() or waits_for_another_transaction(database), "the second to be done or to wait"
        )
    second.join(timeout=30)

    assert [type(refusal) for refusal in refused] == [LastOwnerError]
    assert staff_of(database, restaurant) == [("mario@example.com", Role.OWNER)]
