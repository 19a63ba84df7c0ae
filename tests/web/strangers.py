"""Ada's orders at Bella Ago, the people and programs that may see them, and the strangers that may not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tests.builders import a_line, some_details
from tests.web.stranger_builders import Maker, Somebody, adas_details
from tracker.accounts.model import Customer, Restaurant
from tracker.orders.bill import Bill
from tracker.orders.reports import OrderDetails

IN_EVERY_ORDER = ("AGO77", "Spaghetti all’ago")
NEEDLES = (
    *IN_EVERY_ORDER,
    *("Bella Ago", "Ada Ago", "7 Ago Lane", "Ago Bell", "No ago please", "Ago di formaggio", "Ago reason"),
    *("ada.ago@example.com", "zoe.ago@example.com", "amy.ago@example.com", "left.ago@example.com"),
)
"""Texts that only Ada's orders and Bella Ago's data contain."""


@dataclass
class World:
    """The ids of everything that exists, and the people and programs that send requests."""

    restaurant: str
    other: str
    platform_account: str
    orders: list[str]
    """Ada's orders at Bella Ago: one with an open adjustment, one that was rejected, and one from a platform."""
    bobs_orders: list[str]
    """Bob's orders at the other restaurant, in the same states as Ada's."""
    adas_elsewhere: str
    """An order of Ada's at the other restaurant."""
    link: str
    """The id of the share link to the first of Ada's orders; `link_secret` is the secret in its address."""
    link_secret: str
    token: str
    """The id of an access token for Ada that Bella Ago has issued."""
    members: list[str]
    """The staff of Bella Ago, by their customer ids."""
    strangers: list[Somebody]
    ada: Somebody
    staff: Somebody
    owner: Somebody
    program: Somebody
    """A program with the restaurant's secret."""
    guest: Somebody
    """A person with the share link, who listens on its page."""
    widget: Somebody
    """The widget of the first of Ada's orders on the shop's site."""
    secrets: list[str]
    """Secrets and tokens, which no response may contain."""


def build(session: Session, secret_key: str, now: datetime) -> World:
    """Create all of it by the application's own operations, at the time `now`, with the site's `secret_key`."""
    maker = Maker(session, secret_key, now)
    ago, other = maker.restaurant("Bella Ago", "Ago reason"), maker.restaurant("Trattoria", "No")
    ada, bob = maker.customer("ada.ago@example.com", "Ada Ago"), maker.customer("bob@example.com", "Bob")
    owner, staff = maker.owner(ago, "zoe.ago@example.com"), maker.member(ago, "amy.ago@example.com")
    account, elsewhere = maker.platform_account(ago), maker.platform_account(other)
    program, rival = maker.program(ago), maker.program(other)
    adas_proof, bobs_proof = maker.token(ada), maker.token(bob)
    orders, bobs_orders = maker.orders(account, ada, adas_details()), maker.orders(elsewhere, bob, bobs_details())
    adas_elsewhere = maker.order(other, ada)
    link, link_secret, guest = maker.guest("somebody with Ada’s share link", orders[0])
    strangers = [
        Somebody("Bob", maker.browser(bob), proof=bobs_proof),
        Somebody("an application that acts for Bob", bearer=bobs_proof["access_token"], proof=bobs_proof),
        rival,
        *somebody_else(maker, ago, other, ada, owner),
        *maker.onlookers_of_other_orders(bob, bobs_orders[0], ada, adas_elsewhere),
        *maker.onlookers_of_no_order(other, ada, orders[0]),
    ]
    return World(
        restaurant=ago.id,
        other=other.id,
        platform_account=account.id,
        orders=orders,
        bobs_orders=bobs_orders,
        adas_elsewhere=adas_elsewhere,
        link=link.id,
        token=maker.stored_token(ada, issued_for=ago.id)[0].id,
        link_secret=link_secret,
        members=[staff.id, owner.id],
        strangers=[Somebody("nobody"), *strangers],
        ada=Somebody("Ada", maker.browser(ada), proof=adas_proof),
        staff=Somebody("a staff member of Bella Ago", maker.browser(staff)),
        owner=Somebody("the owner of Bella Ago", maker.browser(owner)),
        program=program,
        guest=guest,
        widget=maker.widget("the widget of Ada’s order", ada, orders[0]),
        secrets=[program.bearer, rival.bearer, adas_proof["access_token"], bobs_proof["access_token"]],
    )


def bobs_details() -> OrderDetails:
    """Return details of an order without any of Ada's texts."""
    return some_details(lines=(a_line(ref="1"), a_line("Tiramisu", ref="2")), bill=Bill())


def somebody_else(maker: Maker, ago: Restaurant, other: Restaurant, ada: Customer, owner: Customer) -> list[Somebody]:
    """Return people of the other restaurant, people whose access has ended, and people that a shop has vouched for."""
    return [
        *maker.vouched_for_by_a_shop(ago, other, ada, owner),
        Somebody("a staff member of Trattoria", maker.browser(maker.member(other, "ben@example.com"))),
        Somebody("the owner of Trattoria", maker.browser(maker.owner(other, "bea@example.com"))),
        maker.program(ago, ends_at=maker.now),
        Somebody("Ada, signed out", maker.signed_out(ada)),
        Somebody("the owner of Bella Ago, signed out", maker.signed_out(owner)),
        Somebody("a former staff member of Bella Ago", maker.let_go(ago, "left.ago@example.com")),
    ]
