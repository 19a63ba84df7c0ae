"""Runs the demo: all processes of one machine with settings of its own, example data, a kitchen and a shop."""

import fcntl
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tracker import clock
from tracker.accounts.tokens import new_secret
from tracker.config import DEMO_SECRET, ROOT, InvalidSettings, Settings, read_settings
from tracker.database import Database
from tracker.demo.description import describe, welcome_text, write_atomically
from tracker.demo.kitchen import play
from tracker.demo.own_orders import OwnKitchen, own_stories, seed_own_orders
from tracker.demo.platform import DemoPlatform, wait_until_up
from tracker.demo.shop import HOST, Shop, open_shop
from tracker.demo.world import make_accounts, seed_orders
from tracker.live.notifier import notify
from tracker.ports import Port, check_ports, engine_port, web_port
from tracker.schema import migrate
from tracker.supervisor import Supervisor

SECONDS_TO_START = 60.0


class DemoError(Exception):
    """The demo can't be run; the text gives the reason."""


def run_demo(*, quiet_kitchen: bool) -> None:
    """Serve the demo until SIGTERM or SIGINT. Raises PortTaken or DemoError."""
    settings = _demo_settings()
    shop = _shop_port(settings)
    ours = web_port(settings)._replace(variable="PORT"), engine_port(settings)._replace(variable="ENGINE_PORT")
    check_ports([*ours, Port("SHOP_PORT", HOST, shop)])
    with _exclusive_lock(settings.data_dir.with_suffix(".lock")):
        if settings.data_dir.exists():
            shutil.rmtree(settings.data_dir)
        supervisor = Supervisor(["web", "work", "engine"])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, supervisor.stop)
        database = Database(settings.database, after_commit=lambda: notify(settings.notifier_path))
        migrate(database)
        watching = threading.Thread(target=supervisor.run)
        watching.start()
        try:
            _play(settings, database, supervisor.stopping, shop_port=shop, quiet_kitchen=quiet_kitchen)
        finally:
            supervisor.stop()
            watching.join()
            database.close()
            _description_path(settings).unlink(missing_ok=True)  # it describes a site that has ended


@contextmanager
def _exclusive_lock(path: Path) -> Iterator[None]:
    """Allow one demo of a checkout at a time. Raises DemoError if another one is running.

    Two demos would use the same folder, and the second one would delete the data of the first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                "Another demo of this checkout is running. End it first, or start this one elsewhere."
            ) from None
        yield


def _play(
    settings: Settings, database: Database, stopping: threading.Event, *, shop_port: int, quiet_kitchen: bool
) -> None:
    shops = f"http://localhost:{shop_port}"
    world = make_accounts(database, shop=shops, now=clock.now())
    for port in (settings.port, settings.channels_port):
        if not wait_until_up(f"http://127.0.0.1:{port}/up", stopping, seconds=SECONDS_TO_START):
            if stopping.is_set():
                return
            raise DemoError(f"Nothing answered on port {port} within {SECONDS_TO_START:.0f} s; see the messages above.")
    path = f"/webhooks/flipdish/{world.platform_account_id}"
    platform = DemoPlatform(f"http://127.0.0.1:{settings.port}{path}", world.verify_token, stopping)
    quiet, moving = seed_orders(platform, now=clock.now())
    own = OwnKitchen(database, world.restaurant_id, world.customer_id)
    waiting = seed_own_orders(own, now=clock.now())
    if stopping.is_set():
        return
    description = describe(settings, database, world, shop=shops, shown=quiet.number)
    order = next(order for order in description["orders"] if "share_url" in order)
    shop = Shop(settings.origin, shops, world.application_key, world.restaurant_secret, order["id"])
    with open_shop(shop, shop_port):
        write_atomically(_description_path(settings), json.dumps(description, indent=2) + "\n")
        click.echo(welcome_text(description, order, waiting, _description_path(settings), quiet_kitchen=quiet_kitchen))
        if quiet_kitchen:
            stopping.wait()
        else:
            play(platform, moving, own_stories(own, waiting), stopping)


def _description_path(settings: Settings) -> Path:
    return settings.data_dir / "demo.json"


def _shop_port(settings: Settings) -> int:
    text = os.environ.get("SHOP_PORT") or "8001"
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 2**16):
        raise InvalidSettings("SHOP_PORT is wrong: it must be a port number.")
    if int(text) in (settings.port, settings.channels_port):
        raise InvalidSettings(f"SHOP_PORT is wrong: {text} is the port of another part of the demo.")
    return int(text)


def _demo_settings() -> Settings:
    """Return the demo's settings. They are also set in the environment, where the processes of the demo read them."""
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        del os.environ[name]
    port, engine_port_text = os.environ.get("PORT") or "8000", os.environ.get("ENGINE_PORT") or "6001"
    os.environ |= {
        "TRACKER_ENVIRONMENT": "development",
        "TRACKER_SECRET_KEY": DEMO_SECRET,
        "TRACKER_CHANNELS_SECRET": DEMO_SECRET,
        "TRACKER_CHANNELS_KEY": "demo",
        "TRACKER_PORT": port,
        "TRACKER_CHANNELS_PORT": engine_port_text,
        "TRACKER_BASE_URL": f"http://localhost:{port}",
        "TRACKER_DATA_DIR": str(ROOT / "var" / "demo"),
        "TRACKER_DEMO_DOOR": new_secret(),
        "TRACKER_ENGINE_MAX_CONNECTIONS": "1000",
        "TRACKER_LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
    }
    try:
        return read_settings()
    except InvalidSettings as error:
        raise InvalidSettings(
            str(error).replace("TRACKER_CHANNELS_PORT", "ENGINE_PORT").replace("TRACKER_", "")
        ) from None
