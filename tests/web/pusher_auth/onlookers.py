"""Ada's orders as they are listened to from elsewhere: by tokens, by her pages, and through a share link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.builders import a_customer, a_platform_account, an_order
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.model import Application, CustomerSession, Role, Scope
from tracker.accounts.registration import register_application
from tracker.accounts.staff import add_staff_member
from tracker.accounts.tokens import hash_secret, make_console_token, make_page_token, make_share_token
from tracker.config import Settings
from tracker.database import Database
from tracker.orders.model import Order
from tracker.orders.operations.share_links import share_order

SHOP = "https://shop.example.com"
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


@dataclass
class World:
    """Ada has two orders at Bella Napoli and one at the Trattoria, which has asked for tokens of hers, too."""

    order: str
    another: str
    elsewhere: str
    bobs: str
    restaurant: str
    other_restaurant: str
    key: str
    rivals_key: str
    tokens: dict[str, str]
    link: str
    page: dict[str, str]
    """What her pages and the console's are given to listen with, by whose session it is and of which order."""
    shared: str
    """What the page of the share link is given."""

    def channels(self) -> dict[str, str]:
        """Every channel that there is, by what it is of."""
        orders = {"order": self.order, "another": self.another, "elsewhere": self.elsewhere, "bobs": self.bobs}
        theirs = {f"{kind}:{name}": f"private-{kind}-{its_id}" for kind in "os" for name, its_id in orders.items()}
        both = {"r:here": self.restaurant, "r:there": self.other_restaurant}
        return theirs | {name: f"presence-r-{its_id}" for name, its_id in both.items()}


def a_world(database: Database, settings: Settings, now: datetime) -> World:
    """All of it, kept in the database."""
    key = settings.secret_key.get_secret_value()
    ada, bob, here, there = (
        a_customer(),
        a_customer(email="bob@example.com"),
        a_platform_account(),
        a_platform_account(),
    )
    whose = ((here, ada), (here, ada), (there, ada), (here, bob))
    orders = [an_order(platform_account=at, customer=who) for at, who in whose]
    for number, order in enumerate(orders):
        order.platform_order_id = str(number)
    shop, rival = (register_application(name, [SHOP], now=now) for name in ("Shop", "Rival"))
    with database.transaction() as session:
        session.add_all([*orders, shop, rival])
        session.flush()
        tokens = granted(session, shop, orders[0], orders[2], now)
        link = share_order(orders[0], (), None, secret_key=key, now=now)
        session.add(link)
        for restaurant in (here.restaurant, there.restaurant):  # she cooks, too: it opens her no more by a shop's word
            add_staff_member(session, restaurant, "ada@example.com", Role.OWNER, now=now)
    return World(  # type: ignore[misc]
        *(order.id for order in orders),
        *(each.restaurant_id for each in (here, there)),
        *(each.key for each in (shop, rival)),
        tokens=tokens,
        link=link.id,
        page=pages(database, key, orders, now),
        shared=make_share_token(key, link.id, orders[0].id, now=now),
    )


def granted(session: Session, shop: Application, order: Order, elsewhere: Order, now: datetime) -> dict[str, str]:
    """Tokens of the order's customer, each for something else."""
    here, there = ({"restaurant_id": each.restaurant_id} for each in (order, elsewhere))
    of_one: dict[str, Any] = {"order_id": order.id}
    status = of_one | {"scopes": [Scope.STATUS], "origin": SHOP}
    asked: dict[str, dict[str, Any]] = {
        "all": {},
        "here": here,
        "there": there,
        "there, of an order here": of_one | there,
        "status": status,
        "status here": status | here,
        "status there": status | there,
    }
    made = {name: grant_access(shop, order.customer, lifetime=QUARTER, now=now, **how) for name, how in asked.items()}
    session.add_all(kept for kept, _ in made.values())
    return {name: token for name, (_, token) in made.items()}


def pages(database: Database, key: str, orders: list[Order], now: datetime) -> dict[str, str]:
    """What pages listen with in browsers of hers: where she has proven who she is, and where a shop has said so."""
    order, elsewhere, bobs = orders[0], orders[2], orders[3]
    at = {"everywhere": None, "here": order.restaurant_id, "there": elsewhere.restaurant_id}
    life = {"created_at": now, "ends_at": now + HOUR}
    with database.transaction() as session:
        for name, only_restaurant_id in at.items():
            its_hash = hash_secret(name)
            browser = CustomerSession(
                hash=its_hash, customer_id=order.customer_id, restaurant_id=only_restaurant_id, **life
            )
            session.add(browser)
    shown = {"order": order.id, "elsewhere": elsewhere.id, "bobs": bobs.id}
    theirs = {
        f"{name}, {of}": make_page_token(key, hash_secret(name), shown[of], now=now) for name in at for of in shown
    }
    here = order.restaurant_id
    return theirs | {f"{name}, console": make_console_token(key, hash_secret(name), here, now=now) for name in at}
