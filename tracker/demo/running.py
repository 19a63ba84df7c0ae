"""Running the demo: everything of one machine on embedded defaults, a world, a kitchen, and what to open."""

import json
import os
import shutil
import signal
import threading
from pathlib import Path
from typing import Any

import click

from tracker import clock
from tracker.accounts.tokens import new_secret
from tracker.config import DEMO_SECRET, ROOT, Settings, WrongSettings, read_settings
from tracker.database import Database
from tracker.demo.kitchen import play
from tracker.demo.platform import DemoPlatform, wait_until_ready
from tracker.demo.world import World, make_accounts, tell_of_orders
from tracker.orders.reading import orders_of_customer
from tracker.schema import migrate
from tracker.serving import check_ports
from tracker.supervising import Supervisor

SECONDS_TO_START = 60.0


def run_demo(*, quiet_kitchen: bool) -> None:
    """Serve the demo until SIGTERM or SIGINT. Raises PortTaken before anything is started."""
    settings = _demo_settings()
    check_ports(settings)
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    database = Database(settings.database)
    migrate(database)
    world = make_accounts(database, now=clock.now())

    supervisor = Supervisor(["web", "work", "engine"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    watching = threading.Thread(target=supervisor.run)
    watching.start()
    try:
        _play(settings, database, world, supervisor, quiet_kitchen=quiet_kitchen)
    finally:
        supervisor.stop()
        watching.join()


def _play(settings: Settings, database: Database, world: World, supervisor: Supervisor, *, quiet_kitchen: bool) -> None:
    wait_until_ready(f"http://127.0.0.1:{settings.port}/ready", seconds=SECONDS_TO_START)
    wait_until_ready(f"http://127.0.0.1:{settings.channels_port}/up", seconds=SECONDS_TO_START)
    path = f"/webhooks/flipdish/{world.connection_id}"
    platform = DemoPlatform(f"http://127.0.0.1:{settings.port}{path}", world.verify_token)
    quiet, moving = tell_of_orders(platform, now=clock.now())
    description = _describe(settings, database, world)
    (settings.data_dir / "demo.json").write_text(json.dumps(description, indent=2) + "\n")
    _print(description, quiet.number, settings.data_dir / "demo.json")
    if quiet_kitchen:
        supervisor.stopping.wait()
    else:
        play(platform, moving, supervisor.stopping)


def _demo_settings() -> Settings:
    """The demo's settings, put into the environment too: the processes that it starts read them there."""
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        del os.environ[name]
    port, engine_port = os.environ.get("PORT", "8000"), os.environ.get("ENGINE_PORT", "6001")
    os.environ |= {
        "TRACKER_ENVIRONMENT": "development",
        "TRACKER_SECRET_KEY": DEMO_SECRET,
        "TRACKER_CHANNELS_SECRET": DEMO_SECRET,
        "TRACKER_CHANNELS_KEY": "demo",
        "TRACKER_PORT": port,
        "TRACKER_CHANNELS_PORT": engine_port,
        "TRACKER_BASE_URL": f"http://localhost:{port}",
        "TRACKER_DATA_DIR": str(ROOT / "var" / "demo"),
        "TRACKER_DEMO_DOOR": new_secret(),
        "TRACKER_ENGINE_MAX_CONNECTIONS": "1000",
        "TRACKER_LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    try:
        return read_settings()
    except WrongSettings as error:
        message = str(error).replace("TRACKER_CHANNELS_PORT", "ENGINE_PORT").replace("TRACKER_PORT", "PORT")
        raise WrongSettings(message) from None


def _describe(settings: Settings, database: Database, world: World) -> dict[str, Any]:
    with database.reading() as session:
        orders = orders_of_customer(session, world.customer_id)
    base = settings.origin
    return {
        "base_url": base,
        "engine": {"key": settings.channels_key, "host": "localhost", "port": settings.channels_port},
        "auth_endpoint": f"{base}/api/v1/pusher/auth",
        "application_key": world.application_key,
        "flipdish": {
            "webhook_url": f"{base}/webhooks/flipdish/{world.connection_id}",
            "verify_token": world.verify_token,
        },
        "restaurant": {"id": world.restaurant_id, "secret": world.restaurant_secret},
        "customer": {
            "email": "robin@example.com",
            "access_token": world.access_token,
            "sign_in_url": f"{base}/demo/{settings.demo_door.get_secret_value()}",
        },
        "orders": [
            {
                "id": order.id,
                "url": f"{base}/orders/{order.id}",
                "state": order.state,
                "platform_order_id": order.platform_order_id,
            }
            for order in orders
        ],
    }


def _print(description: dict[str, Any], number: int, path: Path) -> None:
    flipdish = description["flipdish"]
    status = json.dumps(
        {"EventName": "order.fulfillment.status.updated", "OrderId": number, "StatusName": "In the oven"}
    )
    order = next(order for order in description["orders"] if order["platform_order_id"] == str(number))
    click.echo(f"""
Tracker is running. Sign in as a customer by opening

    {description["customer"]["sign_in_url"]}

Open this order, which waits for you:

    {order["url"]}

and move it while you watch:

    curl -H 'X-Verify-Token: {flipdish["verify_token"]}' -d '{status}' \\
      {flipdish["webhook_url"]}

The other orders are moved by a kitchen that plays. All addresses and keys: {path}
Ctrl-C ends it.
""")
