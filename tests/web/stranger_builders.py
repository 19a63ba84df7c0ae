"""Builders for the people, programs and orders of tests/web/strangers.py."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.browser_sessions import use_session
from tests.builders import EVENING, a_customer, a_line, a_platform_account, a_restaurant, an_order, some_details
from tracker.accounts.access_tokens import grant_access, revoke
from tracker.accounts.model import (
    AccessToken,
    Application,
    Customer,
    PlatformAccount,
    Restaurant,
    Role,
    Scope,
    StaffMember,
)
from tracker.accounts.queries import session_by_token
from tracker.accounts.registration import issue_secret, register_application
from tracker.accounts.sign_in import end_session, start_session
from tracker.accounts.staff import add_staff_member, remove_staff_member
from tracker.accounts.tokens import PAGES_KEY, hash_secret, make_share_token, share_link_secret
from tracker.orders.bill import Bill
from tracker.orders.model import Order
from tracker.orders.operations import by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.placement import place_order
from tracker.orders.operations.share_links import ShareLink, revoke_link, share_order
from tracker.orders.reports import OrderDetails

HOUR = timedelta(hours=1)
SHOP = "https://shop.example.com"


@dataclass
class Somebody:
    """A person or program that sends requests, and their credentials."""

    name: str
    browser: str = ""
    """The token of their present or former session."""
    bearer: str = ""
    proof: dict[str, str] = field(default_factory=dict)
    """The fields with which they request a subscription to a channel."""
    knows: tuple[str, ...] = ()
    """Needles that they may see: their own address, and the name of the shop they came through."""

    def client(self, app: Flask) -> FlaskClient:
        """Return a test client with their session, if they have one."""
        client = app.test_client()
        if self.browser:
            use_session(client, self.browser)
        return client

    @property
    def headers(self) -> dict[str, str]:
        """The headers of their requests."""
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}


@dataclass
class Maker:
    """Creates people, programs and orders by the application's own operations, at the time `now`."""

    session: Session
    secret_key: str
    now: datetime
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        self.application = register_application("Shop", [SHOP], now=self.now)
        self.session.add(self.application)

    def restaurant(self, name: str, reason: str) -> Restaurant:
        created = a_restaurant(name=name, answer_minutes=60, reject_reasons=[reason], statuses={})
        self.session.add(created)
        self.session.flush()
        return created

    def customer(self, email: str, name: str) -> Customer:
        created = a_customer(email=email, name=name)
        self.session.add(created)
        self.session.flush()
        return created

    def platform_account(self, restaurant: Restaurant) -> PlatformAccount:
        created = a_platform_account(restaurant)
        self.session.add(created)
        self.session.flush()
        return created

    def owner(self, restaurant: Restaurant, email: str) -> Customer:
        return self._person(add_staff_member(self.session, restaurant, email, Role.OWNER, now=self.now))

    def member(self, restaurant: Restaurant, email: str) -> Customer:
        return self._person(add_staff_member(self.session, restaurant, email, Role.STAFF, now=self.now))

    def let_go(self, restaurant: Restaurant, email: str) -> str:
        member = add_staff_member(self.session, restaurant, email, Role.STAFF, now=self.now)
        browser = self.browser(self._person(member))
        remove_staff_member(self.session, member)
        return browser

    def browser(self, person: Customer, *, only_restaurant_id: str | None = None) -> str:
        token = start_session(self.session, person, remember=False, now=self.now, restaurant_id=only_restaurant_id)
        self.session.flush()
        return token

    def signed_out(self, person: Customer) -> str:
        token = self.browser(person)
        browser_session = session_by_token(self.session, token, now=self.now)
        assert browser_session is not None
        end_session(browser_session, now=self.now)
        return token

    def program(self, restaurant: Restaurant, *, ends_at: datetime | None = None) -> Somebody:
        stored, secret = issue_secret(restaurant, now=self.now - HOUR)
        stored.ends_at = ends_at
        self.session.add(stored)
        name = f"the program of {restaurant.name}{', whose secret has expired' if ends_at else ''}"
        return Somebody(name, bearer=secret, proof={"key": self.application.key, "secret": secret})

    def token(self, customer: Customer, *, issued_for: str | None = None) -> dict[str, str]:
        return {
            "key": self.application.key,
            "access_token": self.stored_token(customer, issued_for=issued_for)[1],
        }

    def stored_token(self, customer: Customer, *, issued_for: str | None) -> tuple[AccessToken, str]:
        stored, token = grant_access(self.application, customer, lifetime=HOUR, now=self.now, restaurant_id=issued_for)
        self.session.add(stored)
        return stored, token

    def vouched_for_by_a_shop(
        self, ago: Restaurant, other: Restaurant, ada: Customer, owner: Customer
    ) -> list[Somebody]:
        """Return people and programs with a session or token of Ada's or the owner's that a shop has vouched for."""
        by_other, by_ago = (
            self.browser(ada, only_restaurant_id=other.id),
            self.browser(owner, only_restaurant_id=ago.id),
        )
        return [
            Somebody("somebody who came through Trattoria’s shop as Ada", by_other, knows=("ada.ago@example.com",)),
            Somebody(
                "somebody who came through Trattoria’s shop as the owner of Bella Ago",
                self.browser(owner, only_restaurant_id=other.id),
                knows=("zoe.ago@example.com",),
            ),
            Somebody(
                "somebody who came through Bella Ago’s shop as its owner",
                by_ago,
                knows=("zoe.ago@example.com", "Bella Ago"),
            ),
            Somebody("Trattoria’s application that acts for Ada", proof=self.token(ada, issued_for=other.id)),
        ]

    def onlookers_of_other_orders(
        self, bob: Customer, bobs_order: str, ada: Customer, adas_elsewhere: str
    ) -> list[Somebody]:
        return [
            self.guest("somebody with Bob’s share link", bobs_order)[2],
            self.widget("the widget of Bob’s order", bob, bobs_order),
            self.guest("somebody with the share link to another order of Ada’s", adas_elsewhere)[2],
            self.widget("the widget of another order of Ada’s", ada, adas_elsewhere),
        ]

    def onlookers_of_no_order(self, other: Restaurant, ada: Customer, order_id: str) -> list[Somebody]:
        link, _, uninvited = self.guest("somebody whose share link was revoked", order_id)
        revoke_link(link, now=self.now)
        revoked = self.widget("a widget whose token was revoked", ada, order_id)
        revoke([self.session.get_one(AccessToken, hash_secret(revoked.bearer))], now=self.now)
        foreign = self.widget("a widget of Ada’s order for Trattoria", ada, order_id, issued_for=other.id)
        return [uninvited, revoked, foreign]

    def guest(self, name: str, order_id: str) -> tuple[ShareLink, str, Somebody]:
        """Create a share link to this order. Return it, its secret, and a person who listens through it."""
        order = self.session.get_one(Order, order_id)
        link = share_order(order, (), None, secret_key=self.secret_key, now=self.now)
        self.session.add(link)
        self.session.flush()
        proof = {"key": PAGES_KEY, "access_token": make_share_token(self.secret_key, link.id, order_id, now=self.now)}
        return link, share_link_secret(self.secret_key, link.id), Somebody(name, proof=proof)

    def widget(self, name: str, customer: Customer, order_id: str, *, issued_for: str | None = None) -> Somebody:
        """Return a widget of the shop's page with a token for this order."""
        stored, token = grant_access(
            self.application,
            customer,
            lifetime=timedelta(minutes=15),
            now=self.now,
            order_id=order_id,
            restaurant_id=issued_for,
            scopes=[Scope.STATUS],
            origin=SHOP,
        )
        self.session.add(stored)
        self.session.flush()
        return Somebody(name, bearer=token, proof={"key": self.application.key, "access_token": token})

    def order(self, restaurant: Restaurant, customer: Customer) -> str:
        """Place an order of this customer without any of Ada's words, and return its id."""
        details = some_details(lines=(a_line(ref="1"),), bill=Bill())
        order = place_order(restaurant, details, customer=customer, actor_name=None, now=EVENING).order
        self.session.add(order)
        self.session.flush()
        return order.id

    def orders(self, platform_account: PlatformAccount, customer: Customer, details: OrderDetails) -> list[str]:
        restaurant = platform_account.restaurant
        adjusted, rejected = (
            place_order(restaurant, details, customer=customer, actor_name=None, now=EVENING).order for _ in range(2)
        )
        platform_order = an_order(platform_account=platform_account, customer=customer, details=details)
        created: list[Order] = [adjusted, rejected, platform_order]
        self.session.add_all(created)
        self.session.flush()
        reason = restaurant.reject_reasons[0]
        change = ProposedChange(lines=(adjusted.lines[1].ref,), reason=reason)
        by_restaurant.adjust_order(adjusted, change, actor_name="zoe.ago@example.com", now=self.now)
        by_restaurant.reject_order(rejected, reason, actor_name="zoe.ago@example.com", now=self.now)
        self.session.flush()
        return [order.id for order in created]

    def _person(self, member: StaffMember) -> Customer:
        self.session.flush()
        return self.session.get_one(Customer, member.customer_id)


def adas_details() -> OrderDetails:
    """Return details in which every text is one of NEEDLES."""
    lines = (
        a_line("Spaghetti all’ago", ref="ago1", options=({"name": "Ago di formaggio", "minor": 50},)),
        a_line("Spaghetti all’ago, small", ref="ago2"),
    )
    texts = {"short_code": "AGO77", "note": "No ago please", "address": "7 Ago Lane", "address_note": "Ago Bell"}
    return some_details(**texts, lines=lines, bill=Bill(items=4600, delivery=300, charged=4900))
