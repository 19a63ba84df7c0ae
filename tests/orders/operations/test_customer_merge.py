"""Who is one person: what joins somebody's orders, and that nothing makes one of two."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import a_customer, a_platform_account, a_restaurant, an_own_order
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.customer_identity import resolve_customer
from tracker.accounts.model import AccessToken, Customer, CustomerSession, Restaurant
from tracker.accounts.registration import register_application
from tracker.accounts.sign_in import start_session
from tracker.accounts.sign_in_tickets import SignInTicket, issue_sign_in_ticket
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.customer_merge import resolve_shop_customer

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def shop(session: Session) -> Restaurant:
    return kept(session, a_restaurant())


def kept(session: Session, thing: Any) -> Any:
    session.add(thing)
    session.flush()
    return thing


def who(shop: Restaurant, session: Session, own_id: str | None, proven: str | None = None, **more: Any) -> Customer:
    """The customer whom the shop means, on the tests' evening."""
    customer = resolve_shop_customer(
        session, shop, own_id, proven_email=proven, name=more.get("name"), now=shop.created_at
    )
    session.flush()
    return customer


def test_a_shops_id_is_always_the_same_person_and_another_shops_id_is_not(session: Session, shop: Restaurant) -> None:
    other = kept(session, a_restaurant())

    first, again, next_one, elsewhere = (
        who(shop, session, "7"),
        who(shop, session, "7", name="Ada"),
        who(shop, session, "8"),
        who(other, session, "7"),
    )

    assert first is again
    assert len({first.id, next_one.id, elsewhere.id}) == 3


def test_one_verified_address_is_one_person_by_whatever_ids_and_in_whatever_shop(
    session: Session, shop: Restaurant
) -> None:
    other, ada = kept(session, a_restaurant()), kept(session, a_customer(email=ADA))

    found = [who(shop, session, "7", ADA), who(shop, session, "8", ADA), who(other, session, "x", ADA)]
    found.append(who(other, session, None, ADA))

    assert {customer.id for customer in found} == {ada.id}


def test_somebody_without_id_and_address_is_somebody_new_each_time(session: Session, shop: Restaurant) -> None:
    assert who(shop, session, None).id != who(shop, session, None).id


def test_an_id_that_has_an_address_is_never_moved_to_another_by_a_new_one(session: Session, shop: Restaurant) -> None:
    ada, bob = who(shop, session, "7", ADA), kept(session, a_customer(email=BOB))

    later = [who(shop, session, "7", BOB), who(shop, session, "7", "new@example.com"), who(shop, session, "7")]

    assert {customer.id for customer in later} == {ada.id}
    assert (ada.email, bob.email) == (ADA, BOB)
    assert session.scalar(select(func.count()).select_from(Customer)) == 2


def test_the_first_verified_address_is_theirs_from_then_on(session: Session, shop: Restaurant) -> None:
    without = who(shop, session, "7")

    customer = who(shop, session, "7", ADA, name="Ada")

    assert (customer.id, customer.email, customer.name) == (without.id, ADA, "Ada")


def test_with_the_first_verified_address_their_orders_go_to_whoever_had_it(session: Session, shop: Restaurant) -> None:
    ada = kept(session, a_customer(email=ADA))
    order = kept(session, an_own_order(shop, customer=who(shop, session, "7", name="Ada")))

    found = who(shop, session, "7", ADA)

    assert found is ada
    assert order.customer_id == ada.id
    assert who(shop, session, "7") is ada


@pytest.mark.parametrize("has_owner", [True, False])
def test_who_came_in_before_an_address_was_proven_sees_nothing_of_what_its_owner_has_or_will_have(
    session: Session, shop: Restaurant, has_owner: bool
) -> None:
    ada = kept(session, a_customer(email=ADA)) if has_owner else None
    without = who(shop, session, "7")
    order = kept(session, an_own_order(shop, customer=without))
    things_of(without, shop, order, session, shop.created_at)

    found = who(shop, session, "7", ADA)

    assert found is (ada or without)
    assert session.scalars(select(CustomerSession)).all() == []
    assert session.scalars(select(SignInTicket)).all() == []
    assert session.scalars(select(AccessToken.order_id)).all() == [order.id]


def things_of(customer: Customer, shop: Restaurant, order: Order, session: Session, now: datetime) -> None:
    """Tokens for all, at this restaurant and anywhere, and one for one order; a way in, and sessions of both kinds."""
    lifetime = timedelta(minutes=5)
    application = kept(session, register_application("Shop", [], now=now))
    for more in ({"restaurant_id": shop.id, "order_id": order.id}, {"restaurant_id": shop.id}, {}):
        session.add(grant_access(application, customer, lifetime=lifetime, now=now, **more)[0])
    session.add(
        issue_sign_in_ticket(
            application, customer, restaurant_id=shop.id, order_id=order.id, lifetime=lifetime, now=now
        )[0]
    )
    for restaurant_id in (shop.id, None):
        start_session(session, customer, remember=False, now=now, restaurant_id=restaurant_id)
    session.flush()


def test_of_who_is_one_with_somebody_else_nothing_is_kept_not_even_the_name(session: Session, shop: Restaurant) -> None:
    ada = kept(session, a_customer(email=ADA))
    kept(session, an_own_order(shop, customer=who(shop, session, "7", name="Somebody at the counter")))

    who(shop, session, "7", ADA)

    assert session.scalars(select(Customer.id)).all() == [ada.id]


def test_a_way_in_that_is_made_while_two_are_joined_is_the_owners(postgresql_url: str) -> None:
    database, (has_looked, has_joined) = Database(postgresql_url), (Event(), Event())
    with database.transaction() as session:
        shop, ada = kept(session, a_restaurant()), kept(session, a_customer(email=ADA))
        order = kept(session, an_own_order(shop, customer=who(shop, session, "7")))
        application = kept(session, register_application("Shop", [], now=shop.created_at))

    def make_way_in(session: Session) -> str:
        customer = session.get_one(Order, order.id).customer
        has_looked.set()
        assert has_joined.wait(10)
        lifetime = {"lifetime": timedelta(minutes=5), "now": shop.created_at}
        made = kept(
            session,
            issue_sign_in_ticket(application, customer, restaurant_id=shop.id, order_id=order.id, **lifetime)[0],
        )
        return str(made.customer_id)

    with ThreadPoolExecutor(1) as somebody:
        made_for = somebody.submit(database.run_in_transaction, make_way_in)
        assert has_looked.wait(10)
        database.run_in_transaction(lambda session: who(session.get_one(Restaurant, shop.id), session, "7", ADA))
        has_joined.set()

        assert made_for.result() == ada.id
    database.close()


def test_what_others_have_stays_theirs_when_two_are_joined(session: Session, shop: Restaurant) -> None:
    kept(session, a_customer(email=ADA))
    bobs = kept(session, an_own_order(shop, customer=who(shop, session, "8", BOB)))
    guests = kept(session, an_own_order(shop, customer=who(shop, session, "9")))
    owners = (bobs.customer_id, guests.customer_id)
    who(shop, session, "7")

    who(shop, session, "7", ADA)

    session.expire_all()
    assert (bobs.customer_id, guests.customer_id) == owners


def test_a_platforms_number_and_a_shops_id_are_one_person_by_their_address_alone(
    session: Session, shop: Restaurant
) -> None:
    platform_account, now = kept(session, a_platform_account(shop)), shop.created_at
    met = resolve_customer(session, platform_account, "7", email=ADA, name="Ada", now=now)

    assert who(shop, session, "7") is not met
    assert who(shop, session, "8", ADA) is met


def test_two_orders_of_one_new_customer_at_the_same_moment_make_one_customer(database: Database) -> None:
    with database.transaction() as session:
        shop = kept(session, a_restaurant())

    def order(own_id: str) -> str:
        def work(session: Session) -> str:
            return who(session.get_one(Restaurant, shop.id), session, own_id, ADA).id

        return database.run_in_transaction(work)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(order, ["7", "8", "7", "8"]))

    assert len(found) == 1
    with database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
