"""Sign-in tickets: valid once, for minutes, and until the restaurant revokes them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.builders import a_customer, a_restaurant
from tests.conftest import Clock
from tracker.accounts.model import Application, Customer, Restaurant
from tracker.accounts.registration import register_application
from tracker.accounts.sign_in import start_session
from tracker.accounts.sign_in_tickets import (
    SignInTicket,
    delete_old_sign_in_tickets,
    find_shop_session,
    issue_sign_in_ticket,
    revoke_sign_in_tickets,
    sign_in_ticket_by_secret,
    use_sign_in_ticket,
)
from tracker.accounts.tokens import hash_secret
from tracker.database import Database

ORDER, ANOTHER = "52a7289e96ba1c6209000003", "52a7289e96ba1c6209000004"
LIFE = timedelta(minutes=5)


class Shop:
    """The shop of one restaurant, which issues sign-in tickets."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.restaurant: Restaurant = a_restaurant()
        self.application: Application = register_application("Shop", [], now=now)
        session.add_all([self.restaurant, self.application])
        session.flush()

    def customer(self, **changes: Any) -> Customer:
        customer = a_customer(**changes)
        self.session.add(customer)
        self.session.flush()
        return customer

    def issue_sign_in_ticket(self, customer: Customer, now: datetime, order_id: str = ORDER) -> str:
        its_id = self.restaurant.id
        stored, secret = issue_sign_in_ticket(
            self.application, customer, restaurant_id=its_id, order_id=order_id, lifetime=LIFE, now=now
        )
        self.session.add(stored)
        self.session.flush()
        return secret


def signs_in(session: Session, secret: str, now: datetime) -> bool:
    """Return whether the ticket is valid, which must be the same when it is only read and when it is to be used."""
    tickets = [
        sign_in_ticket_by_secret(session, secret, now=now, for_update=for_update) for for_update in (False, True)
    ]
    assert tickets[0] is tickets[1]
    return tickets[0] is not None


def test_a_ticket_is_valid_once_and_stored_as_a_hash(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        shop = Shop(session, clock.now)
        ada = shop.customer()
        secret = shop.issue_sign_in_ticket(ada, clock.now)

        found = sign_in_ticket_by_secret(session, secret, now=clock.now, for_update=True)
        assert found is not None
        assert (found.customer, found.order_id, found.restaurant_id) == (
            ada,
            ORDER,
            shop.restaurant.id,
        )
        assert (found.hash, signs_in(session, "a-guess", clock.now)) == (hash_secret(secret), False)
        use_sign_in_ticket(found, now=clock.now)

        assert not signs_in(session, secret, clock.now)


def test_a_ticket_is_valid_for_five_minutes(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        shop = Shop(session, clock.now)
        secret = shop.issue_sign_in_ticket(shop.customer(), clock.now)

        assert signs_in(session, secret, clock.move(minutes=4.9))
        assert not signs_in(session, secret, clock.move(minutes=0.1))


def test_a_restaurant_ends_all_of_its_own_or_those_of_one_customer_order_or_application(
    database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        shop, other = Shop(session, clock.now), Shop(session, clock.now)
        ada, bob = shop.customer(), shop.customer(email="bob@example.com")
        adas, bobs, elsewhere = (
            shop.issue_sign_in_ticket(ada, clock.now),
            shop.issue_sign_in_ticket(bob, clock.now, ANOTHER),
            other.issue_sign_in_ticket(ada, clock.now),
        )

        def ended(**which: Any) -> tuple[int, list[bool]]:
            count = revoke_sign_in_tickets(session, shop.restaurant.id, now=clock.now, **which)
            session.flush()
            return count, [signs_in(session, secret, clock.now) for secret in (adas, bobs, elsewhere)]

        assert ended(application_id=other.application.id) == (0, [True, True, True])
        assert ended(order_id=ORDER) == (1, [False, True, True])
        assert ended(customer_id=ada.id) == (0, [False, True, True])
        assert ended() == (1, [False, False, True])
        assert ended() == (0, [False, False, True])


def test_a_sign_in_ticket_is_forgotten_a_day_after_its_end(database: Database, clock: Clock) -> None:
    with database.transaction() as session:
        shop = Shop(session, clock.now)
        shop.issue_sign_in_ticket(shop.customer(), clock.now)
        for later, left in ((timedelta(days=1), 1), (timedelta(days=1, minutes=6), 0)):
            delete_old_sign_in_tickets(session, now=clock.now + later)

            assert session.query(SignInTicket).count() == left


def test_a_session_names_the_shop_it_came_from_and_whether_the_customer_can_see_more(
    database: Database, clock: Clock
) -> None:
    with database.transaction() as session:
        shop = Shop(session, clock.now)
        ada, guest = shop.customer(), shop.customer(email=None)

        def of(customer: Customer, restaurant_id: str | None) -> str:
            token = start_session(session, customer, remember=False, now=clock.now, restaurant_id=restaurant_id)
            session.flush()
            return hash_secret(token)

        adas, guests, proven = of(ada, shop.restaurant.id), of(guest, shop.restaurant.id), of(ada, None)

        assert find_shop_session(session, adas, now=clock.now) == ("Bella Napoli", True)
        assert find_shop_session(session, guests, now=clock.now) == ("Bella Napoli", False)
        assert find_shop_session(session, proven, now=clock.now) is None
        assert find_shop_session(session, adas, now=clock.move(hours=12)) is None
