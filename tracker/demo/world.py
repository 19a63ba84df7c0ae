"""The demo's example data: one restaurant and its owner, one customer, and orders in many states."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.access_tokens import grant_access
from tracker.accounts.customer_identity import resolve_customer
from tracker.accounts.model import Role
from tracker.accounts.registration import create_platform_account, create_restaurant, issue_secret, register_application
from tracker.accounts.staff import add_staff_member
from tracker.database import Database
from tracker.demo.menu import DemoOrder
from tracker.demo.platform import DemoPlatform
from tracker.samples.demo_people import DEMO_ADDRESS, KITCHEN_ADDRESS
from tracker.upstream.platforms.flipdish import Flipdish

MINUTES_TO_ANSWER = 15
"""It is longer than the default, because people who see the demo for the first time read before they answer."""

ROBIN = {"Id": 1234, "Name": "Robin Sample", "EmailAddress": DEMO_ADDRESS, "PhoneNumber": "+35315550100"}
OTHER_CUSTOMER = {"Id": 77, "Name": "Kim Sample", "EmailAddress": "kim@example.com"}


@dataclass(frozen=True, slots=True)
class World:
    """The ids and secrets of the demo's example data. The secrets are valid only in the demo."""

    restaurant_id: str
    restaurant_secret: str
    platform_account_id: str
    verify_token: str
    customer_id: str
    access_token: str
    application_id: str
    application_key: str


def make_accounts(database: Database, *, shop: str, now: datetime) -> World:
    """Create the restaurant, its owner, its platform account, an application, the customer and their access token.

    `shop` is an origin of the application's pages.
    """
    with database.transaction() as session:
        restaurant = create_restaurant(
            name="Bella Napoli",
            zone="Europe/Dublin",
            currency="EUR",
            locale="en-IE",
            phone="+353 1 555 0142",
            colour="#9c2f1f",
            now=now,
        )
        restaurant.answer_minutes = MINUTES_TO_ANSWER
        platform_account, verify_token = create_platform_account(restaurant, Flipdish.name, now=now)
        secret, restaurant_secret = issue_secret(restaurant, now=now)
        application = register_application("Demo application", [shop, "http://localhost:3000"], now=now)
        session.add_all([restaurant, platform_account, secret, application])
        add_staff_member(session, restaurant, KITCHEN_ADDRESS, Role.OWNER, now=now)
        robin = resolve_customer(session, platform_account, "1234", email=DEMO_ADDRESS, name="Robin Sample", now=now)
        token, access_token = grant_access(application, robin, lifetime=timedelta(days=30), now=now)
        session.add(token)
        return World(
            restaurant_id=restaurant.id,
            restaurant_secret=restaurant_secret,
            platform_account_id=platform_account.id,
            verify_token=verify_token,
            customer_id=robin.id,
            access_token=access_token,
            application_id=application.id,
            application_key=application.key,
        )


def seed_orders(platform: DemoPlatform, *, now: datetime) -> tuple[DemoOrder, list[DemoOrder]]:
    """Send the notices of the platform's orders, some of which have ended.

    Return the order that the kitchen does not move, for trying out the webhook, and the orders that it moves.
    """
    _seed_past_orders(platform, now=now)

    def order(number: int, dishes: list[str], minutes_ago: float, **more: Any) -> DemoOrder:
        placed = now - timedelta(minutes=minutes_ago)
        demo_order = DemoOrder(number, more.pop("customer", ROBIN), dishes, placed, **more)
        platform.send_event("order.created", demo_order, placed)
        return demo_order

    late = order(4105, ["Tagliatelle al ragù", "Garlic bread"], 58)
    order(4106, ["Garlic bread"], 12, customer=OTHER_CUSTOMER)
    collected = order(4107, ["Diavola", "San Pellegrino 0.75 l"], 9, delivery=False, wanted_in=timedelta(minutes=25))
    delivered = order(
        4108,
        ["Margherita", "Margherita", "Insalata mista", "Tiramisù"],
        4,
        wanted_in=timedelta(minutes=30),
        tip=2.0,
        note="No oregano please",
        choices={"Margherita": ("Extra mozzarella", 1.5)},
    )
    for confirmed in (late, collected):
        accepted_at = confirmed.placed + timedelta(minutes=2)
        confirmed.accepted_for = confirmed.placed + confirmed.wanted_in
        platform.send_event("order.accepted", confirmed, accepted_at, OrderAcceptedTime=accepted_at.isoformat())
    quiet = order(1234, ["Quattro formaggi", "Tiramisù"], 2)
    return quiet, [delivered, collected, late]


def _seed_past_orders(platform: DemoPlatform, *, now: datetime) -> None:
    yesterday, last_week = now - timedelta(days=1), now - timedelta(days=6)
    eaten = DemoOrder(3990, ROBIN, ["Tagliatelle al ragù", "Tiramisù"], yesterday, tip=2.0)
    platform.send_event("order.created", eaten, yesterday)
    eaten.accepted_for = yesterday + timedelta(minutes=40)
    platform.send_event("order.accepted", eaten, yesterday + timedelta(minutes=3))
    platform.send_event("order.dispatched", eaten, yesterday + timedelta(minutes=25))
    state = {"DeliveryTrackingStatus": "Delivered", "OrderState": "Delivered"}
    platform.send_event("order.deliverytracking.status.updated", eaten, yesterday + timedelta(minutes=38), state=state)
    eaten.refunded = 6.5  # for the Tiramisù, which was not in the bag
    platform.send_event("order.refunded", eaten, yesterday + timedelta(minutes=55), RefundedAmount=6.5)
    platform.send_event("order.rating.updated", eaten, yesterday + timedelta(hours=2), Rating=4)

    refused = DemoOrder(3871, ROBIN, ["Diavola", "Garlic bread"], last_week)
    platform.send_event("order.created", refused, last_week)
    refused.refunded = refused.snapshot()["Amount"]
    why = {"OrderState": "RejectedByStore", "RejectionReason": "TooBusy"}
    platform.send_event("order.rejected", refused, last_week + timedelta(minutes=6), state=why)
    amount = refused.refunded
    platform.send_event("order.refunded", refused, last_week + timedelta(minutes=7), RefundedAmount=amount, state=why)
