"""An evening with orders in every walk of life, and something in every column of every table."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.builders import (
    EVENING,
    a_change,
    a_customer,
    a_line,
    a_platform_account,
    a_restaurant,
    an_order,
    an_own_order,
    report,
    some_details,
)
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.model import (
    Application,
    Customer,
    PlatformAccount,
    PlatformCustomer,
    Restaurant,
    RestaurantCustomer,
    Role,
    Scope,
)
from tracker.accounts.registration import issue_secret, register_application
from tracker.accounts.sign_in import request_sign_in_code, start_session
from tracker.accounts.sign_in_tickets import issue_sign_in_ticket
from tracker.accounts.staff import add_staff_member
from tracker.accounts.tokens import share_link_secret
from tracker.config import Settings
from tracker.orders.bill import Bill
from tracker.orders.model import Order
from tracker.orders.operations import by_customer, by_platform, by_restaurant
from tracker.orders.operations.adjustments import ProposedChange
from tracker.orders.operations.placement import IdempotencyKey
from tracker.orders.operations.share_links import share_order
from tracker.orders.progress import Fulfilment, Step
from tracker.upstream.notice import Notice, NoticeState

SHOP = "https://shop.example.com"
WHO = "zoe@example.com"
OWN_STATUSES = {
    "delivery": [
        {"name": "In the oven", "step": "confirmed"},
        {"name": "On the scooter", "step": "on_the_way"},
        {"name": "At your door", "step": "handed_over"},
    ]
}


@dataclass
class Evening:
    """What opens what to whom."""

    browser: str
    """The token of the session of whose orders they are."""
    application: str
    key: str
    orders: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """Of each order the secret of a share link, and the token of a widget."""
    tokens: list[str] = field(default_factory=list)


FREE_WORDS = ("Bob has your pizza", "The baker has gone home", "The oven is full", "The cocoa is gone")
"""What the restaurant and the courier have said in their own words."""


def make(session: Session, settings: Settings, now: datetime) -> Evening:
    """All of it, by the operations."""
    platform_account = a_platform_account(a_restaurant(statuses=OWN_STATUSES))
    ada = a_customer()
    shop = register_application("Shop", [SHOP], now=now)
    orders = [*platforms_orders(platform_account, ada, now), *own_orders(platform_account.restaurant, ada, now)]
    for number, order in enumerate(orders):
        order.platform_order_id = f"Number {number}"
    session.add_all([*orders, shop])
    session.flush()
    evening = Evening(start_session(session, ada, remember=False, now=now), shop.id, shop.key)
    key = settings.secret_key.get_secret_value()
    status: dict[str, Any] = {"scopes": [Scope.STATUS], "origin": SHOP, "lifetime": timedelta(minutes=15)}
    for order in orders:
        link = share_order(order, (), "Grandma", secret_key=key, now=now)
        kept, token = grant_access(shop, ada, order_id=order.id, now=now, **status)
        session.add_all([link, kept])
        evening.orders.append(order.id)
        evening.secrets.append(share_link_secret(key, link.id))
        evening.tokens.append(token)
    come_to_nothing(*orders[-2:], now=now)
    whatever_else_is_kept(session, settings, orders[0], shop, ada)
    return evening


def platforms_orders(platform_account: PlatformAccount, ada: Customer, now: datetime) -> list[Order]:
    """One for a certain time, one of which something is left out and nobody knows yet what that takes off the total,
    one that moves with words of the courier's, and one that was eaten."""

    def ordered(**more: Any) -> Order:
        return an_order(platform_account=platform_account, customer=ada, details=some_details(**more))

    bill = Bill(items=2950, delivery=300, service=110, fee=70, discount=-200, charged=3290, tip=200)
    details = {"bill": bill, "voucher": "HALF-PRICE", "zone": "Europe/London", "rating": 2}
    advance = ordered(is_advance=True, **details)
    uncounted, moving, eaten = (ordered(promised_at=EVENING + timedelta(minutes=40), **details) for _ in range(3))
    by_restaurant.adjust_order(uncounted, ProposedChange(lines=(uncounted.lines[1].ref,)), actor_name=WHO, now=now)
    by_customer.accept_adjustment(uncounted, 1, now=now)
    for order in (moving, eaten):
        by_platform.confirm_order(order, at=None, report=report(2, "c"), now=now)
    later = some_details(promised_at=EVENING + timedelta(minutes=55), **details)
    by_platform.change_details(moving, later, report=report(3, "d"), now=now)
    by_platform.progress_order(moving, status="Bob has your pizza", step=None, at=None, report=report(4, "e"), now=now)
    without = some_details(lines=(a_line(), a_line("Focaccia")), refunded_minor=650, **details)
    by_platform.change_details(eaten, without, report=report(5, "f"), now=now)
    by_platform.progress_order(
        eaten, status="Delivered", step=Step.HANDED_OVER, at=None, report=report(6, "g"), now=now
    )
    by_platform.refund_order(eaten, 350, ref="h", report=report(7, "h"), now=now)
    by_platform.change_tip(eaten, 300, report=report(8, "i"), now=now)
    by_platform.rate_order(eaten, 4, report=report(9, "j"), now=now)
    return [advance, uncounted, moving, eaten]


def own_orders(restaurant: Restaurant, ada: Customer, now: datetime) -> list[Order]:
    """Two that are asked about, one that was agreed to, one at a table, one to collect, and two more."""
    asked, asked_too, going_on = (an_own_order(restaurant, customer=ada, customer_name="Mrs B") for _ in range(3))
    without = ProposedChange(options=("Extra cocoa",), reason="The cocoa is gone.")
    by_restaurant.adjust_order(asked, without, actor_name=WHO, now=now)
    at = {"promised_at": now + timedelta(minutes=50), "lines": ("dolce",), "reason": "The oven is full."}
    by_restaurant.adjust_order(asked, ProposedChange(**at), actor_name=WHO, now=now)
    by_customer.ask_for_more_time(asked, 2, 1, now=now)
    for order in (asked_too, going_on):
        by_restaurant.adjust_order(order, without, actor_name=WHO, now=now)
    by_customer.accept_adjustment(going_on, 1, now=now)
    by_restaurant.move_promise(going_on, now + timedelta(minutes=65), actor_name=WHO, now=now)
    by_restaurant.progress_order(going_on, "On the scooter", actor_name=WHO, now=now)
    table = an_own_order(restaurant, customer=ada, fulfilment=Fulfilment.TABLE, table_name="Table 4")
    by_restaurant.confirm_order(table, now + timedelta(minutes=20), actor_name=WHO, now=now)
    collected = an_own_order(restaurant, customer=ada, fulfilment=Fulfilment.COLLECTION)
    by_restaurant.confirm_order(collected, now + timedelta(minutes=25), actor_name=WHO, now=now)
    by_restaurant.progress_order(collected, "Ready to collect", actor_name=WHO, now=now)
    rejected, cancelled = (an_own_order(restaurant, customer=ada) for _ in range(2))
    by_restaurant.adjust_order(rejected, a_change(), actor_name=WHO, now=now)
    return [asked, asked_too, going_on, table, collected, rejected, cancelled]


def come_to_nothing(rejected: Order, cancelled: Order, *, now: datetime) -> None:
    """When they had been shared already."""
    by_restaurant.reject_order(rejected, "The baker has gone home.", actor_name=WHO, now=now)
    by_customer.cancel_order(cancelled, cancelled.version, now=now)


def whatever_else_is_kept(session: Session, settings: Settings, order: Order, shop: Application, ada: Customer) -> None:
    """Of the restaurant, of its customer, and of how the order came."""
    restaurant, now = order.restaurant, EVENING
    kept, _ = issue_sign_in_ticket(
        shop, ada, restaurant_id=restaurant.id, order_id=order.id, lifetime=timedelta(minutes=5), now=now
    )
    secret, _ = issue_secret(restaurant, now=now)
    add_staff_member(session, restaurant, WHO, Role.OWNER, now=now)
    request_sign_in_code(session, "ada@example.com", client="192.0.2.7", settings=settings, now=now)
    its_own = {"restaurant_id": restaurant.id, "key": "till-7", "body_hash": "a body", "order_id": order.id}
    body = {"source_id": "one", "event_name": "order.created", "received_at": now, "body": b'{"Order": 1}'}
    session.add_all(
        [
            *(kept, secret),
            RestaurantCustomer(restaurant_id=restaurant.id, own_id="guest-7", customer_id=ada.id),
            PlatformCustomer(platform_account_id=order.platform_account_id, platform_id="4711", customer_id=ada.id),
            IdempotencyKey(created_at=now, **its_own),
            Notice(platform_account_id=order.platform_account_id, state=NoticeState.HANDLED, **body),
        ]
    )
