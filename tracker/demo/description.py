"""The description of the running demo: demo.json for programs, and a text for the person who started it."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from tracker import clock
from tracker.accounts.tokens import share_link_secret
from tracker.config import Settings
from tracker.database import Database
from tracker.demo.world import World
from tracker.orders.model import Order
from tracker.orders.operations.share_links import share_order
from tracker.orders.queries.finders import list_orders_for_customer
from tracker.samples.demo_people import DEMO_ADDRESS, KITCHEN_ADDRESS

_QUIET = "Nobody moves the other orders either, because the kitchen is quiet."
_ELSEWHERE = """\
5. Watch the same order live elsewhere: in a widget in the restaurant's own shop, and as a friend with a share link:

   {shop}
   {link}
"""
_LIVELY = "A simulated kitchen moves your other orders along every few seconds, adjusts some and rejects some."


def describe(settings: Settings, database: Database, world: World, *, shop: str, shown: int) -> dict[str, Any]:
    """Return the addresses and keys that a program needs to use the demo; they are written to demo.json.

    `shop` is the address of the demo's shop, and `shown` the platform's number of the order that the shop shows. A
    share link is made for that order.
    """
    base = settings.origin
    with database.transaction() as session:
        orders = list_orders_for_customer(session, world.customer_id, only_restaurant_id=None)
        shared = {
            order.id: _share(session, settings, order) for order in orders if order.platform_order_id == str(shown)
        }
    door = f"{base}/demo/{settings.demo_door.get_secret_value()}"
    return {
        "base_url": base,
        "engine": {"key": settings.channels_key, "host": "localhost", "port": settings.channels_port},
        "auth_endpoint": f"{base}/api/v1/pusher/auth",
        "application_id": world.application_id,
        "application_key": world.application_key,
        "shop_url": shop,
        "embed_url": f"{base}/embed?{urlencode({'key': world.application_key})}",
        "flipdish": {
            "webhook_url": f"{base}/webhooks/flipdish/{world.platform_account_id}",
            "verify_token": world.verify_token,
        },
        "restaurant": {"id": world.restaurant_id, "secret": world.restaurant_secret},
        "customer": {"email": DEMO_ADDRESS, "access_token": world.access_token, "sign_in_url": door},
        "console": {"email": KITCHEN_ADDRESS, "sign_in_url": f"{door}/console"},
        "orders": [
            {
                "id": order.id,
                "url": f"{base}/orders/{order.id}",
                "state": order.state,
                "platform_order_id": order.platform_order_id,
            }
            | ({"share_url": shared[order.id]} if order.id in shared else {})
            for order in orders
        ],
    }


def _share(session: Session, settings: Settings, order: Order) -> str:
    """Create a share link to the order and return its address."""
    key = settings.signing_key
    link = share_order(order, (), None, secret_key=key, now=clock.now())
    session.add(link)
    return f"{settings.origin}/shared/{share_link_secret(key, link.id)}"


def write_atomically(path: Path, text: str) -> None:
    """Write a file that only this user can read. It appears at once and complete, because it is renamed into place."""
    unfinished = path.with_name(f".{path.name}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)


def welcome_text(
    description: dict[str, Any], order: dict[str, Any], waiting: str, path: Path, *, quiet_kitchen: bool
) -> str:
    """Return the text about what to try: `order` is one that the kitchen leaves, `waiting` the id of one to answer."""
    flipdish, number = description["flipdish"], int(order["platform_order_id"])
    accepted = {"EventName": "order.accepted", "Order": {"OrderId": number}}
    status = {"EventName": "order.fulfillment.status.updated", "OrderId": number, "StatusName": "Out for delivery"}
    return f"""
The demo is running. You are Robin, a customer of Bella Napoli.

1. Sign in, and see your orders:

   {description["customer"]["sign_in_url"]}

2. The restaurant proposes to adjust one of them, and waits for your answer:

   {description["base_url"]}/orders/{waiting}

3. Also be the restaurant, in another browser or a private window:

   {description["console"]["sign_in_url"]}

4. Open an order that nobody else moves, as Robin:

   {order["url"]}

   Keep it open and adjust the order in the console. Or report, as Flipdish would, that the restaurant accepts it:

   curl -H 'X-Verify-Token: {flipdish["verify_token"]}' -d '{json.dumps(accepted)}' \\
     {flipdish["webhook_url"]}

   The page updates by itself. Then send the order on its way, with this after -d or with a status name of your own:

   '{json.dumps(status)}'

{_ELSEWHERE.format(shop=description["shop_url"], link=order["share_url"])}
{_QUIET if quiet_kitchen else _LIVELY}
All addresses and keys, for programs: {path}
Ctrl-C ends the demo.
"""
