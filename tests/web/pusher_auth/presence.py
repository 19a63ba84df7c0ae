"""A restaurant with a secret and staff, and requests to the authorisation endpoint for its presence channel."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import a_customer, a_restaurant, an_order
from tests.web.pusher_auth.test_pusher_auth import ADDRESS, SHOP
from tracker.accounts.access_tokens import grant_access
from tracker.accounts.model import CustomerSession, Restaurant, Role, StaffMember
from tracker.accounts.registration import issue_secret, register_application
from tracker.accounts.staff import add_staff_member
from tracker.accounts.tokens import hash_secret, make_console_token
from tracker.config import Settings
from tracker.database import Database

HOUR = timedelta(hours=1)


@dataclass
class World:
    """Bella Napoli with its secret, an order of Ada's, and an application. Zoe works there and is signed in."""

    restaurant: Restaurant
    other: Restaurant
    secret: str
    others_secret: str
    application: str
    key: str
    order: str
    adas_token: str
    zoe: StaffMember
    console: str
    """The token of Zoe's console page."""


def a_world(database: Database, settings: Settings, now: datetime) -> World:
    """Store all of it in the database."""
    order, shop, other = an_order(customer=a_customer()), register_application("Shop", [SHOP], now=now), a_restaurant()
    with database.transaction() as session:
        session.add_all([order, shop, other])
        session.flush()
        restaurant = order.restaurant
        issued = [issue_secret(at, now=now) for at in (restaurant, other)]
        access, token = grant_access(shop, order.customer, lifetime=HOUR, now=now)
        zoe = add_staff_member(session, restaurant, "zoe@example.com", Role.STAFF, now=now)
        browser = CustomerSession(
            hash=hash_secret("browser"), customer_id=zoe.customer_id, created_at=now, ends_at=now + HOUR
        )
        session.add_all([access, browser, *(stored_secret for stored_secret, _ in issued)])
    console = make_console_token(settings.secret_key.get_secret_value(), hash_secret("browser"), restaurant.id, now=now)
    secrets = [secret for _, secret in issued]
    return World(restaurant, other, *secrets, shop.id, shop.key, order.id, token, zoe, console)  # type: ignore[call-arg]


def request_fields(world: World) -> dict[str, str]:
    """Return the fields of a request by a program of the restaurant, which is allowed."""
    return {
        "key": world.key,
        "secret": world.secret,
        "socket_id": "1234.5678",
        "channel_name": f"presence-r-{world.restaurant.id}",
    }


def ask(client: FlaskClient, fields: dict[str, str], **changed: Any) -> TestResponse:
    """Send a request as pusher-js does: by POST, with the key in the query and the other fields in the form."""
    form = {name: value for name, value in (fields | changed).items() if value is not None}
    return client.post(ADDRESS, query_string={"key": form.pop("key")}, data=form)


def member(response: TestResponse, settings: Settings, fields: dict[str, str]) -> str:
    """Check the response, whose signature must be of `channel_data` as it was sent, and return the member's user_id."""
    assert response.status_code == 200, response.text
    assert response.json is not None
    assert response.json.keys() == {"auth", "channel_data"}
    text = f"{fields['socket_id']}:{fields['channel_name']}:{response.json['channel_data']}"
    secret = settings.channels_secret.get_secret_value().encode()
    assert (
        response.json["auth"]
        == f"{settings.channels_key}:{hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}"
    )
    data = json.loads(response.json["channel_data"])
    assert data.keys() == {"user_id"}
    assert 1 <= len(data["user_id"]) <= 128
    return str(data["user_id"])
