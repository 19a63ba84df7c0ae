"""How the strangers of tests/web/strangers.py, and those who are none, are made."""

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
    """Who asks, and what they bring."""

    name: str
    browser: str = ""
    """The token of the session in which they are signed in, or were."""
    bearer: str = ""
    proof: dict[str, str] = field(default_factory=dict)
    """What they show to listen to a channel."""
    knows: tuple[str, ...] = ()
    """Their own address and the shop they came through, which are no secret to themselves."""

    def client(self, app: Flask) -> FlaskClient:
        """Their browser, or program."""
        client = app.test_client()
        if self.browser:
            use_session(client, self.browser)
        return client

    @property
    def headers(self) -> dict[str, str]:
        """What their program sends along."""
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}


@dataclass
class Maker:
    """Makes them by the operations, on the evening `now`."""

    session: Session
    secret_key: str
    now: datetime
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        self.application = register_application("Shop", [SHOP], now=self.now)
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

    def connection(self, restaurant: Restaurant) -> PlatformAccount:
        made = a_platform_account(restaurant)
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

    def browser(self, person: Customer, *, only_restaurant_id: str | None = None) -> str:
        token = start_session(self.session, person, remember=False, now=self.now, restaurant_id=only_restaurant_id)
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

    def token(self, customer: Customer, *, asked_for_by: str | None = None) -> dict[str, str]:
        return {
            "key": self.application.key,
            "access_token": self.kept_token(customer, asked_for_by=asked_for_by)[1],
        }

    def kept_token(self, customer: Customer, *, asked_for_by: str | None) -> tuple[AccessToken, str]:
        kept, token = grant_access(self.application, customer, lifetime=HOUR, now=self.now, restaurant_id=asked_for_by)
        self.session.add(kept)
        return kept, token

    def vouched_for_by_a_shop(
        self, ago: Restaurant, other: Restaurant, ada: Customer, owner: Customer
    ) -> list[Somebody]:
        """Those who come with a session that is Ada's or the owner's, as far as one shop says so."""
        by_other, by_ago = (
            self.browser(ada, only_restaurant_id=other.id),
            self.browser(owner, only_restaurant_id=ago.id),
        )
        return [
            Somebody("who came through Trattoria’s shop as Ada", by_other, knows=("ada.ago@example.com",)),
            Somebody(
                "who came through Trattoria’s shop as the owner of Bella Ago",
                self.browser(owner, only_restaurant_id=other.id),
                knows=("zoe.ago@example.com",),
            ),
            Somebody(
                "who came through Bella Ago’s shop as its owner", by_ago, knows=("zoe.ago@example.com", "Bella Ago")
            ),
            Somebody("Trattoria’s application that acts for Ada", proof=self.token(ada, asked_for_by=other.id)),
        ]

    def onlookers_of_other_orders(
        self, bob: Customer, bobs_order: str, ada: Customer, adas_elsewhere: str
    ) -> list[Somebody]:
        return [
            self.guest("who has Bob’s share link", bobs_order)[2],
            self.widget("the widget of Bob’s order", bob, bobs_order),
            self.guest("who has the share link to another order of Ada’s", adas_elsewhere)[2],
            self.widget("the widget of another order of Ada’s", ada, adas_elsewhere),
        ]

    def onlookers_of_no_order(self, other: Restaurant, ada: Customer, order_id: str) -> list[Somebody]:
        link, _, uninvited = self.guest("whose share link was revoked", order_id)
        revoke_link(link, now=self.now)
        late = self.widget("a widget whose token was taken back", ada, order_id)
        revoke([self.session.get_one(AccessToken, hash_secret(late.bearer))], now=self.now)
        never = self.widget("a widget of Ada’s order for Trattoria", ada, order_id, asked_for_by=other.id)
        return [uninvited, late, never]

    def guest(self, name: str, order_id: str) -> tuple[ShareLink, str, Somebody]:
        """A share link to this order, its secret, and who has come by it and listens."""
        order = self.session.get_one(Order, order_id)
        link = share_order(order, (), None, secret_key=self.secret_key, now=self.now)
        self.session.add(link)
        self.session.flush()
        proof = {"key": PAGES_KEY, "access_token": make_share_token(self.secret_key, link.id, order_id, now=self.now)}
        return link, share_link_secret(self.secret_key, link.id), Somebody(name, proof=proof)

    def widget(self, name: str, customer: Customer, order_id: str, *, asked_for_by: str | None = None) -> Somebody:
        """What the shop's page has to show this order with."""
        kept, token = grant_access(
            self.application,
            customer,
            lifetime=timedelta(minutes=15),
            now=self.now,
            order_id=order_id,
            restaurant_id=asked_for_by,
            scopes=[Scope.STATUS],
            origin=SHOP,
        )
        self.session.add(kept)
        self.session.flush()
        return Somebody(name, bearer=token, proof={"key": self.application.key, "access_token": token})

    def order(self, restaurant: Restaurant, customer: Customer) -> str:
        """An order of which nothing is Ada's alone but whose it is."""
        details = some_details(lines=(a_line(ref="1"),), bill=Bill())
        placed = place_order(restaurant, details, customer=customer, actor_name=None, now=EVENING).order
        self.session.add(placed)
        self.session.flush()
        return placed.id

    def orders(self, platform_account: PlatformAccount, customer: Customer, details: OrderDetails) -> list[str]:
        restaurant = platform_account.restaurant
        adjusted, rejected = (
            place_order(restaurant, details, customer=customer, actor_name=None, now=EVENING).order for _ in range(2)
        )
        platforms = an_order(platform_account=platform_account, customer=customer, details=details)
        made: list[Order] = [adjusted, rejected, platforms]
        self.session.add_all(made)
        self.session.flush()
        reason = restaurant.reject_reasons[0]
        change = ProposedChange(lines=(adjusted.lines[1].ref,), reason=reason)
        by_restaurant.adjust_order(adjusted, change, actor_name="zoe.ago@example.com", now=self.now)
        by_restaurant.reject_order(rejected, reason, actor_name="zoe.ago@example.com", now=self.now)
        self.session.flush()
        return [order.id for order in made]

    def _person(self, member: StaffMember) -> Customer:
        self.session.flush()
        return self.session.get_one(Customer, member.customer_id)


def adas_details() -> OrderDetails:
    """An order in which every word is Ada's alone."""
    lines = (
        a_line("Spaghetti all’ago", ref="ago1", options=({"name": "Ago di formaggio", "minor": 50},)),
        a_line("Spaghetti all’ago, small", ref="ago2"),
    )
    words = {"short_code": "AGO77", "note": "No ago please", "address": "7 Ago Lane", "address_note": "Ago Bell"}
    return some_details(**words, lines=lines, bill=Bill(items=4600, delivery=300, charged=4900))
