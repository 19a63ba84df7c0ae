"""The world that is measured: a migrated database with one restaurant, one customer who is signed in, and one confirmed
order of six lines, all created by the operations themselves."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from tests.builders import a_customer, a_platform_account
from tests.queries import order_by_platform_id
from tests.upstream.flipdish.notices import an_event
from tracker import clock
from tracker.accounts.model import PlatformCustomer
from tracker.accounts.sign_in import start_session
from tracker.application import create_app
from tracker.config import Settings, read_settings
from tracker.database import Database
from tracker.schema import migrate
from tracker.upstream import inbox

SECRET_KEY = "a secret key for benchmarks that is long enough"
ORDER = 1234
DISHES = ("Margherita", "Diavola", "Bruschetta", "Tiramisu", "Panna cotta", "Sparkling water")
Environ = dict[str, Any]


@dataclass(frozen=True)
class World:
    """The database, ids and tokens that a program needs to call the site."""

    url: str
    folder: Path
    platform_account_id: str
    customer_id: str
    session_token: str
    order_id: str

    def as_text(self) -> str:
        """Return the world as JSON, which another program reads with read_world()."""
        return json.dumps(asdict(self), default=str)


def read_world(text: str) -> World:
    """Return the world that another program has written with as_text()."""
    fields = json.loads(text)
    return World(**fields | {"folder": Path(fields["folder"])})


def settings_for(url: str, folder: Path) -> Settings:
    """Return the settings of a production site: with a log line for each request, https and all security headers."""
    return read_settings(
        environment="production",
        secret_key=SECRET_KEY,
        channels_secret="a channels secret for benchmarks",
        base_url="https://orders.example.com",
        smtp_url="smtp://robin:secret@mail.example.com",
        data_dir=folder,
        database_url=url,
    )


def a_world(url: str, folder: Path) -> World:
    """Migrate the empty database, fill it, and return the world."""
    database, now = Database(url), clock.now()
    migrate(database)
    with database.transaction() as session:
        platform_account, customer = a_platform_account(), a_customer()
        session.add_all([platform_account, customer])
        session.flush()
        session.add(
            PlatformCustomer(platform_account_id=platform_account.id, platform_id="1234", customer_id=customer.id)
        )
        token = start_session(session, customer, remember=True, now=now)
    for minute, name in enumerate(("order.created", "order.accepted", "order.tip.updated", "order.rating.updated")):
        receive_notice(database, platform_account, a_notice(ORDER, name, minute=minute))
    with database.read_session() as session:
        order = order_by_platform_id(session, platform_account.id, str(ORDER))
        if order is None or order.version < 3 or order.customer_id != customer.id:
            raise RuntimeError("The world to be measured does not have the expected order.")
    database.close()
    return World(url, folder, platform_account.id, customer.id, token, order.id)


def receive_notice(database: Database, platform_account: Any, body: bytes) -> None:
    """Store and apply a notice, without the HTTP request."""
    notice = inbox.parse_notice(platform_account, body)
    inbox.receive(database, platform_account, body, notice, now=clock.now())


def a_notice(order_id: int, name: str = "order.created", *, minute: float = 0) -> bytes:
    """Return the body of a notice about an order of six lines, as long as real ones."""
    dish = an_event()["Order"]["OrderItems"][0]
    items = [
        dish | {"Name": name_of_dish, "MenuSectionName": "Menu", "Price": 9.5, "PriceIncludingOptionSetItems": 10.0}
        for name_of_dish in DISHES
    ]
    event = an_event(
        name,
        order={"OrderId": order_id, "OrderItems": items, "OrderItemsAmount": 60.0, "Amount": 60.0, "IsPreOrder": False},
        FlipdishEventId=str(uuid.uuid4()),
        CreateTime=(datetime.now(UTC) + timedelta(minutes=minute - 10)).isoformat(),
    )
    return json.dumps(event).encode()


def our_app(world: World) -> Flask:
    """Return the application as a web server process creates it."""
    return create_app(settings_for(world.url, world.folder))


def cookie(app: Flask, content: dict[str, str]) -> str:
    """Return the value of the Cookie header for a session with this content."""
    signer: Any = app.session_interface
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.get_signing_serializer(app).dumps(content)}"
