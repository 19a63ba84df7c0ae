"""Ada's orders at Bella Ago, everybody to whom they are somebody else's, and those to whom they are not."""

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
"""Words that are only in what is Ada's and Bella Ago's."""


@dataclass
class World:
    """What there is, by id, and who asks."""

    restaurant: str
    other: str
    platform_account: str
    orders: list[str]
    """Ada's: one that waits for her answer, one that was rejected, and one that a platform has placed."""
    bobs_orders: list[str]
    """The same at the other restaurant."""
    adas_elsewhere: str
    """An order of Ada's there."""
    link: str
    """The share link to the first of Ada's orders, and the secret in its address."""
    link_secret: str
    token: str
    """The name of an access token of Ada's for which Bella Ago has asked."""
    members: list[str]
    """Who works at Bella Ago, by the customer's id."""
    strangers: list[Somebody]
    ada: Somebody
    staff: Somebody
    owner: Somebody
    program: Somebody
    """What has the restaurant's secret."""
    guest: Somebody
    """Who has the share link, and listens on its page."""
    widget: Somebody
    """What shows the first of Ada's orders on the shop's own site."""
    secrets: list[str]
    """What nobody is ever shown again."""


def build(session: Session, secret_key: str, now: datetime) -> World:
    """Make it all by the operations; `now` is the evening, and `secret_key` the site's."""
    maker = Maker(session, secret_key, now)
    ago, other = maker.restaurant("Bella Ago", "Ago reason"), maker.restaurant("Trattoria", "No")
    ada, bob = maker.customer("ada.ago@example.com", "Ada Ago"), maker.customer("bob@example.com", "Bob")
    owner, staff = maker.owner(ago, "zoe.ago@example.com"), maker.member(ago, "amy.ago@example.com")
    account, elsewhere = maker.connection(ago), maker.connection(other)
    program, its_rival = maker.program(ago), maker.program(other)
    adas_proof, bobs_proof = maker.token(ada), maker.token(bob)
    orders, bobs_orders = maker.orders(account, ada, adas_details()), maker.orders(elsewhere, bob, bobs_details())
    adas_elsewhere = maker.order(other, ada)
    link, link_secret, guest = maker.guest("who has Ada’s share link", orders[0])
    strangers = [
        Somebody("Bob", maker.browser(bob), proof=bobs_proof),
        Somebody("an application that acts for Bob", bearer=bobs_proof["access_token"], proof=bobs_proof),
        its_rival,
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
        token=maker.kept_token(ada, asked_for_by=ago.id)[0].id,
        link_secret=link_secret,
        members=[staff.id, owner.id],
        strangers=[Somebody("nobody"), *strangers],
        ada=Somebody("Ada", maker.browser(ada), proof=adas_proof),
        staff=Somebody("who works at Bella Ago", maker.browser(staff)),
        owner=Somebody("who owns Bella Ago", maker.browser(owner)),
        program=program,
        guest=guest,
        widget=maker.widget("the widget of Ada’s order", ada, orders[0]),
        secrets=[program.bearer, its_rival.bearer, adas_proof["access_token"], bobs_proof["access_token"]],
    )


def bobs_details() -> OrderDetails:
    """An order of which nothing is Ada's."""
    return some_details(lines=(a_line(ref="1"), a_line("Tiramisu", ref="2")), bill=Bill())


def somebody_else(maker: Maker, ago: Restaurant, other: Restaurant, ada: Customer, owner: Customer) -> list[Somebody]:
    """Those who work elsewhere, those who could come in once, and those who come at the word of a shop."""
    return [
        *maker.vouched_for_by_a_shop(ago, other, ada, owner),
        Somebody("who works at Trattoria", maker.browser(maker.member(other, "ben@example.com"))),
        Somebody("who owns Trattoria", maker.browser(maker.owner(other, "bea@example.com"))),
        maker.program(ago, ends_at=maker.now),
        Somebody("Ada, signed out", maker.signed_out(ada)),
        Somebody("who owns Bella Ago, signed out", maker.signed_out(owner)),
        Somebody("who worked at Bella Ago", maker.let_go(ago, "left.ago@example.com")),
    ]
