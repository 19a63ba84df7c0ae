"""The processes of a schedule, forked from one that has everything ready: web servers, workers and a staff process.

They run the real code on a real database: the application's routes, the worker with its outbox, lease and notifier. A
worker's chores run between its rounds instead of in a thread beside them, because each process here has one thread.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection as PipeEnd
from typing import Any, NoReturn

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from tests.builders import VERIFY_TOKEN
from tests.schedules.stop_points import DriverLink, stop_around, stop_point
from tracker import worker as working
from tracker.config import Settings
from tracker.database import Database
from tracker.live import delivery
from tracker.live.notifier import Notifier
from tracker.live.pusher import ChannelsClient
from tracker.live.wire import Message
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.by_platform import progress_order
from tracker.orders.reports import Report
from tracker.upstream.inbox import retry_failed_notices


def fork(role: str, services: "Services") -> tuple[int, PipeEnd]:
    """Start a child process of that role. Return its process id and the driver's end of the pipe to it."""
    driver_end, child_end = Pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _run_child(role, services, child_end)
    child_end.close()
    return pid, driver_end


class Services:
    """What is created before any process is forked. The database has no open connection then."""

    def __init__(self, settings: Settings, database: Database, app: Flask) -> None:
        self.settings, self.database, self.app = settings, database, app
        self.cookie_name: str = app.config["SESSION_COOKIE_NAME"]


def _run_child(role: str, services: Services, pipe: PipeEnd) -> NoReturn:
    """Run as that child process until it is killed or the driver has exited."""
    try:
        descriptor = os.dup2(pipe.fileno(), 3)
        os.closerange(4, 256)  # else a child would keep its siblings' pipes and the driver's sockets open
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ["PGAPPNAME"] = f"tracker-{os.getpid()}"
        DriverLink.connect(PipeEnd(descriptor))
        {"web": _serve, "worker": _work, "staff": _update_as_staff}[role](services)
    except (EOFError, OSError):
        pass  # the driver has exited
    finally:
        os._exit(0)


def _park(services: Services) -> None:
    """Close this schedule's database; the next schedule has another file, or an empty PostgreSQL."""
    if services.database.is_sqlite:
        services.database.close()
    DriverLink.send("parked")


# --- web ------------------------------------------------------------------------------------------------------------


def _serve(services: Services) -> None:
    client = services.app.test_client(use_cookies=False)
    assert DriverLink.pipe
    while True:
        request, command = DriverLink.pipe.recv()
        DriverLink.resume(command)
        if command.schedule_is_over:
            _park(services)
            continue
        response = client.open(**request)
        body = response.get_data(as_text=True)
        stop_point("answer")
        DriverLink.send("answer", (response.status_code, body))


def notice_request(platform_account_id: str, body: bytes) -> dict[str, Any]:
    """Return a webhook request as Flipdish sends it."""
    headers = {"X-Verify-Token": VERIFY_TOKEN, "Content-Type": "application/json"}
    path = f"/webhooks/flipdish/{platform_account_id}"
    return {"path": path, "method": "POST", "data": body, "headers": headers, "base_url": "http://localhost"}


def region_request(order_id: str, cookie: str, etag: str) -> dict[str, Any]:
    """Return the request of an open page for its live region; the ETag names the version that the page shows."""
    headers = {"Cookie": cookie, "HX-Request": "true"} | ({"If-None-Match": etag} if etag else {})
    return {"path": f"/orders/{order_id}/live", "method": "GET", "headers": headers, "base_url": "http://localhost"}


# --- worker ---------------------------------------------------------------------------------------------------------


class _SteppedNotifier(Notifier):
    """The real notifier, with a stop point where it would sleep. A worker that is woken early may do its chores."""

    database: Database
    worker: working.Worker

    def wait(self, timeout: float) -> bool:
        end = DriverLink.now + timedelta(seconds=timeout)
        while True:
            DriverLink.stop_at("asleep", end)
            if DriverLink.schedule_is_over:
                self.worker.stop()
                return False
            if DriverLink.chores:
                with suppress(Exception):  # as in the worker: the next round tries again
                    retry_failed_notices(self.database, now=DriverLink.now)
            if super().wait(0):
                return True
            if DriverLink.now >= end:
                return False


class _NoThread:
    """Stands in for the thread that does the chores."""

    def __init__(self, **_: object) -> None:
        pass

    def start(self) -> None:
        pass


def _tagged_messages(event: OrderEvent, inner: Any = delivery.messages_of) -> list[Message]:  # type: ignore[attr-defined]
    """Return the event's messages with the event's order and number added, because not all messages contain them."""
    tag = {"_event": [event.order_id, event.number]}
    return [replace(message, data=message.data | tag) for message in inner(event)]


def _work(services: Services) -> None:
    _SteppedNotifier.database = services.database
    working.Database = lambda _: services.database  # type: ignore[assignment, attr-defined, misc]
    working.Notifier = _SteppedNotifier  # type: ignore[attr-defined]
    working.Thread = _NoThread  # type: ignore[assignment, attr-defined]
    delivery.messages_of = _tagged_messages  # type: ignore[attr-defined]
    stop_around(ChannelsClient, "publish", "send", "sent")
    assert DriverLink.pipe
    while True:
        DriverLink.resume(DriverLink.pipe.recv())
        _SteppedNotifier.worker = working.Worker(services.settings)
        _SteppedNotifier.worker.run()
        _park(services)


# --- hand -----------------------------------------------------------------------------------------------------------


def _update_as_staff(services: Services) -> None:
    """Change an order as one of the restaurant's routes would, without taking the advisory lock of the platform."""
    assert DriverLink.pipe
    while True:
        update, command = DriverLink.pipe.recv()
        DriverLink.resume(command)
        if command.schedule_is_over:
            _park(services)
            continue
        try:
            result = _update(services.database, *update)
        except (StaleDataError, DBAPIError) as refused:
            result = type(refused).__name__
        stop_point("answer")
        DriverLink.send("answer", (200 if result == "updated" else 409, result))


def _update(database: Database, platform_account_id: str, number: str, at: datetime, status: str) -> str:
    with database.transaction() as session:
        # The row is locked, because a change without an event leaves the order's version as it is; the version check
        # alone would not notice it.
        query = select(Order).where(Order.platform_account_id == platform_account_id, Order.platform_order_id == number)
        order = session.scalar(query.with_for_update(of=Order))
        if order is None:
            return "no such order"
        if not any(getattr(event.details, "status", None) == status for event in order.events):
            update_as_staff(order, at, status, now=DriverLink.now)
    return "updated"


def update_as_staff(order: Order, at: datetime, status: str, *, now: datetime) -> None:
    """Record the restaurant's own text about the progress of the order, which stands for no step."""
    progress_order(order, status=status, step=None, at=None, report=Report(at, version_of_update(at)), now=now)


def version_of_update(at: datetime) -> str:
    """Return a source version that sorts after the notices of the same moment
    (tracker.upstream.intake.report_of_notice)."""
    return f"{at.isoformat(timespec='microseconds')} 9 by hand"
