"""Ada's orders, and everything with which they can be listened to: access tokens, her pages, and a share link."""

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
    """Two orders of Ada's at Bella Napoli and one at the Trattoria; both restaurants have issued tokens for her."""

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
    """The tokens of customers' and console pages, by the session and the order that they are for."""
    shared: str
    """The token of the shared page."""

    def channels(self) -> dict[str, str]:
        """Return all channels of the orders and restaurants, by kind and name."""
        orders = {"order": self.order, "another": self.another, "elsewhere": self.elsewhere, "bobs": self.bobs}
        of_orders = {f"{kind}:{name}": f"private-{kind}-{order}" for kind in "os" for name, order in orders.items()}
        restaurants = {"r:here": self.restaurant, "r:there": self.other_restaurant}
        return of_orders | {name: f"presence-r-{restaurant}" for name, restaurant in restaurants.items()}


def a_world(database: Database, settings: Settings, now: datetime) -> World:
    """Store the orders and all tokens in the database."""
    key = settings.secret_key.get_secret_value()
    ada, bob, here, there = (
        a_customer(),
        a_customer(email="bob@example.com"),
        a_platform_account(),
        a_platform_account(),
    )
    pairs = ((here, ada), (here, ada), (there, ada), (here, bob))
    orders = [an_order(platform_account=account, customer=customer) for account, customer in pairs]
    for number, order in enumerate(orders):
        order.platform_order_id = str(number)
    shop, rival = (register_application(name, [SHOP], now=now) for name in ("Shop", "Rival"))
    with database.transaction() as session:
        session.add_all([*orders, shop, rival])
        session.flush()
        tokens = granted(session, shop, orders[0], orders[2], now)
        link = share_order(orders[0], (), None, secret_key=key, now=now)
        session.add(link)
        for restaurant in (here.restaurant, there.restaurant):  # being staff must not extend a shop's session
            add_staff_member(session, restaurant, "ada@example.com", Role.OWNER, now=now)
    return World(  # type: ignore[misc]
        *(order.id for order in orders),
        *(account.restaurant_id for account in (here, there)),
        *(application.key for application in (shop, rival)),
        tokens=tokens,
        link=link.id,
        page=pages(database, key, orders, now),
        shared=make_share_token(key, link.id, orders[0].id, now=now),
    )


def granted(session: Session, shop: Application, order: Order, elsewhere: Order, now: datetime) -> dict[str, str]:
    """Issue access tokens for the order's customer with different scopes, orders and restaurants."""
    here, there = ({"restaurant_id": at.restaurant_id} for at in (order, elsewhere))
    of_one: dict[str, Any] = {"order_id": order.id}
    status = of_one | {"scopes": [Scope.STATUS], "origin": SHOP}
    options: dict[str, dict[str, Any]] = {
        "all": {},
        "here": here,
        "there": there,
        "there, of an order here": of_one | there,
        "status": status,
        "status here": status | here,
        "status there": status | there,
    }
    issued = {
        name: grant_access(shop, order.customer, lifetime=QUARTER, now=now, **more) for name, more in options.items()
    }
    session.add_all(access_token for access_token, _ in issued.values())
    return {name: token for name, (_, token) in issued.items()}


def pages(database: Database, key: str, orders: list[Order], now: datetime) -> dict[str, str]:
    """Issue tokens for pages in Ada's browsers: with a session of hers, and with sessions that a shop vouched for."""
    order, elsewhere, bobs = orders[0], orders[2], orders[3]
    at = {"everywhere": None, "here": order.restaurant_id, "there": elsewhere.restaurant_id}
    times = {"created_at": now, "ends_at": now + HOUR}
    with database.transaction() as session:
        for name, only_restaurant_id in at.items():
            session_hash = hash_secret(name)
            browser = CustomerSession(
                hash=session_hash, customer_id=order.customer_id, restaurant_id=only_restaurant_id, **times
            )
            session.add(browser)
    orders_by_name = {"order": order.id, "elsewhere": elsewhere.id, "bobs": bobs.id}
    tokens = {
        f"{name}, {of}": make_page_token(key, hash_secret(name), order_id, now=now)
        for name in at
        for of, order_id in orders_by_name.items()
    }
    here = order.restaurant_id
    return tokens | {f"{name}, console": make_console_token(key, hash_secret(name), here, now=now) for name in at}
