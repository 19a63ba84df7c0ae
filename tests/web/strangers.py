"""Ada's orders at Bella Ago, everybody to whom they are somebody else's, and those to whom they are not."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.builders import EVENING, a_connection, a_customer, a_line, a_restaurant, an_order, some_details
from tracker.accounts.connecting import issue_secret, register_application
from tracker.accounts.granting import grant_access
from tracker.accounts.model import Application, Connection, Customer, Restaurant, Role, StaffMember
from tracker.accounts.reading import session_by_token
from tracker.accounts.signing_in import end_session, start_session
from tracker.accounts.staffing import add_staff_member, remove_staff_member
from tracker.orders import by_restaurant
from tracker.orders.adjusting import ProposedChange
from tracker.orders.bill import Bill
from tracker.orders.model import Order
from tracker.orders.placing import place_order
from tracker.orders.told import OrderDetails

HOUR = timedelta(hours=1)
IN_EVERY_ORDER = ("AGO77", "Spaghetti all’ago")
NEEDLES = (
    *IN_EVERY_ORDER,
    *("Bella Ago", "Ada Ago", "7 Ago Lane", "Ago Bell", "No ago please", "Ago di formaggio", "Ago reason"),
    *("ada.ago@example.com", "zoe.ago@example.com", "amy.ago@example.com", "left.ago@example.com"),
)
"""Words that are only in what is Ada's and Bella Ago's."""


@dataclass
class Somebody:
    """Who asks, and what they bring."""

    name: str
    browser: str = ""
    """The token of the session in which they are signed in, or were."""
    bearer: str = ""
    proof: dict[str, str] = field(default_factory=dict)
    """What they show to listen to a channel."""

    def client(self, app: Flask) -> FlaskClient:
        """Their browser, or program."""
        client = app.test_client()
        if self.browser:
            with client.session_transaction() as cookie:
                cookie.update({"_user_id": self.browser, "_fresh": True})
        return client

    @property
    def headers(self) -> dict[str, str]:
        """What their program sends along."""
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}


@dataclass
class World:
    """What there is, by id, and who asks."""

    restaurant: str
    other: str
    connection: str
    orders: list[str]
    """Ada's: one that waits for her answer, one that was rejected, and one that a platform has placed."""
    bobs_orders: list[str]
    """The same at the other restaurant."""
    members: list[str]
    """Who works at Bella Ago, by the customer's id."""
    strangers: list[Somebody]
    ada: Somebody
    staff: Somebody
    owner: Somebody
    program: Somebody
    """What has the restaurant's secret."""
    secrets: list[str]
    """What nobody is ever shown again."""


def build(session: Session, now: datetime) -> World:
    """Make it all by the operations; `now` is the evening."""
    maker = _Maker(session, now)
    ago, other = maker.restaurant("Bella Ago", "Ago reason"), maker.restaurant("Trattoria", "No")
    ada, bob = maker.customer("ada.ago@example.com", "Ada Ago"), maker.customer("bob@example.com", "Bob")
    owner, staff = maker.owner(ago, "zoe.ago@example.com"), maker.member(ago, "amy.ago@example.com")
    connection, elsewhere = maker.connection(ago), maker.connection(other)
    program, its_rival = maker.program(ago), maker.program(other)
    adas_proof, bobs_proof = maker.token(ada), maker.token(bob)
    orders = maker.orders(connection, ada, adas_details())
    bobs_orders = maker.orders(
        elsewhere, bob, some_details(lines=(a_line(ref="1"), a_line("Tiramisu", ref="2")), bill=Bill())
    )
    strangers = [
        Somebody("nobody"),
        Somebody("Bob", maker.browser(bob), proof=bobs_proof),
        Somebody("an application that acts for Bob", bearer=bobs_proof["access_token"], proof=bobs_proof),
        Somebody("who works at Trattoria", maker.browser(maker.member(other, "ben@example.com"))),
        Somebody("who owns Trattoria", maker.browser(maker.owner(other, "bea@example.com"))),
        its_rival,
        maker.program(ago, ends_at=now),
        Somebody("Ada, signed out", maker.signed_out(ada)),
        Somebody("who owns Bella Ago, signed out", maker.signed_out(owner)),
        Somebody("who worked at Bella Ago", maker.let_go(ago, "left.ago@example.com")),
    ]
    return World(
        restaurant=ago.id,
        other=other.id,
        connection=connection.id,
        orders=orders,
        bobs_orders=bobs_orders,
        members=[staff.id, owner.id],
        strangers=strangers,
        ada=Somebody("Ada", maker.browser(ada), proof=adas_proof),
        staff=Somebody("who works at Bella Ago", maker.browser(staff)),
        owner=Somebody("who owns Bella Ago", maker.browser(owner)),
        program=program,
        secrets=[program.bearer, its_rival.bearer, adas_proof["access_token"], bobs_proof["access_token"]],
    )


def adas_details() -> OrderDetails:
    """An order in which every word is Ada's alone."""
    lines = (
        a_line("Spaghetti all’ago", ref="ago1", options=({"name": "Ago di formaggio", "minor": 50},)),
        a_line("Spaghetti all’ago, small", ref="ago2"),
    )
    words = {"short_code": "AGO77", "note": "No ago please", "address": "7 Ago Lane", "address_note": "Ago Bell"}
    return some_details(**words, lines=lines, bill=Bill(items=4600, delivery=300, charged=4900))


@dataclass
class _Maker:
    session: Session
    now: datetime
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        self.application = register_application("Shop", [], now=self.now)
        self.session.add(self.application)

    def restaurant(self, name: str, reason: str) -> Restaurant:
        made = a_restaurant(name=name, answer_minutes=60, reject_reasons=[reason], statuses={})
        self.session.add(made)
        self.session.flush()
        return made

    def customer(self, email: str, name: str) -> Customer:
        made = a_customer(email=email, name=name)
        self.session.add(made)
        self.session.flush()
        return made

    def connection(self, restaurant: Restaurant) -> Connection:
        made = a_connection(restaurant)
        self.session.add(made)
        self.session.flush()
        return made

    def owner(self, restaurant: Restaurant, email: str) -> Customer:
        return self._person(add_staff_member(self.session, restaurant, email, Role.OWNER, now=self.now))

    def member(self, restaurant: Restaurant, email: str) -> Customer:
        return self._person(add_staff_member(self.session, restaurant, email, Role.STAFF, now=self.now))

    def let_go(self, restaurant: Restaurant, email: str) -> str:
        member = add_staff_member(self.session, restaurant, email, Role.STAFF, now=self.now)
        browser = self.browser(self._person(member))
        remove_staff_member(self.session, member)
        return browser

    def browser(self, person: Customer) -> str:
        token = start_session(self.session, person, keep=False, now=self.now)
        self.session.flush()
        return token

    def signed_out(self, person: Customer) -> str:
        token = self.browser(person)
        open_one = session_by_token(self.session, token, now=self.now)
        assert open_one is not None
        end_session(open_one, now=self.now)
        return token

    def program(self, restaurant: Restaurant, *, ends_at: datetime | None = None) -> Somebody:
        kept, secret = issue_secret(restaurant, now=self.now - HOUR)
        kept.ends_at = ends_at
        self.session.add(kept)
        name = f"the program of {restaurant.name}{', whose secret has ended' if ends_at else ''}"
        return Somebody(name, bearer=secret, proof={"key": self.application.key, "secret": secret})

    def token(self, customer: Customer) -> dict[str, str]:
        kept, token = grant_access(self.application, customer, life=HOUR, now=self.now)
        self.session.add(kept)
        return {"key": self.application.key, "access_token": token}

    def orders(self, connection: Connection, customer: Customer, details: OrderDetails) -> list[str]:
        restaurant = connection.restaurant
        adjusted, rejected = (
            place_order(restaurant, details, customer=customer, who=None, now=EVENING).order for _ in range(2)
        )
        platforms = an_order(connection=connection, customer=customer, details=details)
        made: list[Order] = [adjusted, rejected, platforms]
        self.session.add_all(made)
        self.session.flush()
        reason = restaurant.reject_reasons[0]
        change = ProposedChange(lines=(adjusted.lines[1].ref,), reason=reason)
        by_restaurant.adjust_order(adjusted, change, who="zoe.ago@example.com", now=self.now)
        by_restaurant.reject_order(rejected, reason, who="zoe.ago@example.com", now=self.now)
        self.session.flush()
        return [order.id for order in made]

    def _person(self, member: StaffMember) -> Customer:
        self.session.flush()
        return self.session.get_one(Customer, member.customer_id)
