"""Which customers are the same person: which facts merge their orders, and which never do."""

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
    return stored(session, a_restaurant())


def stored(session: Session, thing: Any) -> Any:
    session.add(thing)
    session.flush()
    return thing


def shop_customer(
    shop: Restaurant, session: Session, own_id: str | None, proven: str | None = None, **more: Any
) -> Customer:
    """Return the customer that the shop names by these facts."""
    customer = resolve_shop_customer(
        session, shop, own_id, proven_email=proven, name=more.get("name"), now=shop.created_at
    )
    session.flush()
    return customer


def test_a_shops_id_is_always_the_same_customer_and_another_shops_id_is_another_customer(
    session: Session, shop: Restaurant
) -> None:
    other = stored(session, a_restaurant())

    first, again, next_one, elsewhere = (
        shop_customer(shop, session, "7"),
        shop_customer(shop, session, "7", name="Ada"),
        shop_customer(shop, session, "8"),
        shop_customer(other, session, "7"),
    )

    assert first is again
    assert len({first.id, next_one.id, elsewhere.id}) == 3


def test_one_verified_address_is_one_customer_with_any_id_and_in_any_shop(session: Session, shop: Restaurant) -> None:
    other, ada = stored(session, a_restaurant()), stored(session, a_customer(email=ADA))

    found = [
        shop_customer(shop, session, "7", ADA),
        shop_customer(shop, session, "8", ADA),
        shop_customer(other, session, "x", ADA),
    ]
    found.append(shop_customer(other, session, None, ADA))

    assert {customer.id for customer in found} == {ada.id}


def test_a_person_without_id_and_address_is_a_new_customer_each_time(session: Session, shop: Restaurant) -> None:
    assert shop_customer(shop, session, None).id != shop_customer(shop, session, None).id


def test_an_id_that_has_an_address_never_gets_another_one(session: Session, shop: Restaurant) -> None:
    ada, bob = shop_customer(shop, session, "7", ADA), stored(session, a_customer(email=BOB))

    later = [
        shop_customer(shop, session, "7", BOB),
        shop_customer(shop, session, "7", "new@example.com"),
        shop_customer(shop, session, "7"),
    ]

    assert {customer.id for customer in later} == {ada.id}
    assert (ada.email, bob.email) == (ADA, BOB)
    assert session.scalar(select(func.count()).select_from(Customer)) == 2


def test_a_customer_gets_the_first_verified_address(session: Session, shop: Restaurant) -> None:
    without_email = shop_customer(shop, session, "7")

    customer = shop_customer(shop, session, "7", ADA, name="Ada")

    assert (customer.id, customer.email, customer.name) == (without_email.id, ADA, "Ada")


def test_with_the_first_verified_address_the_orders_go_to_its_owner(session: Session, shop: Restaurant) -> None:
    ada = stored(session, a_customer(email=ADA))
    order = stored(session, an_own_order(shop, customer=shop_customer(shop, session, "7", name="Ada")))

    found = shop_customer(shop, session, "7", ADA)

    assert found is ada
    assert order.customer_id == ada.id
    assert shop_customer(shop, session, "7") is ada


@pytest.mark.parametrize("has_owner", [True, False])
def test_access_from_before_an_address_was_verified_shows_none_of_its_owners_orders(
    session: Session, shop: Restaurant, has_owner: bool
) -> None:
    ada = stored(session, a_customer(email=ADA)) if has_owner else None
    without_email = shop_customer(shop, session, "7")
    order = stored(session, an_own_order(shop, customer=without_email))
    give_access_to(without_email, shop, order, session, shop.created_at)

    found = shop_customer(shop, session, "7", ADA)

    assert found is (ada or without_email)
    assert session.scalars(select(CustomerSession)).all() == []
    assert session.scalars(select(SignInTicket)).all() == []
    assert session.scalars(select(AccessToken.order_id)).all() == [order.id]


def give_access_to(customer: Customer, shop: Restaurant, order: Order, session: Session, now: datetime) -> None:
    """Give the customer access tokens of all three scopes, a sign-in ticket, and sessions of both kinds."""
    lifetime = timedelta(minutes=5)
    application = stored(session, register_application("Shop", [], now=now))
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


def test_a_merged_customer_is_deleted_with_their_name(session: Session, shop: Restaurant) -> None:
    ada = stored(session, a_customer(email=ADA))
    stored(session, an_own_order(shop, customer=shop_customer(shop, session, "7", name="Somebody at the counter")))

    shop_customer(shop, session, "7", ADA)

    assert session.scalars(select(Customer.id)).all() == [ada.id]


def test_a_sign_in_ticket_issued_during_a_merge_belongs_to_the_owner_of_the_address(postgresql_url: str) -> None:
    database, (has_read, has_merged) = Database(postgresql_url), (Event(), Event())
    with database.transaction() as session:
        shop, ada = stored(session, a_restaurant()), stored(session, a_customer(email=ADA))
        order = stored(session, an_own_order(shop, customer=shop_customer(shop, session, "7")))
        application = stored(session, register_application("Shop", [], now=shop.created_at))

    def issue_ticket(session: Session) -> str:
        customer = session.get_one(Order, order.id).customer
        has_read.set()
        assert has_merged.wait(10)
        lifetime = {"lifetime": timedelta(minutes=5), "now": shop.created_at}
        ticket = stored(
            session,
            issue_sign_in_ticket(application, customer, restaurant_id=shop.id, order_id=order.id, **lifetime)[0],
        )
        return str(ticket.customer_id)

    with ThreadPoolExecutor(1) as pool:
        ticket_owner = pool.submit(database.run_in_transaction, issue_ticket)
        assert has_read.wait(10)
        database.run_in_transaction(
            lambda session: shop_customer(session.get_one(Restaurant, shop.id), session, "7", ADA)
        )
        has_merged.set()

        assert ticket_owner.result() == ada.id
    database.close()


def test_a_merge_does_not_touch_the_orders_of_others(session: Session, shop: Restaurant) -> None:
    stored(session, a_customer(email=ADA))
    bobs_order = stored(session, an_own_order(shop, customer=shop_customer(shop, session, "8", BOB)))
    guests_order = stored(session, an_own_order(shop, customer=shop_customer(shop, session, "9")))
    owners = (bobs_order.customer_id, guests_order.customer_id)
    shop_customer(shop, session, "7")

    shop_customer(shop, session, "7", ADA)

    session.expire_all()
    assert (bobs_order.customer_id, guests_order.customer_id) == owners


def test_a_platforms_number_and_a_shops_id_are_the_same_customer_only_by_their_address(
    session: Session, shop: Restaurant
) -> None:
    platform_account, now = stored(session, a_platform_account(shop)), shop.created_at
    platform_customer = resolve_customer(session, platform_account, "7", email=ADA, name="Ada", now=now)

    assert shop_customer(shop, session, "7") is not platform_customer
    assert shop_customer(shop, session, "8", ADA) is platform_customer


def test_two_orders_of_one_new_customer_at_the_same_moment_make_one_customer(database: Database) -> None:
    with database.transaction() as session:
        shop = stored(session, a_restaurant())

    def order(own_id: str) -> str:
        def work(session: Session) -> str:
            return shop_customer(session.get_one(Restaurant, shop.id), session, own_id, ADA).id

        return database.run_in_transaction(work)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(order, ["7", "8", "7", "8"]))

    assert len(found) == 1
    with database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
